/*
 * Packets as they would have been on the wire: an IP header, a TCP or UDP header with valid checksums, data. Pure
 * bytes, no system call.
 */
#ifndef FILTER_FRAME_H
#define FILTER_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "io/sockaddr.h"

#define FRAME_MOST 65464 /* the most data that a packet of any kind has room for */

/* What a TCP header says besides its numbers. */
enum frame_flag {
	FRAME_FIN = 1 << 0,
	FRAME_SYN = 1 << 1,
	FRAME_RST = 1 << 2,
	FRAME_PUSH = 1 << 3,
	FRAME_ACK = 1 << 4,
};

struct frame {
	const struct sockaddr_any *from, *to; /* of the same family, IP or IPv6 */
	int protocol;			      /* IPPROTO_ */
	bool raw;			      /* the data has the header of the protocol already */
	unsigned flags;			      /* of TCP, as the next two */
	uint32_t sequence, acknowledged;
	const void *data;
	size_t length; /* up to FRAME_MOST */
};

void frame_add(struct text *out, const struct frame *frame);

#endif
