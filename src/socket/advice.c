#include "socket/advice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intl.h"
#include "base/log.h"
#include "io/holder.h"
#include "io/path.h"

#define ADVICE_PRIVILEGED 1024

/* Whether anybody reads hints: finding them may take a look around. */
static bool advice_is_wanted(void)
{
	return !log_is_classic() && log_style() == LOG_STYLE_NETTOOL && isatty(STDERR_FILENO);
}

/* A path that isn't there. */
static void advice_missing_path(const char *path, struct error *error)
{
	path_hint(path, O_CREAT, ENOENT, error);
	if (error->hint == NULL)
		error_hint(error, _("there is no such file; start the server first"));
}

/* A path that nobody answers at. */
static void advice_connect_path(int number, const char *path, struct error *error)
{
	struct stat status;

	if (path[0] != '\0' && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		error_hint(error, _("that is a folder; name a socket in it"));
	else if (path[0] != '\0' && stat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		error_hint(error, _("that is no socket; OPEN:%s opens it"), path);
	else if (path[0] == '\0')
		error_hint(error, _("nobody listens under that name; start the server first"));
	else if (number == ECONNREFUSED)
		error_hint(error,
			_("nobody listens there any more; the file is left over from a server that has ended"));
	else if (number == ENOENT)
		advice_missing_path(path, error);
	else if (number == EPROTOTYPE)
		error_hint(error,
			_("the other side has another kind of socket: UNIX-SENDTO sends datagrams"));
	else if (number == EACCES)
		error_hint(error,
			_("whoever connects needs the right to write to %s, and to pass through its folders"),
			path);
}

/* Whether an address is one of this machine alone. */
static bool advice_is_loopback(const struct sockaddr_any *target)
{
	if (target->any.sa_family == AF_INET)
		return ntohl(target->ip4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&target->ip6.sin6_addr);
}

/* A port where nobody waits, unless it is for the other protocol. */
static void advice_refused(const struct sockaddr_any *target, const char *host, int type,
	struct error *error)
{
	int port = sockaddr_port(target);
	bool stream = type == SOCK_STREAM;

	if (advice_is_loopback(target) && holder_waits(target, stream ? SOCK_DGRAM : SOCK_STREAM))
		error_hint(error,
			stream ? _("on port %d somebody waits for UDP: UDP:%s:%d")
			       : _("on port %d somebody waits for TCP: TCP:%s:%d"),
			port, host, port);
	else
		error_hint(error,
			stream ? _("nothing listens on port %d of %s; start the server first")
			       : _("nothing receives on port %d of %s; start the receiver first"),
			port, host);
}

/* An address to which no connection is possible at all. Returns whether it is one. */
static bool advice_unreachable(const struct sockaddr_any *target, const char *host, int type,
	struct error *error)
{
	bool ip6 = target->any.sa_family == AF_INET6;
	uint32_t number = ip6 ? 0 : ntohl(target->ip4.sin_addr.s_addr);

	if (ip6 && IN6_IS_ADDR_LINKLOCAL(&target->ip6.sin6_addr) && target->ip6.sin6_scope_id == 0)
		error_hint(error, _("a link-local address needs its interface: [%.*s%%eth0]"),
			(int)strcspn(host + (host[0] == '['), "]"), host + (host[0] == '['));
	else if (type == SOCK_STREAM && number == INADDR_BROADCAST)
		error_hint(error, _("a connection leads to one host; UDP-DATAGRAM reaches all"));
	else if (type == SOCK_STREAM &&
		(ip6 ? IN6_IS_ADDR_MULTICAST(&target->ip6.sin6_addr) : IN_MULTICAST(number)))
		error_hint(error,
			_("a connection leads to one host; UDP-DATAGRAM reaches the group %s"),
			host);
	else
		return false;
	return true;
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
	if (advice_unreachable(target, host, type, error))
		return;
	switch (number) {
	case ECONNREFUSED:
		advice_refused(target, host, type, error);
		break;
	case ETIMEDOUT:
		error_hint(error,
			_("%s doesn't answer: it may be off, or a firewall drops what comes for port %d"),
			host, port);
		break;
	case EADDRNOTAVAIL: /* we have no address of that kind to speak from */
	case ENETUNREACH:
		error_hint(error,
			target->any.sa_family == AF_INET6 && strchr(host, ':') == NULL
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
	else if (type == SOCK_STREAM && holder_lingers(local))
		error_hint(error,
			_("an earlier connection of port %d isn't forgotten yet; option reuseaddr ignores it"),
			sockaddr_port(local));
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
	else if (!internet &&
		(number == ENOENT || number == ENOTDIR || number == EACCES || number == EROFS) &&
		local->local.sun_path[0] != '\0')
		path_hint(local->local.sun_path, O_WRONLY | O_CREAT, number, error);
}
