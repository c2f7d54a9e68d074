/* Sockets that listen, and the connections they yield. */
#ifndef SOCKET_LISTEN_H
#define SOCKET_LISTEN_H

#include "io/endpoint.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/kind.h"

int listen_bound(const struct options *options, const struct socket_kind *kind,
	const struct sockaddr_any *local, struct error *error);
struct acceptor *listen_acceptor(const struct options *options, int fd, struct error *error);
void listen_announce(const struct options *options, int fd, bool waits);

#endif
