#include "relay/flow.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "relay/flow_read.h"
#include "relay/flow_write.h"
#include "relay/pace.h"

#define FLOW_FULL_BLOCKS 2  /* so many full reads in a row make a flow busy */
#define FLOW_WINDOW 8192    /* what an idle flow has room for */
#define FLOW_IDLE_ROUNDS 16 /* the most reads and writes in one step */

/* Starts a direction. The streams stay the caller's, the filters become the flow's. */
void flow_init(struct flow *flow, struct stream *from, struct stream *to,
	const struct flow_policy *policy, struct filter *filters)
{
	bool watched = (from != NULL && from->taps != NULL) || (to != NULL && to->taps != NULL);
	struct weather *weather = to == NULL
		? NULL
		: weather_create(policy->weather, (to->traits & STREAM_DATAGRAM) != 0);

	*flow = (struct flow){
		.from = from,
		.to = to,
		.policy = *policy,
		.filters = filters,
		.window = policy->messages || policy->block < FLOW_WINDOW ? policy->block
									  : FLOW_WINDOW,
		.retry_at = CLOCK_NEVER,
		.weather = weather,
		.fast = { .way = policy->plain || watched || filters != NULL || policy->pause > 0 ||
					policy->packets > 0 || weather != NULL
				? FAST_REFUSED
				: FAST_OFF,
			.pipe = { -1, -1 } },
		.reply = { .slot = POLLSET_NONE },
		.from_slot = POLLSET_NONE,
		.to_slot = POLLSET_NONE,
	};
}

static bool flow_is_unsent(const struct flow *flow)
{
	return (flow->to->traits & STREAM_UNSENT) != 0;
}

static bool flow_has_output(const struct flow *flow)
{
	return flow_has_queued(flow) || flow_is_unsent(flow) ||
		(flow->weather != NULL && !weather_is_empty(flow->weather));
}

/* Whether what waits has to wait for its time. */
static bool flow_is_pausing(const struct flow *flow)
{
	return flow_has_queued(flow) && pace_waits(flow);
}

static bool flow_may_write(const struct flow *flow)
{
	if (flow->weather != NULL)
		return weather_due(flow->weather) <= clock_now();
	return flow_has_queued(flow) && !pace_waits(flow);
}

/* Whether the source would be read if it had something. */
static bool flow_wants_input(const struct flow *flow)
{
	if (flow->state != FLOW_OPEN || flow->retry_at != CLOCK_NEVER ||
		reply_is_full(&flow->reply))
		return false;
	if (flow->policy.messages)
		return !flow->message;
	return queue_length(&flow->queue) < flow->window;
}

/* Nothing more is read: what waits is still written. */
static void flow_close(struct flow *flow)
{
	if (flow->state == FLOW_OPEN)
		flow->state = FLOW_DRAINING;
	flow->moved = true;
}

/* The end of input. */
void flow_end(struct flow *flow)
{
	flow->ended = true;
	flow_close(flow);
}

/* Everything is written: the other end hears of it. A sink that is gone already needs no farewell. */
static void flow_finish(struct flow *flow)
{
	/* an empty file says all that it has to say, unlike /dev/null */
	bool silent = flow->to->half_close == HALF_CLOSE_SAID && flow->count.bytes == 0 &&
		!(flow->from->traits & STREAM_FILE);

	flow->moved = true;
	if (!flow->told && !silent && stream_end_write(flow->to) < 0)
		log_info("shutdown of the writing side: %s", strerror(errno));
	flow->told = true;
	if (!flow_is_unsent(flow))
		flow->state = FLOW_DONE;
}

/* Sends what the sink has taken and not yet sent. A farewell that nobody hears any more is no failure. */
static void flow_flush(struct flow *flow)
{
	if (flow->state == FLOW_DONE || !flow_is_unsent(flow))
		return;
	if (stream_flush(flow->to) == 0)
		flow->moved = flow->moved || !flow_is_unsent(flow);
	else if (!flow->told)
		flow_fail_write(flow, errno);
	else
		flow->state = FLOW_DONE;
}

/* Whether the source was closed when the other direction ended (shut-close). */
static bool flow_is_cut(const struct flow *flow)
{
	return flow->state == FLOW_OPEN && flow->from->rfd < 0 && flow->from->ops == NULL;
}

/* Whether a source that has ended is still looked at. A direction that isn't used has none. */
static bool flow_attends(const struct flow *flow)
{
	return flow->from != NULL && !flow->deserted && (flow->from->traits & STREAM_ATTENDS);
}

/* The person at the keyboard may want to leave when he has said his last word, or when nobody takes it. */
static void flow_attend(struct flow *flow, struct pollset *set)
{
	if (!flow_attends(flow))
		return;
	flow->from_slot = pollset_add(set, flow->from->rfd, POLLIN);
	pollset_deadline(set, stream_wake(flow->from));
}

/*
 * When the weather wants to be looked at. If something is due poll tells when it can be written; but where there is no
 * descriptor to poll only the stream knows, and may know nothing.
 */
