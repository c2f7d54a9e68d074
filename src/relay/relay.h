/*
 * Two flows between two endpoints: what comes from the left goes to the right, and the other way round. The
 * two never block each other. A relay is stepped by its owner, so that one loop can run one of them or many:
 *
 *     relay_prepare(relay, set);  pollset_wait(set);  relay_step(relay, set);  until relay_is_done(relay)
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "io/pollset.h"
#include "relay/flow.h"

enum relay_direction {
	RELAY_RIGHTWARD, /* from the first address to the second */
	RELAY_LEFTWARD,
};

/* When a relay ends, beyond the end of both its flows. */
struct relay_settings {
	bool one_way; /* only the rightward or the leftward flow runs: the end of it ends all */
	enum relay_direction way; /* which */
	int64_t idle;		  /* -T: the longest silence; negative: none */
	bool timeout_fails;	  /* a silence that -T doesn't allow is a failure */
	int64_t linger; /* -t: the longest silence after one end of input; negative: see relay.c */
};

struct relay {
	struct relay_settings settings;
	struct flow flows[2];
	int64_t last;  /* when something moved last */
	int64_t gone;  /* when somebody wanted all to end; CLOCK_NEVER: nobody does */
	bool deserted; /* a program that is read from has ended */
	bool failed;
	bool timed_out;
};

/* The silence after which a side that cannot signal its end counts as ended. */
#define RELAY_LINGER (SECOND / 2)

void relay_init(struct relay *relay, const struct relay_settings *settings);
void relay_prepare(struct relay *relay, struct pollset *set);
void relay_step(struct relay *relay, const struct pollset *set);
int64_t relay_linger(const struct relay *relay);
bool relay_is_done(const struct relay *relay);
void relay_free(struct relay *relay);

#endif
