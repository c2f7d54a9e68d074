/* The option escape: the first byte of that value, and what follows it in the block, is not passed on. */
#include "filter/stop.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct stop {
	struct filter base;
	unsigned char byte;
};

static bool stop_pass(struct filter *filter, struct text *block)
{
	struct stop *stop = (struct stop *)filter;
	char *found = block->length > 0 ? memchr(block->data, stop->byte, block->length) : NULL;

	if (found == NULL)
		return false;
	block->length = (size_t)(found - block->data);
	return true;
}

static void stop_free(struct filter *filter)
{
	free(filter);
}

/* A filter that ends the data at a byte. Owned by the caller. */
struct filter *stop_at(unsigned char byte)
{
	static const struct filter_ops ops = { .pass = stop_pass, .free = stop_free };
	struct stop *stop = memory_zero(1, sizeof(*stop));

	stop->base.ops = &ops;
	stop->byte = byte;
	return &stop->base;
}
