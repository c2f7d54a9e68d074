/* The knobs of libc's resolver, turned for one lookup and turned back. */
#ifndef IO_RESOLVER_H
#define IO_RESOLVER_H

#include <resolv.h>
#include <stdbool.h>

#include "base/error.h"

struct resolver_knobs {
	const char *name_server;	 /* address[:port], or NULL */
	int retrans, retry;		 /* -1: unchanged */
	unsigned flags_set, flags_clear; /* RES_* */
};

struct resolver_state {
	bool changed;
	struct __res_state saved;
};

int resolver_change(const struct resolver_knobs *knobs, struct resolver_state *before,
	struct error *error);
void resolver_restore(const struct resolver_state *before);

#endif