static int64_t flow_weather_wake(const struct flow *flow, bool due)
{
	int64_t wake;

	if (!due)
		return weather_due(flow->weather);
	wake = stream_wake(flow->to);
	return flow->to->wfd < 0 && wake == CLOCK_NEVER ? 0 : wake;
}

/* Asks poll for what the state calls for: the source, the sink, or both. */
void flow_prepare(struct flow *flow, struct pollset *set)
{
	short in = 0, out = 0;

	flow->from_slot = flow->to_slot = POLLSET_NONE;
	reply_prepare(&flow->reply, set);
	if (flow->state == FLOW_DONE) {
		flow_attend(flow, set);
		return;
	}
	if (fast_is_on(&flow->fast)) {
		in = fast_wants_input(flow);
		out = fast_wants_output(flow);
		if (in == 0 && out == 0 && flow->retry_at == CLOCK_NEVER)
			pollset_deadline(set, 0);
	} else {
		in = flow_wants_input(flow) ? POLLIN : 0;
		out = flow_may_write(flow) || flow_is_unsent(flow) ? POLLOUT : 0;
		if (out != 0 && (flow->to->traits & STREAM_HEARS) && !flow_is_unsent(flow))
			out = POLLIN;
		if (flow_is_pausing(flow))
			pollset_deadline(set, flow->resume_at);
		if (flow->weather != NULL)
			pollset_deadline(set, flow_weather_wake(flow, out != 0));
		if (in != 0 && stream_pending(flow->from))
			pollset_deadline(set, 0);
		if (in != 0)
			pollset_deadline(set, stream_wake(flow->from));
		if (out != 0)
			pollset_deadline(set, stream_wake(flow->to));
	}
	if (flow_is_cut(flow) || stream_is_deserted(flow->to))
		pollset_deadline(set, 0);
	pollset_deadline(set, flow->retry_at);
	if (in != 0)
		flow->from_slot = pollset_add(set, flow->from->rfd, in);
	else
		flow_attend(flow, set);
	/* poll would tell again and again of a hang-up that is no end */
	if (out != 0 || !(flow->to->traits & STREAM_RETURNS))
		flow->to_slot = pollset_add(set, flow->to->wfd, out);
}

/* A sink whose other end is gone shows it even when nobody writes. */
static void flow_check_sink(struct flow *flow, short events)
{
	int number = EPIPE;
	socklen_t length = sizeof(number);

	if (!(events & (POLLERR | POLLNVAL)) || flow->state == FLOW_DONE)
		return;
	if (events & POLLNVAL)
		number = EBADF;
	else if (flow->to->traits & STREAM_SOCKET)
		call_getsockopt(flow->to->wfd, SOL_SOCKET, SO_ERROR, &number, &length);
	else if (!(flow->to->traits & STREAM_PIPE))
		return;
	if (number == 0)
		return;
	/* whoever asks takes the error away: no read will meet it any more */
	tap_tell(flow->to->taps, TAP_BROKEN);
	flow_fail_write(flow, number);
}

/* Whether reading is worth a try: poll said so, or there is nothing poll could say. */
static bool flow_readable(const struct flow *flow, const struct pollset *set)
{
	if (flow->from->rfd < 0)
		return flow->from->ops != NULL;
	return (pollset_result(set, flow->from_slot) & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) !=
		0 ||
		stream_pending(flow->from);
}

/* Lets the kernel take over a busy flow while nothing of it waits here. */
static bool flow_go_fast(struct flow *flow)
{
	if (flow->full_blocks >= FLOW_FULL_BLOCKS && flow->fast.way == FAST_OFF &&
		flow->state == FLOW_OPEN && !flow_has_output(flow))
		fast_start(flow);
	return fast_is_on(&flow->fast);
}

/* Whether writing is safe though poll hasn't said so. */
static bool flow_nowait(const struct flow *flow)
{
	return (flow->to->traits & STREAM_NOWAIT) != 0 || flow->to->wfd < 0;
}

/*
 * The plain path through weather. All that can be read is read before anything is written: so whether a packet is
 * overtaken doesn't hang on our own speed.
 */
static void flow_step_weather(struct flow *flow, bool readable, bool writable)
{
	bool nowait = flow_nowait(flow);

	flow_expose(flow);
	for (int i = 0; i < FLOW_IDLE_ROUNDS && readable && flow_wants_input(flow); i++) {
		readable = flow_fill(flow);
		flow_expose(flow);
	}
	for (int i = 0; i < FLOW_IDLE_ROUNDS && (nowait || (writable && i == 0)); i++) {
		if (!flow_emerge(flow))
			break;
	}
	if (flow->state != FLOW_DONE)
		flow_expose(flow);
}

