/*
 * A datagram socket that waits for somebody.
 *
 * RECVFROM: every packet is an endpoint of its own, whose answers go to the sender.
 *
 * Sessions: the first packet of a new sender starts one. It gets a socket that is bound to the same address and
 * connected to the sender, so that the kernel sorts the packets that follow. What was queued on the listening
 * socket before that is sorted here: packets of this sender belong to the session, those of others wait for
 * their own. So no packet is lost, and none reaches the wrong session.
 */
#include "socket/receive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/ancillary.h"
#include "io/sockaddr.h"
#include "option/settings.h"
#include "socket/admit.h"
#include "socket/listen.h"
#include "socket/make.h"
#include "socket/packet.h"
#include "socket/passive.h"
#include "socket/report.h"

#define RECEIVER_MOST \
	4096 /* packets that may wait for their sessions; the kernel drops more than that, too */

struct receiver {
	struct acceptor base;
	const struct options *options;
	struct socket_kind kind;
	struct sockaddr_any local;
	struct admission admission;
	size_t kept;		/* how many are waiting */
	struct packet *waiting; /* of senders who have no session yet, in order */
};

/* Adds a packet behind the others. */
static void receiver_keep(struct packet **list, struct packet *packet)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = packet;
}

/* The next packet of anybody who is let in, or NULL; a failure fills the error. */
static struct packet *receiver_next(struct receiver *self, struct error *error)
{
	struct packet *packet = self->waiting;

	if (packet != NULL) {
		self->waiting = packet->next;
		self->kept--;
		packet->next = NULL;
		return packet;
	}
	packet = packet_receive(self->base.fd, error);
	if (packet == NULL) {
		if (error->number == EAGAIN || error->number == ECONNREFUSED)
			error_clear(error);
		return NULL;
	}
	if (admit_peer(&self->admission, &packet->from, &self->local))
		return packet;
	packet_free(packet);
	return NULL;
}

/* Tells programs who sent the packet and what came with it. */
static void receiver_export(struct endpoint *endpoint, struct packet *packet)
{
	endpoint_more(endpoint)->exports = packet->exports;
	packet->exports = (struct exports){ 0 };
	endpoint_more(endpoint)->peer = packet->from;
}

/* Tells of a packet that begins something; fd is the socket for that. */
static void receiver_report(const struct receiver *self, enum report_event event, int fd,
	const struct packet *packet)
{
	struct sockaddr_any local = self->local;

	/* socat names the address that all of it began with */
	if (log_style() != LOG_STYLE_NETTOOL)
		sockaddr_local(fd, &local);
	report(event,
		&(struct report){
			.peer = &packet->from,
			.local = &local,
			.type = SOCK_DGRAM,
			.numeric = SETTINGS(self->options, ip)->numeric,
		});
}

/* One packet, one endpoint. The socket is shared: an endpoint has its own descriptor of it. */
static int receiver_accept_packet(struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error)
{
	struct receiver *self = (struct receiver *)acceptor;
	struct packet *packet = receiver_next(self, error);
	int fd;

	if (packet == NULL)
		return error->kind == ERROR_NONE ? 0 : -1;
	fd = call_fcntl(acceptor->fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		packet_free(packet);
		return error_system(error, errno, _("cannot duplicate descriptor %d"),
			acceptor->fd);
	}
	receiver_report(self, REPORT_PACKET, fd, packet);
	receiver_export(endpoint, packet);
	return packet_endpoint(endpoint, fd, PACKET_FROM_NOBODY, &packet->from, self->options,
		       packet, error) < 0
		? -1
		: 1;
}

/* Sorts what is queued on a socket: packets of the peer go to its session, others wait. */
static void receiver_sort(struct receiver *self, int fd, const struct sockaddr_any *peer,
	struct packet **session)
{
	struct error error = ERROR_EMPTY;
	struct packet *packet;

	for (int i = 0; i < RECEIVER_MOST && (packet = packet_receive(fd, &error)) != NULL; i++) {
		if (sockaddr_same(&packet->from, peer)) {
			receiver_keep(session, packet);
		} else if (self->kept < RECEIVER_MOST &&
			admit_peer(&self->admission, &packet->from, &self->local)) {
			receiver_keep(&self->waiting, packet);
			self->kept++;
		} else {
			packet_free(packet);
		}
	}
	error_clear(&error);
}

/* Packets of the peer that were set aside while another session began. */
static void receiver_collect(struct receiver *self, const struct sockaddr_any *peer,
	struct packet **session)
{
	struct packet **link = &self->waiting;

	while (*link != NULL) {
		struct packet *packet = *link;

		if (!sockaddr_same(&packet->from, peer)) {
			link = &packet->next;
			continue;
		}
		*link = packet->next;
		self->kept--;
		packet->next = NULL;
		receiver_keep(session, packet);
	}
}

/* A socket with the same local address that talks to one peer alone. Returns -1 with the error filled. */
static int receiver_connected(struct receiver *self, const struct packet *packet,
	struct error *error)
{
	const struct sockaddr_any *peer = &packet->from;
	struct sockaddr_any local = self->local;
	struct socket_kind kind = self->kind;
	struct option_target target;
	int on = 1;

