/*
 * How far a transfer has come: a line that is drawn again and again on a terminal, or one every few seconds. It counts
 * nothing itself, and asks the loop to be woken only when it is to draw.
 */
#ifndef SESSION_PROGRESS_H
#define SESSION_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "io/pollset.h"
#include "relay/relay.h"
#include "session/plan.h"

#define PROGRESS_SAMPLES 32

struct progress_sample {
	int64_t time;
	uint64_t bytes[2]; /* by direction */
};

struct progress {
	const struct relay *relay; /* NULL: nothing is shown */
	bool drawn;		   /* on a terminal, in place */
	bool shy;		   /* only shown where it doesn't disturb the data */
	int64_t begun, next;	   /* when it began, and when to show it again */
	uint64_t size;		   /* how much is to come in all; 0: nobody knows */
	int size_way;		   /* in which direction; -1: in the one where more passes */
	struct progress_sample samples[PROGRESS_SAMPLES];
	size_t count;	   /* of samples so far; the newest takes the place of the oldest */
	struct text shown; /* the line on the terminal */
	size_t columns;	   /* how long it is */
};

void progress_start(struct progress *progress, const struct plan *plan, const struct relay *relay,
	int64_t begun);
void progress_prepare(const struct progress *progress, struct pollset *set);
void progress_step(struct progress *progress);
void progress_redraw(struct progress *progress);
void progress_finish(struct progress *progress);

#endif
