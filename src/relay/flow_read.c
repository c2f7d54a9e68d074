/* What a flow takes from its source: how much at once, through the filters, and where the end of it is. */
#include "relay/flow_read.h"

#include <errno.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/number.h"
#include "relay/advice.h"

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

/* A source that can't be read any more; what came before is still delivered. */
void flow_fail_read(struct flow *flow, int number)
{
	error_system(&flow->error, number, _("cannot read"));
	advice_read(number, &flow->error);
	stream_blame(flow->from, &flow->error);
	if (flow->from_name != NULL)
		error_name(&flow->error, flow->from_name);
	flow_end(flow);
}

/* Reads once. Returns whether it is worth trying again at once. */
bool flow_fill(struct flow *flow)
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
