#include "relay/pace.h"

#include <string.h>

#include "base/clock.h"
#include "relay/flow.h"

/* Whether it is too early for the next line. */
bool pace_waits(const struct flow *flow)
{
	return flow->policy.pause > 0 && clock_now() < flow->resume_at;
}

/* How much of what waits is written at once: all of it, or with a pause the first line. */
size_t pace_length(const struct flow *flow)
{
	size_t length = queue_length(&flow->queue);
	const unsigned char *start = flow->queue.data + flow->queue.start;
	const unsigned char *end;

	if (flow->policy.pause <= 0 || length == 0)
		return length;
	end = memchr(start, flow->policy.line_end, length);
	return end != NULL ? (size_t)(end - start) + 1 : length;
}

/* Starts the pause if so many of the bytes that wait, which have just been written, end a line. */
void pace_wrote(struct flow *flow, size_t length)
{
	const unsigned char *data = flow->queue.data + flow->queue.start;

	if (flow->policy.pause > 0 && length > 0 &&
		data[length - 1] == (unsigned char)flow->policy.line_end)
		flow->resume_at = clock_after(flow->policy.pause);
}
