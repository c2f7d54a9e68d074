#include "relay/flow.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "relay/pace.h"

#define FLOW_FULL_BLOCKS 2  /* so many full reads in a row make a flow busy */
#define FLOW_WINDOW 8192    /* what an idle flow has room for */
#define FLOW_IDLE_ROUNDS 16 /* the most reads and writes in one step */

/* Starts a direction. The streams stay the caller's, the filters become the flow's. */
void flow_init(struct flow *flow, struct stream *from, struct stream *to,
	const struct flow_policy *policy, struct filter *filters)
{
	*flow = (struct flow){
		.from = from,
		.to = to,
		.policy = *policy,
		.filters = filters,
		.window = policy->messages || policy->block < FLOW_WINDOW ? policy->block
									  : FLOW_WINDOW,
		.retry_at = CLOCK_NEVER,
		.fast = { .way = policy->plain || filters != NULL || policy->pause > 0 ||
					policy->packets > 0
				? FAST_REFUSED
				: FAST_OFF,
			.pipe = { -1, -1 } },
		.reply = { .slot = POLLSET_NONE },
		.from_slot = POLLSET_NONE,
		.to_slot = POLLSET_NONE,
	};
}

static bool flow_has_output(const struct flow *flow)
{
	return flow->message || !queue_is_empty(&flow->queue);
}

/* Whether what waits has to wait for its time. */
static bool flow_is_pausing(const struct flow *flow)
{
	return flow_has_output(flow) && pace_waits(flow);
}

static bool flow_may_write(const struct flow *flow)
{
	return flow_has_output(flow) && !pace_waits(flow);
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
static void flow_end(struct flow *flow)
{
	flow->ended = true;
	flow_close(flow);
}

/* Ends the direction where it is. What waits is lost, for there is nobody to take it. */
static void flow_fail(struct flow *flow)
{
	flow->state = FLOW_DONE;
	flow->moved = true;
}

/* A source that can't be read any more; what came before is still delivered. */
static void flow_fail_read(struct flow *flow, int number)
{
	error_system(&flow->error, number, _("cannot read"));
	if (flow->from_name != NULL)
		error_name(&flow->error, flow->from_name);
	flow_end(flow);
}

/* A sink that can't be written to. A program may leave when it has read enough; its status tells if that is well. */
static void flow_fail_write(struct flow *flow, int number)
{
	bool program = (flow->to->traits & STREAM_PROGRAM) != 0;
	bool gone = number == EPIPE || number == ECONNRESET;

	/* ECONNREFUSED is how a pair of datagram sockets says it */
	if ((gone && (program || flow->policy.cool_write)) || (program && number == ECONNREFUSED)) {
		log_notice("the reader is gone: %s", strerror(number));
	} else {
		error_system(&flow->error, number, _("cannot write"));
		if (flow->to_name != NULL)
			error_name(&flow->error, flow->to_name);
	}
	flow_fail(flow);
}

/* How much may be read at once. */
static size_t flow_read_size(const struct flow *flow)
{
	size_t size = flow->window;

	if (!flow->policy.messages)
		size -= queue_length(&flow->queue);
	if (flow->policy.limit >= 0 && (uint64_t)flow->policy.limit < size)
		size = (size_t)flow->policy.limit;
	return size;
}

/* Sends what was read through the filters and queues what they leave. */
static void flow_filter(struct flow *flow, const unsigned char *data, size_t length)
{
	bool end;

	text_clear(&flow->block);
	text_add(&flow->block, data, length);
	end = filter_pass(flow->filters, &flow->block);
	reply_collect(&flow->reply, flow->filters);
	queue_append(&flow->queue, flow->block.data, flow->block.length);
	flow->message = flow->policy.messages && (flow->block.length > 0 || length == 0);
	if (end)
		flow_end(flow);
	flow->hurries = end && (flow->from->traits & STREAM_TERMINAL);
}

/* The source says that nothing more comes; perhaps it isn't believed. */
static void flow_source_ended(struct flow *flow)
{
	if (flow->policy.ignore_end)
		flow->retry_at = clock_after(SECOND);
	else
		flow_end(flow);
}

/* Counts a read against the limits of the input. The last one is the end of it. */
static void flow_count_read(struct flow *flow, ssize_t n)
{
	if (flow->policy.packets > 0 && --flow->policy.packets == 0)
		flow_end(flow);
	if (flow->policy.limit < 0 || n == 0)
		return;
	flow->policy.limit -= n;
	if (flow->policy.limit == 0)
		flow_end(flow);
}

/* An empty message: the end, something to pass on, or nothing. */
static void flow_empty_message(struct flow *flow)
{
	flow->moved = true;
	if (flow->policy.empty_ends) {
		flow_source_ended(flow);
		return;
	}
	flow->message = flow->policy.messages && flow->policy.pass_empty;
	flow_count_read(flow, 0);
}

/* A source that fills what it is given gets more room, and is known to be busy once that is all. */
static void flow_adapt(struct flow *flow, ssize_t n)
{
	if (n == (ssize_t)flow->policy.block)
		flow->full_blocks++;
	else
		flow->full_blocks = 0;
	if (n == (ssize_t)flow->window)
		flow->window = flow->policy.block;
}

/* Whether a read that poll knows nothing of is safe: on an inherited pipe or terminal it would wait. */
static bool flow_may_read_on(const struct flow *flow)
{
	unsigned traits = flow->from->traits;

	return !(traits & STREAM_KEEP) || (traits & (STREAM_SOCKET | STREAM_FILE)) != 0;
}

/* Reads once. Returns whether it is worth trying again at once. */
static bool flow_fill(struct flow *flow)
{
	size_t size = flow_read_size(flow);
	unsigned char *space;
	ssize_t n;

	if (size == 0) {
		flow_end(flow);
		return false;
	}
	space = queue_space(&flow->queue, size);
	n = stream_read(flow->from, space, size);
	if (n == -1) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			flow_fail_read(flow, errno);
		return false;
	}
	flow_adapt(flow, n);
	if (n == STREAM_LEAVE) {
		flow->leaves = true;
		flow_end(flow);
		return false;
	}
	if (n == STREAM_END) {
		flow_source_ended(flow);
		return false;
	}
	if (n == 0) {
		flow_empty_message(flow);
		return false;
	}
	flow->moved = true;
	if (flow->filters != NULL) {
		flow_filter(flow, space, (size_t)n);
	} else {
		queue_filled(&flow->queue, (size_t)n);
		flow->message = flow->policy.messages;
	}
	flow_count_read(flow, n);
	return n == (ssize_t)size && flow_may_read_on(flow);
}

