/* Which sockets an address makes, before options have their say. */
#ifndef SOCKET_KIND_H
#define SOCKET_KIND_H

struct socket_kind {
	int family; /* AF_UNSPEC: IPv4 or IPv6 */
	int type;
	int protocol;
};

#endif
