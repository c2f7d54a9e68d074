/*
 * One direction of a transfer: what is read from one stream is written to another.
 *
 *     OPEN ----------> DRAINING ----------> DONE
 *      end of input     all written, the sink half-closed
 *
 * What a flow wants from poll follows from its state and its queue; nobody stores it:
 *
 *   - it reads while it is open and the queue has room, so a slow sink stops a fast source;
 *   - it writes while something waits;
 *   - a message (one side keeps boundaries) is read only when none waits, and written in one piece;
 *   - with a pause it writes line by line, and nothing until the time for the next line has come;
 *   - with weather (weather.h) what would be written goes there first, and comes out in its time.
 *
 * A step moves what can be moved now and never blocks. Between two plain descriptors a busy flow hands the
 * work over to the kernel (fast.h), and takes it back by itself.
 */
#ifndef RELAY_FLOW_H
#define RELAY_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "filter/filter.h"
#include "io/pollset.h"
#include "io/stream.h"
#include "relay/fast.h"
#include "relay/queue.h"
#include "relay/reply.h"
#include "relay/weather.h"

enum flow_state {
	FLOW_OPEN,
	FLOW_DRAINING, /* the source has ended, the queue has not */
	FLOW_DONE,
};

/* How a flow treats its data. */
struct flow_policy {
	size_t block;	   /* the most that is read at once */
	int64_t limit;	   /* end of input after so many bytes; -1: no limit */
	bool messages;	   /* one side keeps boundaries: one read is one write */
	bool pass_empty;   /* an empty message is passed on; otherwise it is dropped */
	bool empty_ends;   /* an empty message is the end of input */
	bool ignore_end;   /* at the end of input wait for more, as tail -f does */
	bool must_deliver; /* a sink that hangs up is a failure, though nothing waits for it */
	bool cool_write;   /* a reader that goes away is no failure */
	bool plain;	   /* don't look for a faster way than read and write */
	bool ends_all;	 /* once all that the source has said is written, the whole transfer ends */
	bool ends_soon;	 /* then it ends as soon as the other source is silent */
	int64_t packets; /* end of input after so many reads; 0: no limit */
	int64_t pause; /* lines are written one by one, with so long a pause behind each; 0: none */
	char line_end; /* what a line ends with, for that */
	const struct weather_settings
		*weather; /* of the way to the sink, kept by the caller; or NULL */
};

struct flow_count {
	uint64_t bytes;
	uint64_t blocks;
};

struct flow {
	struct stream *from, *to;
	const char *from_name, *to_name; /* how messages call the two, or NULL */
	struct flow_policy policy;
	struct filter *filters; /* owned */
	enum flow_state state;
	struct queue queue;
	struct reply reply; /* what the filters tell the source; the owner says where it goes */
	bool message;	    /* a message waits, though it may be empty */
	struct text block;  /* what the filters work on */
	int64_t retry_at;   /* when to look again behind an ignored end */
	int64_t resume_at;  /* when the next line may be written */
	struct weather *weather; /* NULL where it is fair */
	struct fast fast;
	size_t window;	      /* how much is read at once now, up to the block */
	unsigned full_blocks; /* how many reads in a row filled the whole block */
	struct flow_count count;
	struct error error;	   /* why the flow ended early, ERROR_NONE otherwise */
	bool moved;		   /* something happened in the last step */
	bool told;		   /* the sink has been told that no more comes */
	bool ended;		   /* the source has come to its end, by itself or by the policy */
	bool leaves;		   /* the source wants the whole transfer to end */
	bool hurries;		   /* a person has typed the end, and won't wait for long */
	bool deserted;		   /* the terminal of the source is gone, and nobody waits for it */
	size_t from_slot, to_slot; /* where this turn's answers of poll are */
};

void flow_init(struct flow *flow, struct stream *from, struct stream *to,
	const struct flow_policy *policy, struct filter *filters);
void flow_prepare(struct flow *flow, struct pollset *set);
void flow_step(struct flow *flow, const struct pollset *set);
void flow_stop(struct flow *flow);
bool flow_is_held_up(const struct flow *flow);
void flow_free(struct flow *flow);

#endif
