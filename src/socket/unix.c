#include "socket/unix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/system.h"
#include "option/settings.h"
#include "socket/dial.h"
#include "socket/entry.h"
#include "socket/make.h"
#include "socket/packet.h"

#define UNIX_TEMPLATE "/tmp/nettool.XXXXXX"
#define UNIX_TRIES 100 /* random names that may be taken before we give up */

/* Makes the address of a name as the options want it. */
int unix_name(const struct options *options, const char *name, size_t length, bool abstract,
	struct sockaddr_any *address, struct error *error)
{
	return sockaddr_unix(address, name, length, abstract, SETTINGS(options, unix)->tight_length,
		error);
}

/* Replaces the Xs of a template by random letters. */
static void unix_fill_template(char *name, size_t at)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[6] = { 0 };

	if (system_random(random, sizeof(random)) < 0)
		random[0] = (unsigned char)getpid();
	for (size_t i = 0; i < sizeof(random); i++)
		name[at + i] = letters[random[i] % (sizeof(letters) - 1)];
}

/* Binds to a name made from a template, until one is free. */
static int unix_bind_temporary(const struct options *options, int fd, bool abstract,
	const char *template, struct endpoint *endpoint, struct error *error)
{
	char *name = memory_string(template[0] != '\0' ? template : UNIX_TEMPLATE);
	const char *place = strstr(name, "XXXXXX");
	struct sockaddr_any address;
	int result = -1;

	if (place == NULL)
		error_usage(error, _("bind-tempname=%s: the template needs XXXXXX in its place"),
			name);
	for (int i = 0; place != NULL && i < UNIX_TRIES && result < 0; i++) {
		error_clear(error);
		unix_fill_template(name, (size_t)(place - name));
		result = unix_name(options, name, strlen(name), abstract, &address, error);
		if (result == 0)
			result = make_bound(options, fd, &address, false, error);
		if (result < 0 && error->number != EADDRINUSE)
			break;
	}
	if (result == 0 && !abstract)
		endpoint_unlink(endpoint, name);
	free(name);
	return result;
}

/* Gives a client's socket the name that bind or bind-tempname asks for; its file goes with the endpoint. */
int unix_bind_client(const struct options *options, int fd, bool abstract,
	struct endpoint *endpoint, struct error *error)
{
	const char *path = SETTINGS(options, socket)->bind;
	const char *template = SETTINGS(options, unix)->bind_temporary;
	struct sockaddr_any address;

	if (path != NULL && template != NULL)
		return error_usage(error, _("do not use both options bind and unix-bind-tempname"));
	if (template != NULL)
		return unix_bind_temporary(options, fd, abstract, template, endpoint, error);
	if (path == NULL)
		return 0;
	if (SETTINGS(options, name)->unlink_early && !abstract)
		unlink(path);
	if (unix_name(options, path, strlen(path), abstract, &address, error) < 0 ||
		make_bound(options, fd, &address, false, error) < 0)
		return -1;
	if (!abstract && SETTINGS(options, name)->unlink_close != 0)
		endpoint_unlink(endpoint, path);
	return abstract ? 0 : entry_own(options, path, true, error);
}

/* The name of a client, and the endpoint that removes it. */
struct unix_binding {
	bool abstract;
	struct endpoint *endpoint;
};

static int unix_dial_bind(struct dial *dial, int family, struct error *error)
{
	const struct unix_binding *binding = dial->context;

	(void)family;
	return unix_bind_client(dial->options, dial->fd, binding->abstract, binding->endpoint,
		error);
}

/* Connects one kind of socket. */
int unix_connect(const struct options *options, const struct socket_kind *kind,
	const struct sockaddr_any *target, bool abstract, struct endpoint *endpoint,
	struct error *error)
{
	struct unix_binding binding = { abstract, endpoint };
	struct dial dial;
	int fd;

	dial_init(&dial, options, kind);
	dial.bind = unix_dial_bind;
	dial.context = &binding;
	dial.targets.addresses = memory_copy(target, sizeof(*target));
	dial.targets.count = 1;
	fd = dial_wait(&dial, error);
	dial_free(&dial);
	if (fd < 0)
		return -1;
	endpoint_open_socket(endpoint, fd, kind->type);
	return 0;
}

/* Connects to a socket of unknown kind: a stream, then sequenced packets, then datagrams. */
int unix_client(const struct options *options, const struct sockaddr_any *target, bool abstract,
	struct endpoint *endpoint, struct error *error)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct socket_kind kind = { .family = AF_UNIX, .type = -1 };

	make_kind(options, &kind);
	if (kind.type >= 0)
		return unix_connect(options, &kind, target, abstract, endpoint, error);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		kind.type = types[i];
		if (unix_connect(options, &kind, target, abstract, endpoint, error) == 0) {
			error_clear(error);
			return 0;
		}
		if (error->number != EPROTOTYPE && error->number != EPROTONOSUPPORT)
			break;
		endpoint_close(endpoint); /* the next try binds the name again */
	}
	return -1;
}

/* Sees to it that a path is free to be bound: what is there is removed if asked for, or an error. */
int unix_prepare_path(const struct options *options, const char *path, struct error *error)
{
	struct stat status;

	if (entry_prepare(options, path, error) < 0)
		return -1;
	if (lstat(path, &status) == 0) {
		error_failed(error, _("\"%s\" exists"), path);
		error_hint(error,
			_("if no program uses it any more, remove it or add the option unlink-early"));
		return -1;
	}
	return 0;
}
