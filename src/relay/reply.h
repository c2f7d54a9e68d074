/*
 * What the filters of a flow want to tell the source itself, such as the answers to a telnet negotiation. It goes to
 * the source's own writing side, between whatever the other direction writes there.
 */
#ifndef RELAY_REPLY_H
#define RELAY_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "filter/filter.h"
#include "io/pollset.h"
#include "io/stream.h"

struct reply {
	struct stream *to; /* NULL: nobody can be told */
	struct text text;  /* what waits */
	size_t slot;	   /* this turn's answer of poll */
};

bool reply_is_full(const struct reply *reply);
void reply_collect(struct reply *reply, struct filter *filters);
void reply_prepare(struct reply *reply, struct pollset *set);
void reply_step(struct reply *reply, const struct pollset *set);
void reply_free(struct reply *reply);

#endif
