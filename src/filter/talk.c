#include "filter/talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/system.h"

/* The first number of either side: near to its end, which whoever reads the capture has to bear sooner or later. */
#define TALK_FIRST 0xffffc000u

/* Where a socket can't be asked for it, nobody answers. */
#ifndef SO_PROTOCOL
#define SO_PROTOCOL (-1)
#endif

#define TALK_PORTS 49152 /* ports from here on are nobody's */
#define TALK_PORT_COUNT 16384

enum talk_side {
	TALK_OURS,
	TALK_THEIRS,
};

struct talk {
	struct pcapng *file;
	unsigned references;
	unsigned interface;
	int protocol;
	bool raw;		     /* the data has a header of its own */
	bool messages;		     /* each is a packet; otherwise it is a stream */
	bool invented;		     /* the addresses are */
	struct sockaddr_any ends[2]; /* by side */
	uint32_t next[2];	     /* the number of the byte that comes next from a side */
	bool over[2];		     /* a side has said that no more comes */
	bool broken;
	const char *name; /* of the address, until the first packet has told of it */
	char *comment;	  /* for the next packet, or NULL */
};

/* The tap of one of the two streams. */
struct talk_tap {
	struct tap base;
	struct talk *talk;
	struct stream *stream;
};

/* Makes an address of the nets for examples. */
static void talk_invent(struct sockaddr_any *address, uint32_t host, unsigned long port)
{
	*address = (struct sockaddr_any){
		.ip4 = { .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(host),
			.sin_port = htons((in_port_t)(TALK_PORTS + port % TALK_PORT_COUNT)) },
		.length = sizeof(struct sockaddr_in),
	};
}

/* Gives both sides addresses that no other conversation of the capture has. */
static void talk_invent_both(struct talk *talk)
{
	static unsigned long count;
	unsigned long pid = (unsigned long)getpid();

	talk->invented = true;
	talk_invent(&talk->ends[TALK_THEIRS], 0xc0000201u + talk->interface, count++);
	talk_invent(&talk->ends[TALK_OURS], 0xc6336400u + (uint32_t)(pid / TALK_PORT_COUNT % 256),
		pid);
}

/* IPv4 in IPv6 clothes is IPv4 on the wire. */
static void talk_undress(struct sockaddr_any *address)
{
	struct sockaddr_in plain = { .sin_family = AF_INET };

	if (address->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->ip6.sin6_addr))
		return;
	plain.sin_port = address->ip6.sin6_port;
	memcpy(&plain.sin_addr, address->ip6.sin6_addr.s6_addr + 12, sizeof(plain.sin_addr));
	address->ip4 = plain;
	address->length = sizeof(plain);
}

static bool talk_is_anywhere(const struct sockaddr_any *address)
{
	if (address->any.sa_family == AF_INET)
		return address->ip4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&address->ip6.sin6_addr);
}

/* Finds the address that packets to a peer leave from, where the socket has none of its own. */
static void talk_route(struct sockaddr_any *local, const struct sockaddr_any *peer)
{
	int port = sockaddr_port(local);
	struct sockaddr_any found = { .length = 0 };
	int fd = system_socket(peer->any.sa_family, SOCK_DGRAM, 0);

	if (fd < 0)
		return;
	if (call_connect(fd, &peer->any, peer->length) == 0 && sockaddr_local(fd, &found) == 0) {
		sockaddr_set_port(&found, port);
		*local = found;
	}
	call_close(fd);
}

/* Whether both are addresses of IP, and of the same version. */
static bool talk_is_ip(const struct sockaddr_any *a, const struct sockaddr_any *b)
{
	return sockaddr_port(a) >= 0 && sockaddr_port(b) >= 0 &&
		a->any.sa_family == b->any.sa_family;
}