	/* answers leave from the address that was written to, not from the one that routing prefers */
	if (packet->to.length > 0) {
		local = packet->to;
		sockaddr_set_port(&local, sockaddr_port(&self->local));
	}

	kind.family = self->local.any.sa_family;
	target = (struct option_target){ .fd = make_socket(self->options, &kind, error) };
	if (target.fd < 0)
		return -1;
	/* the sessions share the port, whatever reuseaddr= says of the listening socket */
	if (options_apply(self->options, PHASE_PREBIND, &target, error) == 0) {
		if (call_setsockopt(target.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
			call_bind(target.fd, &local.any, local.length) == 0 &&
			call_connect(target.fd, &peer->any, peer->length) == 0)
			return target.fd;
		error_system(error, errno, _("cannot connect"));
	}
	fd_close(&target.fd);
	return -1;
}

/* Starts the session of a new sender. */
static int receiver_accept_session(struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error)
{
	struct receiver *self = (struct receiver *)acceptor;
	struct packet *packet = receiver_next(self, error);
	struct option_target target;

	if (packet == NULL)
		return error->kind == ERROR_NONE ? 0 : -1;
	receiver_collect(self, &packet->from, &packet);
	receiver_sort(self, acceptor->fd, &packet->from, &packet);
	target = (struct option_target){ .fd = receiver_connected(self, packet, error) };
	if (target.fd < 0) {
		packet_free(packet);
		return -1;
	}
	/* what came between bind and connect is in the new socket, what came later is in the old one */
	receiver_sort(self, target.fd, &packet->from, &packet);
	receiver_sort(self, acceptor->fd, &packet->from, &packet);
	receiver_report(self, REPORT_HEARD, target.fd, packet);
	if (options_apply(self->options, PHASE_FD, &target, error) < 0 ||
		options_apply(self->options, PHASE_CONNECTED, &target, error) < 0 ||
		options_apply(self->options, PHASE_LATE, &target, error) < 0) {
		packet_free(packet);
		fd_close(&target.fd);
		return -1;
	}
	receiver_export(endpoint, packet);
	endpoint->empty_ends = true;
	return packet_endpoint(endpoint, target.fd, PACKET_CONNECTED, NULL, self->options, packet,
		       error) < 0
		? -1
		: 1;
}

static bool receiver_pending(const struct acceptor *acceptor)
{
	return ((const struct receiver *)acceptor)->waiting != NULL;
}

static void receiver_free(struct acceptor *acceptor)
{
	struct receiver *self = (struct receiver *)acceptor;

	packet_free(self->waiting);
	admit_free(&self->admission);
}

/* Makes an acceptor of a bound datagram socket, which becomes its own, also on failure. */
static struct acceptor *receiver_create(const struct acceptor_ops *ops,
	const struct options *options, const struct socket_kind *kind, int fd, struct error *error)
{
	struct receiver *self = memory_zero(1, sizeof(*self));

	self->base = (struct acceptor){ .ops = ops, .fd = fd };
	self->options = options;
	self->kind = *kind;
	sockaddr_local(fd, &self->local);
	if (admit_init(&self->admission, options, self->local.any.sa_family, error) < 0) {
		acceptor_close(&self->base);
		return NULL;
	}
	return &self->base;
}

/* An acceptor that yields one endpoint per packet. Owned by the caller. */
struct acceptor *receive_packets(const struct options *options, int fd, struct error *error)
{
	static const struct acceptor_ops ops = {
		.accept = receiver_accept_packet,
		.free = receiver_free,
	};
	static const struct socket_kind none;

	listen_announce(options, fd, false);
	return receiver_create(&ops, options, &none, fd, error);
}

/* An acceptor that yields one endpoint per sender. Owned by the caller. */
static struct acceptor *receive_sessions(const struct options *options,
	const struct socket_kind *kind, int fd, struct error *error)
{
	static const struct acceptor_ops ops = {
		.accept = receiver_accept_session,
		.pending = receiver_pending,
		.free = receiver_free,
	};

	ancillary_watch_local(fd, kind->family);
	listen_announce(options, fd, true);
	return receiver_create(&ops, options, kind, fd, error);
}

/*
 * Waits on a port for senders, each a session. The sessions share the port, which must therefore be reusable; without
 * fork it becomes so only after binding, so that a port in use is noticed. Owned by the caller.
 */
struct acceptor *receive_listen(const struct options *options, const struct socket_kind *kind,
	int family, const char *port, struct error *error)
{
	struct socket_kind own = *kind;
	bool fork = SETTINGS(options, child)->fork;
	int fd = passive_datagram(options, &own, family, port, fork, error);
	int on = 1;

	if (fd < 0)
		return NULL;
	if (call_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) {
		error_system(error, errno, _("cannot set %s"), "SO_REUSEADDR");
		fd_close(&fd);
		return NULL;
	}
	return receive_sessions(options, &own, fd, error);
}
