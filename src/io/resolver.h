/*
 * The knobs of libc's resolver, turned for one lookup and turned back. resolver_none.c is for systems whose libc
 * hides them.
 */
#ifndef IO_RESOLVER_H
#define IO_RESOLVER_H

#include <stdbool.h>

#include "base/error.h"

struct resolver_knobs {
	const char *name_server;	 /* address[:port], or NULL */
	int retrans, retry;		 /* -1: unchanged */
	unsigned flags_set, flags_clear; /* RES_* */
};

struct resolver_state {
	struct __res_state *saved; /* NULL while nothing is turned */
};

/* Whether no knob says anything. */
static inline bool resolver_rests(const struct resolver_knobs *knobs)
{
	return knobs->name_server == NULL && knobs->retrans < 0 && knobs->retry < 0 &&
		knobs->flags_set == 0 && knobs->flags_clear == 0;
}

int resolver_change(const struct resolver_knobs *knobs, struct resolver_state *before,
	struct error *error);
void resolver_restore(struct resolver_state *before);

#endif
