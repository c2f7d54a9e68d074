/* Which ports of one's own machines are open: many connections that are closed as soon as they stand. */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct scan_settings {
	int verbose;	 /* 0: only what is open, 1: everything, 2: what a netcat has beyond that */
	int64_t pause;	 /* between two ports, which are tried one after the other then; -1: none */
	bool random;	 /* the order in which ports are tried */
	bool sloppy;	 /* -s */
	bool any_group;	 /* -g */
	int prefer;	 /* the IP version to try first */
	uint64_t ending; /* the signals that end the program in order, a bit each */
};

int scan_check(char **texts, int count, const struct scan_settings *settings, struct text *out,
	struct error *error);
int scan_run(char **texts, int count, const struct scan_settings *settings, struct error *error);

#endif
