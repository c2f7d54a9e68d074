/* Datagrams with all that is known of them, and the addresses that send and receive them. */
#ifndef SOCKET_PACKET_H
#define SOCKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>

#include "io/endpoint.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/admit.h"

/* A datagram that was received before its stream existed. */
struct packet {
	struct packet *next;
	struct sockaddr_any from;
	struct sockaddr_any to; /* which of our addresses, without the port; length 0: unknown */
	struct exports exports;
	size_t length;
	unsigned char *data;
};

/* From whom a datagram stream takes packets. */
enum packet_source {
	PACKET_FROM_NOBODY, /* reading is over once the packets it came with are read */
	PACKET_FROM_PEER,   /* from exactly the address it sends to */
	PACKET_FROM_ALL,    /* from everybody whom the options admit */
	PACKET_CONNECTED,   /* the kernel sees to it */
};

struct packet *packet_receive(int fd, struct error *error);
void packet_free(struct packet *packet);

int packet_endpoint(struct endpoint *endpoint, int fd, enum packet_source source,
	const struct sockaddr_any *to, const struct options *options, struct packet *first,
	struct error *error);

#endif
