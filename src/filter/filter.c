#include "filter/filter.h"

#include <stddef.h>

/* Adds a filter behind the others; the chain owns it. */
void filter_append(struct filter **chain, struct filter *filter)
{
	while (*chain != NULL)
		chain = &(*chain)->next;
	*chain = filter;
}

/* Sends a block through all filters; true if one of them ended the data. */
bool filter_pass(struct filter *chain, struct text *block)
{
	bool end = false;

	for (struct filter *p = chain; p != NULL; p = p->next)
		end = p->ops->pass(p, block) || end;
	return end;
}

/* Adds what the filters have to tell whoever sends the data. */
void filter_answer(struct filter *chain, struct text *answer)
{
	for (struct filter *p = chain; p != NULL; p = p->next) {
		if (p->ops->answer != NULL)
			p->ops->answer(p, answer);
	}
}

/* Frees a chain and what its filters hold. */
void filter_free(struct filter *chain)
{
	while (chain != NULL) {
		struct filter *next = chain->next;

		chain->ops->free(chain);
		chain = next;
	}
}
