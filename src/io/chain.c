#include "io/chain.h"

#include <stdlib.h>

#include "base/memory.h"

struct chain {
	struct opening base;
	struct opening *now; /* owned */
	/* what is to be done with the endpoint that was opened; NULL once that has begun */
	struct opening *(
		*next)(const void *context, struct endpoint *endpoint, struct error *error);
	const void *context;
};

static void chain_prepare(struct opening *opening, struct pollset *set)
{
	struct chain *self = (struct chain *)opening;

	self->now->ops->prepare(self->now, set);
}

static int chain_step(struct opening *opening, const struct pollset *set, struct endpoint *endpoint,
	struct error *error)
{
	struct chain *self = (struct chain *)opening;
	int result = self->now->ops->step(self->now, set, endpoint, error);

	if (result <= 0 || self->next == NULL)
		return result;
	opening_free(self->now);
	self->now = self->next(self->context, endpoint, error);
	self->next = NULL;
	return self->now == NULL ? -1 : self->now->ops->step(self->now, set, endpoint, error);
}

static void chain_free(struct opening *opening)
{
	opening_free(((struct chain *)opening)->now);
}

/*
 * Does first, which becomes its own, and then what next begins with the endpoint: an opening that the chain owns, or NULL
 * with the error filled. Owned by the caller.
 */
struct opening *chain_create(struct opening *first,
	struct opening *(
		*next)(const void *context, struct endpoint *endpoint, struct error *error),
	const void *context)
{
	static const struct opening_ops ops = {
		.prepare = chain_prepare,
		.step = chain_step,
		.free = chain_free,
	};
	struct chain *self = memory_zero(1, sizeof(*self));

	*self = (struct chain){
		.base = { .ops = &ops, .slot = POLLSET_NONE },
		.now = first,
		.next = next,
		.context = context,
	};
	return &self->base;
}
