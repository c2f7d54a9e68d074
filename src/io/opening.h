/*
 * An endpoint on its way to being open, for whoever has a loop of his own: connecting takes time, and poll tells
 * when to look again. opening_wait is for those who have nothing else to do.
 */
#ifndef IO_OPENING_H
#define IO_OPENING_H

#include "base/error.h"
#include "io/endpoint.h"
#include "io/pollset.h"

struct opening;

struct opening_ops {
	/* asks poll for what it waits for, and until when */
	void (*prepare)(struct opening *opening, struct pollset *set);
	/* goes on; 1: the endpoint is open, 0: not yet, -1: it failed, with the error filled */
	int (*step)(struct opening *opening, const struct pollset *set, struct endpoint *endpoint,
		struct error *error);
	void (*free)(struct opening *opening);
};

struct opening {
	const struct opening_ops *ops;
	size_t slot; /* what prepare has asked for */
};

int opening_wait(struct opening *opening, struct endpoint *endpoint, struct error *error);
void opening_free(struct opening *opening);

#endif
