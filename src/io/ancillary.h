/* What the kernel tells beside a datagram: time of arrival, TTL, destination, interface, errors. */
#ifndef IO_ANCILLARY_H
#define IO_ANCILLARY_H

#include <stddef.h>
#include <sys/socket.h>

#include "base/exports.h"
#include "io/sockaddr.h"

void ancillary_read(struct msghdr *message, struct exports *exports);

/* What only some systems tell: ancillary_linux.c or ancillary_none.c. */
void ancillary_read_more(int level, int type, const void *data, size_t length,
	struct exports *exports);

/* Has a datagram socket tell to which of our addresses its packets were sent, and reads that. */
long ancillary_user(int fd); /* at the other end of a UNIX socket; -1: unknown */
void ancillary_watch_local(int fd, int family);
void ancillary_local(struct msghdr *message, struct sockaddr_any *local);

/* For ancillary_linux.c. */
void ancillary_tell(struct exports *exports, const char *type, const char *name,
	const char *variable, const char *value);
void ancillary_host(int family, const void *host, const char *type, const char *name,
	const char *variable, struct exports *exports);
void ancillary_interface(unsigned index, const char *type, const char *variable,
	struct exports *exports);

#endif
