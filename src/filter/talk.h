/*
 * What is read from an endpoint and written to it, as a conversation of packets in a capture: TCP with its beginning,
 * its acknowledgements and its end, or UDP where the endpoint keeps messages. Addresses and ports are those of the
 * socket. What has none, such as a file, a program or a UNIX socket, gets some of the nets that are reserved for
 * examples: 192.0.2.N stands for address number N, 198.51.100.x for us.
 */
#ifndef FILTER_TALK_H
#define FILTER_TALK_H

#include "filter/pcapng.h"
#include "io/stream.h"

/* An endpoint as it is seen in a capture. */
struct talk_end {
	struct stream *reader, *writer;	 /* may be the same; NULL for a direction that isn't used */
	const struct sockaddr_any *peer; /* who came, where the socket doesn't know him; or NULL */
	const char *name;		 /* of the address, kept by the caller */
	unsigned interface;
	bool inbound; /* the other side has begun it */
};

void talk_capture(struct pcapng *file, const struct talk_end *end);

#endif