/* The plain path: write what waits, read, write again; a busy flow goes on while both sides keep up. */
static void flow_step_plain(struct flow *flow, bool readable, bool writable)
{
	bool nowait = flow_nowait(flow);

	if (flow_may_write(flow) && (writable || nowait) && !flow_drain(flow))
		nowait = false;
	for (int i = 0; i < FLOW_IDLE_ROUNDS && !flow_go_fast(flow); i++) {
		if (!readable || !flow_wants_input(flow))
			break;
		readable = flow_fill(flow);
		if (flow_may_write(flow) && nowait && !flow_drain(flow))
			break;
	}
}

/*
 * Whether the sink has hung up and nothing is on its way there: whoever waits for more input would be woken by
 * poll for ever. Data that comes all the same meets the error of write first.
 */
static bool flow_sink_is_gone(const struct flow *flow, short events)
{
	bool gone = (events & POLLHUP) || stream_is_deserted(flow->to);

	return gone && !(flow->to->traits & STREAM_RETURNS) && !flow->moved &&
		!flow_has_output(flow) && flow->fast.level == 0;
}

/* The sink has hung up: that is the end of this direction, and a failure where it is the only one. */
static void flow_lose_sink(struct flow *flow)
{
	if (flow->to->traits & STREAM_TERMINAL)
		flow_fail_write(flow, EIO);
	else if (flow->policy.must_deliver && !(flow->to->traits & STREAM_PROGRAM))
		flow_fail_write(flow, EPIPE);
	else
		flow_close(flow);
}

/* A terminal that is gone reads as ended; but that is no end that anybody has meant. */
static bool flow_lost_terminal(const struct flow *flow, const struct pollset *set)
{
	return (flow->from->traits & STREAM_TERMINAL) &&
		(pollset_result(set, flow->from_slot) & POLLHUP);
}

/* Looks whether the person at the keyboard wants to leave, at a time when nothing can be taken from him. */
static void flow_look_after(struct flow *flow, const struct pollset *set)
{
	char nothing;

	if (!flow_attends(flow) || flow_wants_input(flow) || !flow_readable(flow, set))
		return;
	if (stream_read(flow->from, &nothing, 0) == STREAM_LEAVE) {
		flow->leaves = true;
		flow_end(flow);
	} else if (pollset_result(set, flow->from_slot) & (POLLHUP | POLLERR)) {
		/* with his terminal he has gone himself, and poll would say so again and again */
		flow->deserted = true;
	}
}

/* Half-closes the sink once the source has ended and everything is written. */
static void flow_settle(struct flow *flow)
{
	if (flow->state == FLOW_DRAINING && !flow_has_output(flow) && flow->fast.level == 0)
		flow_finish(flow);
}

/* Ends the direction for a reason that isn't its own: nothing more is read, and what waits is still written. */
void flow_stop(struct flow *flow)
{
	if (flow->state != FLOW_OPEN)
		return;
	flow_close(flow);
	flow_settle(flow);
}

/* Moves what can be moved now. Never blocks; the caller asks again when poll says so. */
void flow_step(struct flow *flow, const struct pollset *set)
{
	short out = pollset_result(set, flow->to_slot);

	flow->moved = false;
	reply_step(&flow->reply, set);
	flow_look_after(flow, set);
	if (flow->state == FLOW_DONE)
		return;
	flow_check_sink(flow, out);
	flow_flush(flow);
	if (flow->retry_at <= clock_now())
		flow->retry_at = CLOCK_NEVER;
	if (flow_is_cut(flow))
		flow_end(flow);
	/* nobody is left to pause for */
	if ((out & (POLLERR | POLLHUP)) || stream_is_deserted(flow->to)) {
		flow->resume_at = 0;
		if (flow->weather != NULL)
			weather_hurry(flow->weather);
	}
	if (flow_lost_terminal(flow, set))
		flow_fail_read(flow, EIO);
	else if (fast_is_on(&flow->fast))
		fast_step(flow, pollset_result(set, flow->from_slot), out);
	else if (flow->weather != NULL)
		flow_step_weather(flow, flow_readable(flow, set), (out & POLLOUT) != 0);
	else
		flow_step_plain(flow, flow_readable(flow, set), (out & POLLOUT) != 0);
	if (flow->state == FLOW_OPEN && flow->policy.limit == 0)
		flow_end(flow);
	if (flow->state == FLOW_OPEN && flow_sink_is_gone(flow, out))
		flow_lose_sink(flow);
	flow_settle(flow);
}

/* Whether there is something that the sink doesn't take: then the source isn't to blame for the silence. */
bool flow_is_held_up(const struct flow *flow)
{
	const struct fast *fast = &flow->fast;

	if (flow->state == FLOW_DONE)
		return false;
	if (fast_is_on(fast))
		return fast->level > 0 || (fast->readable && !fast->writable);
	return flow_has_output(flow);
}

/* Frees what the flow holds; the streams stay the caller's. */
void flow_free(struct flow *flow)
{
	filter_free(flow->filters);
	flow->filters = NULL;
	reply_free(&flow->reply);
	text_free(&flow->block);
	weather_free(flow->weather);
	flow->weather = NULL;
	queue_free(&flow->queue);
	fast_free(&flow->fast);
	error_clear(&flow->error);
}
