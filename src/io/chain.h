/* An opening that goes on once a first one is done: connecting, then a handshake. */
#ifndef IO_CHAIN_H
#define IO_CHAIN_H

#include "io/opening.h"

struct opening *chain_create(struct opening *first,
	struct opening *(
		*next)(const void *context, struct endpoint *endpoint, struct error *error),
	const void *context);

#endif
