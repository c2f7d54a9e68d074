/* An opening that goes on once a first one is done: connecting, then a handshake. */
#ifndef IO_CHAIN_H
#define IO_CHAIN_H

#include "io/opening.h"

/* What is to be done with an endpoint that has just been opened. Owned by the caller; NULL with the error filled. */
typedef struct opening *chain_next(const void *context, struct endpoint *endpoint,
	struct error *error);

struct opening *chain_create(struct opening *first, chain_next *next, const void *context);

#endif
