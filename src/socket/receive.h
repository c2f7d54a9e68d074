/* Passive datagram addresses: RECVFROM, which takes one packet per endpoint, and UDP-LISTEN's sessions. */
#ifndef SOCKET_RECEIVE_H
#define SOCKET_RECEIVE_H

#include "io/endpoint.h"
#include "option/options.h"
#include "socket/kind.h"

struct acceptor *receive_packets(const struct options *options, int fd, struct error *error);
struct acceptor *receive_listen(const struct options *options, const struct socket_kind *kind,
	int family, const char *port, struct error *error);

#endif
