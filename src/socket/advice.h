/* What a person can do about a socket that can't be had: the one hint below the message. */
#ifndef SOCKET_ADVICE_H
#define SOCKET_ADVICE_H

#include "base/error.h"
#include "io/sockaddr.h"

void advice_connect(int number, const struct sockaddr_any *target, const char *host, int type,
	struct error *error);
void advice_bind(int number, const struct sockaddr_any *local, int type, struct error *error);

#endif
