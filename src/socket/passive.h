/* The local address of a passive IP address, and sockets that wait there. */
#ifndef SOCKET_PASSIVE_H
#define SOCKET_PASSIVE_H

#include "base/error.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/kind.h"

int passive_stream(const struct options *options, const struct socket_kind *kind, int family,
	const char *port, struct error *error);
int passive_datagram(const struct options *options, struct socket_kind *kind, int family,
	const char *port, bool reuse_address, struct error *error);

#endif
