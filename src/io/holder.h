/* Which process holds a port, as far as /proc tells us. */
#ifndef IO_HOLDER_H
#define IO_HOLDER_H

#include "base/text.h"
#include "io/sockaddr.h"

bool holder_waits(const struct sockaddr_any *local, int type);
bool holder_lingers(const struct sockaddr_any *local);
bool holder_of_port(const struct sockaddr_any *local, int type, struct text *out);

#endif
