/* What the kernel tells beside a datagram: time of arrival, TTL, destination, interface, errors. */
#ifndef IO_ANCILLARY_H
#define IO_ANCILLARY_H

#include <sys/socket.h>

#include "base/exports.h"

void ancillary_read(struct msghdr *message, struct exports *exports);

#endif
