/*
 * What changes or watches data on its way through a flow. A filter sees each block once, between reading and
 * queueing, so it never meets a partial write and may let the block grow or shrink.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>

#include "base/text.h"

struct filter {
	const struct filter_ops *ops;
	struct filter *next;
};

struct filter_ops {
	/* Changes the block in place; true: the data ends with what is left of it. */
	bool (*pass)(struct filter *filter, struct text *block);
	/* Adds what whoever sends the data is to be told, once; NULL: nothing ever. */
	void (*answer)(struct filter *filter, struct text *answer);
	void (*free)(struct filter *filter);
};

void filter_append(struct filter **chain, struct filter *filter);
bool filter_pass(struct filter *chain, struct text *block);
void filter_answer(struct filter *chain, struct text *answer);
void filter_free(struct filter *chain);

#endif