/* Whether a descriptor can be asked for addresses. */
static bool talk_is_socket(int fd)
{
	struct stat status;

	return fd >= 0 && call_fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* Asks a socket who talks. What it doesn't tell stays invented, both addresses together. */
static void talk_ask(struct talk *talk, const struct stream *stream, bool reading,
	const struct sockaddr_any *known)
{
	const struct sockaddr_any *told = stream->ops != NULL && stream->ops->peer != NULL
		? stream->ops->peer(stream, reading)
		: NULL;
	struct sockaddr_any local = { .length = 0 }, peer = { .length = 0 };
	int fd = stream->rfd >= 0 ? stream->rfd : stream->wfd;

	if (!talk_is_socket(fd) || sockaddr_local(fd, &local) < 0)
		return;
	if (told == NULL)
		told = known;
	if (told != NULL)
		peer = *told;
	else if (sockaddr_peer(fd, &peer) < 0)
		return;
	/* a socket that isn't bound yet may have the other version */
	if (sockaddr_port(&local) < 0 || sockaddr_port(&peer) < 0)
		return;
	if (talk_is_anywhere(&local)) {
		talk_undress(&peer);
		talk_route(&local, &peer);
	}
	talk_undress(&local);
	talk_undress(&peer);
	if (!talk_is_ip(&local, &peer))
		return;
	talk->ends[TALK_OURS] = local;
	talk->ends[TALK_THEIRS] = peer;
	talk->invented = false;
}

/* Finds out who talks. */
static void talk_find(struct talk *talk, const struct stream *stream, bool reading,
	const struct sockaddr_any *known)
{
	call_because(N_("who talks to whom, for the capture"));
	talk_ask(talk, stream, reading, known);
	call_because(NULL);
}

/* Adds a packet from a side. */
static void talk_packet(struct talk *talk, enum talk_side side, unsigned flags, const void *data,
	size_t length)
{
	enum talk_side other = side == TALK_OURS ? TALK_THEIRS : TALK_OURS;
	bool numbered = (flags & (FRAME_SYN | FRAME_FIN)) != 0;

	if (talk->name != NULL && talk->invented && talk->comment == NULL)
		talk->comment = memory_print(
			"%.500s has no IP address: those of this conversation are invented",
			talk->name);
	talk->name = NULL;
	pcapng_add(talk->file,
		&(struct pcapng_note){
			.interface = talk->interface,
			.inbound = side == TALK_THEIRS,
			.comment = talk->comment,
		},
		&(struct frame){
			.from = &talk->ends[side],
			.to = &talk->ends[other],
			.protocol = talk->protocol,
			.raw = talk->raw,
			.flags = flags,
			.sequence = talk->next[side],
			.acknowledged = flags & FRAME_ACK ? talk->next[other] : 0,
			.data = data,
			.length = length,
		});
	talk->next[side] += (uint32_t)length + numbered;
	free(talk->comment);
	talk->comment = NULL;
}

/* The three packets that a connection begins with. */
static void talk_begin(struct talk *talk, bool inbound)
{
	enum talk_side caller = inbound ? TALK_THEIRS : TALK_OURS;
	enum talk_side called = inbound ? TALK_OURS : TALK_THEIRS;

	talk_packet(talk, caller, FRAME_SYN, NULL, 0);
	talk_packet(talk, called, FRAME_SYN | FRAME_ACK, NULL, 0);
	talk_packet(talk, caller, FRAME_ACK, NULL, 0);
	pcapng_flush(talk->file);
}

/* A message: a packet of its own, from or to whom it really was. */
static void talk_message(struct talk *talk, const struct stream *stream, enum talk_side side,
	const void *data, size_t length)
{
	if (stream->ops != NULL && stream->ops->peer != NULL)
		talk_find(talk, stream, side == TALK_THEIRS, NULL);
	if (length > FRAME_MOST) {
		free(talk->comment);
		talk->comment = memory_print("message of %zu bytes, cut", length);
		length = FRAME_MOST;
	}
	talk_packet(talk, side, 0, data, length);
}

/* A piece of a stream: as many segments as it takes, and the word of the other side that they have come. */
static void talk_bytes(struct talk *talk, enum talk_side side, const char *data, size_t length)
{
	size_t most = pcapng_most(talk->file);

	while (length > 0) {
		size_t part = length < most ? length : most;

		talk_packet(talk, side, FRAME_ACK | (part == length ? FRAME_PUSH : 0u), data, part);
		data += part;
		length -= part;
		if (length == 0)
			talk_packet(talk, side == TALK_OURS ? TALK_THEIRS : TALK_OURS, FRAME_ACK,
				NULL, 0);
	}
}

static void talk_data(struct tap *tap, enum talk_side side, const void *data, size_t length)
{
	const struct talk_tap *self = (const struct talk_tap *)tap;
	struct talk *talk = self->talk;

	if (talk->broken)
		return;
	if (talk->messages)
		talk_message(talk, self->stream, side, data, length);
	else
		talk_bytes(talk, side, data, length);
	pcapng_flush(talk->file);
}

static void talk_was_read(struct tap *tap, const void *data, size_t length)
{
	talk_data(tap, TALK_THEIRS, data, length);
}

static void talk_was_written(struct tap *tap, const void *data, size_t length)
{
	talk_data(tap, TALK_OURS, data, length);
}

/* A side says that no more comes from it. */
static void talk_say_end(struct talk *talk, enum talk_side side)
{
	if (talk->over[side] || talk->broken || talk->messages)
		return;
	talk->over[side] = true;
	talk_packet(talk, side, FRAME_FIN | FRAME_ACK, NULL, 0);
	talk_packet(talk, side == TALK_OURS ? TALK_THEIRS : TALK_OURS, FRAME_ACK, NULL, 0);
}

static void talk_happened(struct tap *tap, enum tap_event event)
{
	struct talk *talk = ((struct talk_tap *)tap)->talk;

	if (event == TAP_READ_END)
		talk_say_end(talk, TALK_THEIRS);
	else if (event == TAP_WRITE_END)
		talk_say_end(talk, TALK_OURS);
	else if (!talk->broken && !talk->messages)
		talk_packet(talk, TALK_THEIRS, FRAME_RST | FRAME_ACK, NULL, 0);
	talk->broken = talk->broken || (event == TAP_BROKEN && !talk->messages);
	pcapng_flush(talk->file);
}

/* The stream is closed: with the last one the conversation is over, and we are the ones who say so. */
static void talk_free(struct tap *tap)
{
	struct talk *talk = ((struct talk_tap *)tap)->talk;

	if (--talk->references == 0) {
		talk_say_end(talk, TALK_OURS);
		pcapng_flush(talk->file);
		free(talk->comment);
		free(talk);
	}
	free(tap);
}

/* Finds out what an IP packet that stands for the stream carries. */
static void talk_find_protocol(struct talk *talk, const struct stream *stream)
{
	int fd = stream->rfd >= 0 ? stream->rfd : stream->wfd, type = 0, protocol = 0;
	socklen_t length = sizeof(type);

	talk->raw = talk_is_socket(fd) &&
		call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_RAW &&
		call_getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0;
	talk->messages = talk->raw || (stream->traits & STREAM_DATAGRAM);
	talk->protocol = talk->raw ? protocol : talk->messages ? IPPROTO_UDP : IPPROTO_TCP;
}

static void talk_tap(struct talk *talk, struct stream *stream)
{
	static const struct tap_ops ops = {
		.was_read = talk_was_read,
		.was_written = talk_was_written,
		.happened = talk_happened,
		.free = talk_free,
	};
	struct talk_tap *tap = memory_zero(1, sizeof(*tap));

	tap->base.ops = &ops;
	tap->talk = talk;
	tap->stream = stream;
	talk->references++;
	tap_add(&stream->taps, &tap->base);
}

/* Has all that passes through an endpoint written to a capture, from now on until its streams are closed. */
void talk_capture(struct pcapng *file, const struct talk_end *end)
{
	struct stream *stream = end->reader != NULL ? end->reader : end->writer;
	struct talk *talk;

	if (stream == NULL)
		return;
	talk = memory_zero(1, sizeof(*talk));
	talk->file = file;
	talk->interface = end->interface;
	talk->next[TALK_OURS] = talk->next[TALK_THEIRS] = TALK_FIRST;
	talk_find_protocol(talk, stream);
	talk_invent_both(talk);
	talk_find(talk, stream, end->reader != NULL, end->peer);
	talk->name = end->name;
	talk_tap(talk, stream);
	if (end->writer != NULL && end->writer != stream)
		talk_tap(talk, end->writer);
	if (!talk->messages)
		talk_begin(talk, end->inbound);
}
