/* What a flow gives to its sink: at once, or through the weather, and what becomes of a sink that takes nothing. */
#include "relay/flow_write.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "relay/advice.h"
#include "relay/pace.h"

/* Ends the direction where it is. What waits is lost, for there is nobody to take it. */
static void flow_fail(struct flow *flow)
{
	flow->state = FLOW_DONE;
	flow->moved = true;
}

/* A sink that can't be written to. A program may leave when it has read enough; its status tells if that is well. */
void flow_fail_write(struct flow *flow, int number)
{
	bool program = (flow->to->traits & STREAM_PROGRAM) != 0;
	bool gone = number == EPIPE || number == ECONNRESET;

	/* ECONNREFUSED is how a pair of datagram sockets says it */
	if ((gone && (program || flow->policy.cool_write)) || (program && number == ECONNREFUSED)) {
		log_notice("the reader is gone: %s", strerror(number));
	} else {
		error_system(&flow->error, number, _("cannot write"));
		advice_write(number, (flow->to->traits & STREAM_DATAGRAM) != 0, &flow->error);
		stream_blame(flow->to, &flow->error);
		if (flow->to_name != NULL)
			error_name(&flow->error, flow->to_name);
	}
	flow_fail(flow);
}

/* Whether something waits here, with or without weather behind it. */
bool flow_has_queued(const struct flow *flow)
{
	return flow->message || !queue_is_empty(&flow->queue);
}

/* Writes once. Returns how much of it is done with, or -1. */
static ssize_t flow_write(struct flow *flow, const void *data, size_t length)
{
	ssize_t n = stream_write(flow->to, data, length);

	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			flow_fail_write(flow, errno);
		return -1;
	}
	flow->moved = true;
	flow->count.bytes += (uint64_t)n;
	flow->count.blocks++;
	log_info("transferred %zd bytes from %d to %d", n, flow->from->rfd, flow->to->wfd);
	/* a message leaves in one piece or not at all */
	return flow->to->traits & STREAM_DATAGRAM ? (ssize_t)length : n;
}

/* So much of what waited has gone on. */
static void flow_drained(struct flow *flow, size_t length)
{
	pace_wrote(flow, length);
	queue_drained(&flow->queue, length);
	if (queue_is_empty(&flow->queue))
		flow->message = false;
}

/* Writes once. Returns whether everything that waited is gone. */
bool flow_drain(struct flow *flow)
{
	ssize_t n = flow_write(flow, flow->queue.data + flow->queue.start, pace_length(flow));

	if (n < 0)
		return false;
	flow_drained(flow, (size_t)n);
	return queue_is_empty(&flow->queue);
}

/* Sends what waits, and may go, into the weather. */
void flow_expose(struct flow *flow)
{
	while (flow_has_queued(flow) && !pace_waits(flow) && weather_has_room(flow->weather)) {
		size_t length = pace_length(flow);

		weather_take(flow->weather, flow->queue.data + flow->queue.start, length,
			clock_now());
		flow_drained(flow, length);
	}
	if (flow->state != FLOW_OPEN && !flow_has_queued(flow))
		weather_end(flow->weather);
}

/* Writes once what has come through the weather. Returns whether it is worth trying again at once. */
bool flow_emerge(struct flow *flow)
{
	const unsigned char *data;
	size_t length;
	ssize_t n;

	if (!weather_next(flow->weather, clock_now(), &data, &length))
		return false;
	n = flow_write(flow, data, length);
	if (n < 0)
		return false;
	weather_wrote(flow->weather, (size_t)n, clock_now());
	return (size_t)n == length;
}
