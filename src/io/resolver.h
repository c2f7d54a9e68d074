/* The knobs of libc's resolver, turned for one lookup and turned back. */
#ifndef IO_RESOLVER_H
#define IO_RESOLVER_H

#include <resolv.h>

#include "base/error.h"
#include "io/resolve.h"

struct resolver_state {
	bool changed;
	struct __res_state saved;
};

int resolver_change(const struct resolve_query *query, struct resolver_state *before,
	struct error *error);
void resolver_restore(const struct resolver_state *before);

#endif