/* Writes once. Returns whether everything that waited is gone. */
static bool flow_drain(struct flow *flow)
{
	size_t length = pace_length(flow);
	ssize_t n = stream_write(flow->to, flow->queue.data + flow->queue.start, length);

	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			flow_fail_write(flow, errno);
		return false;
	}
	flow->moved = true;
	flow->count.bytes += (uint64_t)n;
	flow->count.blocks++;
	log_info("transferred %zd bytes from %d to %d", n, flow->from->rfd, flow->to->wfd);
	/* a message leaves in one piece or not at all */
	if (!(flow->to->traits & STREAM_DATAGRAM))
		length = (size_t)n;
	pace_wrote(flow, length);
	queue_drained(&flow->queue, length);
	if (!queue_is_empty(&flow->queue))
		return false;
	flow->message = false;
	return true;
}

/* Everything is written: the other end hears of it. A sink that is gone already needs no farewell. */
static void flow_finish(struct flow *flow)
{
	flow->state = FLOW_DONE;
	flow->moved = true;
	if (stream_end_write(flow->to) < 0)
		log_info("shutdown of the writing side: %s", strerror(errno));
}

/* Whether the source was closed when the other direction ended (shut-close). */
static bool flow_is_cut(const struct flow *flow)
{
	return flow->state == FLOW_OPEN && flow->from->rfd < 0 && flow->from->ops == NULL;
}

/* Whether a source that has ended is still looked at. A direction that isn't used has none. */
static bool flow_attends(const struct flow *flow)
{
	return flow->from != NULL && (flow->from->traits & STREAM_ATTENDS);
}

/* The person at the keyboard may want to leave when he has said his last word, or when nobody takes it. */
static void flow_attend(struct flow *flow, struct pollset *set)
{
	if (!flow_attends(flow))
		return;
	flow->from_slot = pollset_add(set, flow->from->rfd, POLLIN);
	pollset_deadline(set, stream_wake(flow->from));
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
		out = flow_may_write(flow) ? POLLOUT : 0;
		if (flow_is_pausing(flow))
			pollset_deadline(set, flow->resume_at);
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
		getsockopt(flow->to->wfd, SOL_SOCKET, SO_ERROR, &number, &length);
	else if (!(flow->to->traits & STREAM_PIPE))
		return;
	if (number != 0)
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

/* The plain path: write what waits, read, write again; a busy flow goes on while both sides keep up. */
static void flow_step_plain(struct flow *flow, bool readable, bool writable)
{
	bool nowait = (flow->to->traits & STREAM_NOWAIT) != 0 || flow->to->wfd < 0;

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

	if (!flow_attends(flow) || flow_wants_input(flow) || !flow_readable(flow, set) ||
		stream_read(flow->from, &nothing, 0) != STREAM_LEAVE)
		return;
	flow->leaves = true;
	flow_end(flow);
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
	if (flow->retry_at <= clock_now())
		flow->retry_at = CLOCK_NEVER;
	if (flow_is_cut(flow))
		flow_end(flow);
	/* nobody is left to pause for */
	if ((out & (POLLERR | POLLHUP)) || stream_is_deserted(flow->to))
		flow->resume_at = 0;
	if (flow_lost_terminal(flow, set))
		flow_fail_read(flow, EIO);
	else if (fast_is_on(&flow->fast))
		fast_step(flow, pollset_result(set, flow->from_slot), out);
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
	queue_free(&flow->queue);
	fast_free(&flow->fast);
	error_clear(&flow->error);
}
