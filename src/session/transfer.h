/*
 * From two open endpoints to the end of their relay, and of the programs they have started. Stepped by whoever has a
 * loop, as a relay is; transfer_run is the loop for one of them.
 */
#ifndef SESSION_TRANSFER_H
#define SESSION_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "io/pollset.h"
#include "relay/relay.h"
#include "session/open.h"
#include "session/plan.h"

struct transfer {
	const struct plan *plan;
	struct opened *sides; /* two */
	struct relay relay;
	int64_t begun;	  /* when */
	bool moving;	  /* there is data to come; afterwards only programs are waited for */
	int64_t deadline; /* until when */
};

/* What remains of a transfer while nothing moves: all that can't be found out again. */
struct transfer_rest {
	int64_t begun;
	int64_t last; /* when something moved */
	struct {
		struct flow_count count;
		int64_t limit;
	} flows[2];
};

int transfer_begin(struct transfer *transfer, const struct plan *plan, struct opened *sides,
	struct error *error);
void transfer_prepare(struct transfer *transfer, struct pollset *set);
bool transfer_step(struct transfer *transfer, const struct pollset *set);
bool transfer_rest(struct transfer *transfer, struct transfer_rest *rest);
void transfer_wake(struct transfer *transfer, const struct plan *plan, struct opened *sides,
	const struct transfer_rest *rest);
int transfer_end(struct transfer *transfer, struct error *error);

int transfer_run(const struct plan *plan, struct opened sides[2], struct error *error);

#endif
