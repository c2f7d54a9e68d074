#include "socket/listen.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/system.h"
#include "option/settings.h"
#include "socket/admit.h"
#include "socket/advice.h"
#include "socket/entry.h"
#include "socket/make.h"
#include "socket/report.h"

struct listener {
	struct acceptor base;
	const struct options *options;
	struct admission admission;
	int type;
	bool named; /* owner and mode are those of the entry */
};

/* Makes a socket that is bound to an address, to be listened on. Returns -1 with the error filled. */
int listen_bound(const struct options *options, const struct socket_kind *kind,
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
	if (make_bound(options, target.fd, local, reuse, error) == 0)
		return target.fd;
	fd_close(&target.fd);
	return -1;
}

/* Says why a socket can't listen: most often for the same reasons that another isn't bound. */
static int listen_failed(int fd, int number, struct error *error)
{
	struct sockaddr_any local;

	sockaddr_local(fd, &local);
	error_system(error, number, _("cannot listen"));
	advice_bind(number, &local, SOCK_STREAM, error);
	return report_failure(REPORT_NOT_BOUND,
		&(struct report){ .local = &local, .number = number }, error);
}

/* Listens on a bound socket; one that was inherited does so already. */
static int listen_begin(const struct options *options, int fd, struct error *error)
{
	struct option_target target = { .fd = fd };
	int listening = 0, result;
	socklen_t length = sizeof(listening);

	if (call_getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening)
		return 0;
	if (options_apply(options, PHASE_LISTEN, &target, error) < 0)
		return -1;
	options_because(options, "backlog");
	result = call_listen(fd, SETTINGS(options, listen)->backlog);
	call_because(NULL);
	return result < 0 ? listen_failed(fd, errno, error) : 0;
}

/* Says where a socket waits for somebody, or takes what comes from anybody. */
void listen_announce(const struct options *options, int fd, bool waits)
{
	struct sockaddr_any local;
	struct report facts = { .local = &local, .numeric = SETTINGS(options, ip)->numeric };
	socklen_t length = sizeof(facts.type);

	if (!log_tells() || sockaddr_local(fd, &local) < 0)
		return;
	call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &facts.type, &length);
	if (!waits)
		report(REPORT_BOUND, &facts);
	else
		report(facts.type == SOCK_DGRAM ? REPORT_WAITING : REPORT_LISTENING, &facts);
}

/* Takes one connection. A peer that vanished meanwhile is nobody's failure. */
static int listener_accept(struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error)
{
	struct listener *listener = (struct listener *)acceptor;
	struct sockaddr_any peer = { .length = sizeof(peer.storage) };
	struct sockaddr_any local = { .length = 0 };
	struct option_target target;
	struct report facts = { .peer = &peer, .local = &local, .type = listener->type };
	int fd = system_accept(acceptor->fd, &peer.any, &peer.length);

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED || errno == EPROTO)
			return 0;
		return error_system(error, errno, _("cannot accept a connection"));
	}
	target = (struct option_target){ .fd = fd_above_standard(fd) };
	if (listener->admission.wrapped || log_tells())
		sockaddr_local(target.fd, &local);
	facts.numeric = SETTINGS(listener->options, ip)->numeric;
	report(REPORT_ACCEPTED, &facts);
	if (!admit_peer(&listener->admission, &peer, &local)) {
		call_shutdown(target.fd, SHUT_RDWR);
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
 * Makes an acceptor of a bound or listening socket, which becomes its own; it listens once it is known who may come.
 * Owned by the caller; NULL with the error filled on failure, the socket is closed then.
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
	call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &listener->type, &length);
	if (admit_init(&listener->admission, options, local.any.sa_family, error) < 0 ||
		listen_begin(options, fd, error) < 0) {
		acceptor_close(&listener->base);
		return NULL;
	}
	listen_announce(options, fd, true);
	return &listener->base;
}
