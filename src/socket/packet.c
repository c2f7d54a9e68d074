#include "socket/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/system.h"
#include "io/ancillary.h"

#define PACKET_MOST 65536 /* no datagram of UDP or of a UNIX socket's default buffer is larger */
#define PACKET_CONTROL 1024

struct packet_stream {
	struct stream base;
	enum packet_source source;
	struct sockaddr_any to; /* length 0: the socket is connected, or nobody to answer */
	struct admission admission;
	struct packet *waiting;
	struct sockaddr_any
		*last; /* who sent what was read last, while taps want to know it; or NULL */
};

/* Receives one datagram and what the kernel tells beside it. Returns as recvmsg does, without EINTR. */
static ssize_t packet_recvmsg(int fd, void *data, size_t size, struct sockaddr_any *from,
	struct sockaddr_any *to, struct exports *exports)
{
	_Alignas(struct cmsghdr) unsigned char control[PACKET_CONTROL];
	struct iovec part = { .iov_base = data, .iov_len = size };
	struct msghdr message = {
		.msg_name = &from->storage,
		.msg_namelen = sizeof(from->storage),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	char text[SOCKADDR_TEXT];
	ssize_t n;

	do {
		n = call_recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return n;
	from->length = message.msg_namelen;
	if (from->length == 0) { /* the sender of a UNIX socket without a name */
		from->any.sa_family = AF_UNIX;
		from->length = sizeof(from->any.sa_family);
	}
	log_notice("received packet with %zd bytes from %s", n, sockaddr_classic(from, text));
	if (message.msg_controllen > 0)
		ancillary_read(&message, exports);
	if (to != NULL)
		ancillary_local(&message, to);
	if ((size_t)n > size) {
		log_warning(P_("a datagram of %zd byte was cut to %zu (see option -b)",
				    "a datagram of %zd bytes was cut to %zu (see option -b)",
				    (size_t)n),
			n, size);
		return (ssize_t)size;
	}
	return n;
}

/* Takes one waiting datagram off a socket. NULL with errno in the error if there is none. Owned by the caller. */
struct packet *packet_receive(int fd, struct error *error)
{
	struct packet *packet = memory_zero(1, sizeof(*packet));
	unsigned char *data = memory_alloc(PACKET_MOST);
	ssize_t n = packet_recvmsg(fd, data, PACKET_MOST, &packet->from, &packet->to,
		&packet->exports);

	if (n < 0) {
		error_system(error, errno, _("cannot receive"));
		free(data);
		packet_free(packet);
		return NULL;
	}
	packet->length = (size_t)n;
	packet->data = memory_resize(data, packet->length);
	return packet;
}

/* Frees a packet and all behind it. */
void packet_free(struct packet *packet)
{
	while (packet != NULL) {
		struct packet *next = packet->next;

		exports_free(&packet->exports);
		free(packet->data);
		free(packet);
		packet = next;
	}
}

/* Notes who has sent what is read, for those who look on. */
static void packet_note(struct packet_stream *self, const struct sockaddr_any *from)
{
	if (self->base.taps == NULL)
		return;
	if (self->last == NULL)
		self->last = memory_alloc(sizeof(*self->last));
	*self->last = *from;
}

/* Whom we have to do with: the sender of what was read last, or who gets what is written. */
static const struct sockaddr_any *packet_peer(const struct stream *stream, bool reading)
{
	const struct packet_stream *self = (const struct packet_stream *)stream;

	if (reading)
		return self->last;
	return self->to.length > 0 ? &self->to : NULL;
}

/* Reads a packet that came before the stream did. */
static ssize_t packet_read_waiting(struct packet_stream *self, void *data, size_t size)
{
	struct packet *packet = self->waiting;
	size_t length = packet->length < size ? packet->length : size;

	if (packet->length > size)
		log_warning(P_("a datagram of %zu byte was cut to %zu (see option -b)",
				    "a datagram of %zu bytes was cut to %zu (see option -b)",
				    packet->length),
			packet->length, size);
	memcpy(data, packet->data, length);
	packet_note(self, &packet->from);
	self->waiting = packet->next;
	packet->next = NULL;
	packet_free(packet);
	return (ssize_t)length;
}

/* Whether a packet from there is for us. */
static bool packet_is_welcome(const struct packet_stream *self, const struct sockaddr_any *from)
{
	struct sockaddr_any local;

	if (self->source == PACKET_CONNECTED)
		return true;
	if (self->source == PACKET_FROM_PEER)
		return sockaddr_same(from, &self->to);
	sockaddr_local(self->base.rfd, &local);
	return admit_peer(&self->admission, from, &local);
}

static ssize_t packet_read(struct stream *stream, void *data, size_t size)
{
	struct packet_stream *self = (struct packet_stream *)stream;
	struct sockaddr_any from;
	ssize_t n;

	if (self->waiting != NULL)
		return packet_read_waiting(self, data, size);
	if (self->source == PACKET_FROM_NOBODY)
		return STREAM_END;
	n = packet_recvmsg(stream->rfd, data, size, &from, NULL, NULL);
	if (n >= 0 && !packet_is_welcome(self, &from)) {
		errno = EAGAIN;
		return -1;
	}
	if (n >= 0)
		packet_note(self, &from);
	return n;
}

static ssize_t packet_write(struct stream *stream, const void *data, size_t size)
{
	const struct packet_stream *self = (const struct packet_stream *)stream;
	const struct sockaddr *to = self->to.length > 0 ? &self->to.any : NULL;
	ssize_t n;

	do {
		n = call_sendto(stream->wfd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, to,
			self->to.length);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* A packet that came first is there without polling, and so is the end where nothing else may come. */
static bool packet_pending(const struct stream *stream)
{
	const struct packet_stream *self = (const struct packet_stream *)stream;

	return self->waiting != NULL || self->source == PACKET_FROM_NOBODY;
}

static void packet_close(struct stream *stream)
{
	struct packet_stream *self = (struct packet_stream *)stream;

	packet_free(self->waiting);
	self->waiting = NULL;
	free(self->last);
	self->last = NULL;
	admit_free(&self->admission);
}

/*
 * Makes an endpoint of a datagram socket. It sends to the given address (NULL: the socket is connected) and
 * takes packets as source says; those that came first are read first. Socket and packets become the
 * endpoint's, also on failure.
 */
int packet_endpoint(struct endpoint *endpoint, int fd, enum packet_source source,
	const struct sockaddr_any *to, const struct options *options, struct packet *first,
	struct error *error)
{
	static const struct stream_ops ops = {
		.read = packet_read,
		.write = packet_write,
		.pending = packet_pending,
		.peer = packet_peer,
		.close = packet_close,
	};
	struct packet_stream *self = memory_zero(1, sizeof(*self));
	struct sockaddr_any local;

	self->source = source;
	self->waiting = first;
	if (to != NULL && to->length > sizeof(to->any.sa_family))
		self->to = *to;
	sockaddr_local(fd, &local);
	if (stream_open(&self->base, fd, fd, 0) < 0) {
		error_system(error, errno, _("cannot use descriptor %d"), fd);
	} else if (source != PACKET_FROM_ALL ||
		admit_init(&self->admission, options, local.any.sa_family, error) == 0) {
		self->base.ops = &ops;
		if (source == PACKET_FROM_NOBODY)
			self->base.traits |= STREAM_ENDS | STREAM_SHARED;
		/* sourceport and lowport of a sender are about its own port */
		self->admission.any_port = to != NULL;
		endpoint_use(endpoint, &self->base);
		return 0;
	}
	packet_free(first);
	free(self);
	fd_close(&fd);
	return -1;
}
