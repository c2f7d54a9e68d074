#include "socket/advice.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intl.h"
#include "base/log.h"
#include "io/holder.h"

#define ADVICE_PRIVILEGED 1024

/* Whether anybody reads hints: finding them may take a look around. */
static bool advice_is_wanted(void)
{
	return !log_is_classic() && log_style() == LOG_STYLE_NETTOOL && isatty(STDERR_FILENO);
}

/* A path that nobody answers at. */
static void advice_connect_path(int number, const char *path, struct error *error)
{
	struct stat status;

	if (path[0] != '\0' && stat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		error_hint(error, _("that is no socket; OPEN:%s opens it"), path);
	else if (path[0] == '\0')
		error_hint(error, _("nobody listens under that name; start the server first"));
	else if (number == ECONNREFUSED)
		error_hint(error,
			_("nobody listens there any more; the file is left over from a server that has ended"));
	else if (number == ENOENT)
		error_hint(error, _("there is no such file; start the server first"));
	else if (number == EPROTOTYPE)
		error_hint(error,
			_("the other side has another kind of socket: UNIX-SENDTO sends datagrams"));
	else if (number == EACCES)
		error_hint(error,
			_("whoever connects needs the right to write to %s, and to pass through its folders"),
			path);
}

/* Fills in the hint for a connection that didn't come about. */
void advice_connect(int number, const struct sockaddr_any *target, const char *host, int type,
	struct error *error)
{
	char text[SOCKADDR_TEXT];
	int port;

	if (!advice_is_wanted())
		return;
	if (target->any.sa_family == AF_UNIX) {
		advice_connect_path(number,
			target->length > offsetof(struct sockaddr_un, sun_path)
				? target->local.sun_path
				: "",
			error);
		return;
	}
	port = sockaddr_port(target);
	if (host == NULL)
		host = sockaddr_host(target, text);
	switch (number) {
	case ECONNREFUSED:
		error_hint(error,
			type == SOCK_STREAM
				? _("nothing listens on port %d of %s; start the server first")
				: _("nothing receives on port %d of %s; start the receiver first"),
			port, host);
		break;
	case ETIMEDOUT:
		error_hint(error,
			_("%s doesn't answer: it may be off, or a firewall drops what comes for port %d"),
			host, port);
		break;
	case ENETUNREACH:
		error_hint(error,
			target->any.sa_family == AF_INET6
				? _("this machine has no way to IPv6 addresses; try option pf=ip4")
				: _("this machine has no way to %s; is the network up?"),
			host);
		break;
	case EHOSTUNREACH:
		error_hint(error,
			_("there is a way to the network of %s, but nobody answers there"), host);
		break;
	case EACCES:
	case EPERM:
		error_hint(error,
			type == SOCK_DGRAM ? _("a broadcast address needs option broadcast")
					   : _("a firewall of this machine forbids it"));
		break;
	default:
		break;
	}
}

/* A port that somebody has. */
static void advice_in_use(const struct sockaddr_any *local, int type, struct error *error)
{
	struct text holder = TEXT_EMPTY;

	if (holder_of_port(local, type, &holder))
		error_hint(error, _("port %d is held by %s; end that, or take another port"),
			sockaddr_port(local), holder.data);
	else
		error_hint(error, _("somebody has port %d already; take another, or 0 for any"),
			sockaddr_port(local));
	text_free(&holder);
}

/* Fills in the hint for a local address that couldn't be had. */
void advice_bind(int number, const struct sockaddr_any *local, int type, struct error *error)
{
	char text[SOCKADDR_TEXT];
	bool internet = local->any.sa_family == AF_INET || local->any.sa_family == AF_INET6;

	if (!advice_is_wanted())
		return;
	if (internet && number == EADDRINUSE)
		advice_in_use(local, type, error);
	else if (internet && number == EACCES && sockaddr_port(local) < ADVICE_PRIVILEGED)
		error_hint(error, _("ports below %d are for root; take one from %d on"),
			ADVICE_PRIVILEGED, ADVICE_PRIVILEGED);
	else if (internet && number == EADDRNOTAVAIL)
		error_hint(error,
			_("no interface of this machine has the address %s; \"ip address\" lists them"),
			sockaddr_host(local, text));
	else if (!internet && number == EADDRINUSE)
		error_hint(error, _("somebody uses that name already"));
	else if (!internet && number == ENOENT)
		error_hint(error, _("the folder in which the socket is to be is missing"));
	else if (!internet && (number == EACCES || number == EROFS))
		error_hint(error, _("you cannot create anything in that folder"));
}
