#include "socket/listen.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/system.h"
#include "option/settings.h"
#include "socket/admit.h"
#include "socket/entry.h"
#include "socket/make.h"

struct listener {
	struct acceptor base;
	const struct options *options;
	struct admission admission;
	int type;
	bool named; /* owner and mode are those of the entry */
};

/* Makes a socket that listens on an address. Returns -1 with the error filled. */
int listen_on(const struct options *options, const struct socket_kind *kind,
	const struct sockaddr_any *local, struct error *error)
{
	struct socket_kind own = *kind;
	struct option_target target;
	bool reuse = own.protocol == IPPROTO_TCP ||
		(own.protocol == 0 && own.type == SOCK_STREAM && local->any.sa_family != AF_UNIX);

	own.family = local->any.sa_family;
	target = (struct option_target){ .fd = make_socket(options, &own, error) };
	if (target.fd < 0)
		return -1;
	if (make_bound(options, target.fd, local, reuse, error) == 0 &&
		options_apply(options, PHASE_LISTEN, &target, error) == 0) {
		if (listen(target.fd, SETTINGS(options, listen)->backlog) == 0)
			return target.fd;
		error_system(error, errno, _("cannot listen"));
	}
	fd_close(&target.fd);
	return -1;
}

/* Says in the log where a socket waits; the line ends with the port, which scripts look for. */
void listen_announce(int fd, bool waits)
{
	struct sockaddr_any local;
	char text[SOCKADDR_TEXT];

	if (sockaddr_local(fd, &local) == 0)
		log_notice("%s %s", waits ? "listening on" : "bound to",
			sockaddr_classic(&local, text));
}

/* Takes one connection. A peer that vanished meanwhile is nobody's failure. */
static int listener_accept(struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error)
{
	struct listener *listener = (struct listener *)acceptor;
	struct sockaddr_any peer = { .length = sizeof(peer.storage) };
	struct sockaddr_any local = { .length = 0 };
	struct option_target target;
	char peer_text[SOCKADDR_TEXT], local_text[SOCKADDR_TEXT];
	int fd = system_accept(acceptor->fd, &peer.any, &peer.length);

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
			return 0;
		return error_system(error, errno, _("cannot accept a connection"));
	}
	target = (struct option_target){ .fd = fd_above_standard(fd) };
	if (listener->admission.wrapped || log_shows(LOG_LEVEL_NOTICE))
		sockaddr_local(target.fd, &local);
	log_notice("accepting connection from %s on %s", sockaddr_classic(&peer, peer_text),
		sockaddr_classic(&local, local_text));
	if (!admit_peer(&listener->admission, &peer, &local)) {
		shutdown(target.fd, SHUT_RDWR);
		fd_close(&target.fd);
		return 0;
	}
	if (options_apply(listener->options, PHASE_FD, &target, error) < 0 ||
		options_apply(listener->options, PHASE_CONNECTED, &target, error) < 0 ||
		options_apply(listener->options, PHASE_LATE, &target, error) < 0 ||
		entry_own_descriptor(listener->options, target.fd, listener->named, error) < 0) {
		fd_close(&target.fd);
		return -1;
	}
	endpoint_open_socket(endpoint, target.fd, listener->type);
	endpoint_more(endpoint)->peer = peer;
	return 1;
}

static void listener_free(struct acceptor *acceptor)
{
	admit_free(&((struct listener *)acceptor)->admission);
}

/*
 * Makes an acceptor of a listening socket, which becomes its own. Owned by the caller; NULL with the error
 * filled on failure, the socket is closed then.
 */
struct acceptor *listen_acceptor(const struct options *options, int fd, struct error *error)
{
	static const struct acceptor_ops ops = { .accept = listener_accept, .free = listener_free };
	struct listener *listener = memory_zero(1, sizeof(*listener));
	socklen_t length = sizeof(listener->type);
	struct sockaddr_any local;

	listener->base = (struct acceptor){ .ops = &ops, .fd = fd };
	listener->options = options;
	sockaddr_local(fd, &local);
	listener->named = local.any.sa_family == AF_UNIX && local.local.sun_path[0] != '\0';
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &listener->type, &length);
	if (admit_init(&listener->admission, options, local.any.sa_family, error) < 0) {
		acceptor_close(&listener->base);
		return NULL;
	}
	listen_announce(fd, true);
	return &listener->base;
}
