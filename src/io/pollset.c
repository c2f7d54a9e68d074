#include "io/pollset.h"

#include <errno.h>
#include <stdlib.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/memory.h"

/* Empties the set for the next turn. */
void pollset_clear(struct pollset *set)
{
	set->count = 0;
	set->deadline = CLOCK_NEVER;
}

/* Adds a descriptor, or events to the slot it has among the last few. Returns the slot. */
size_t pollset_add(struct pollset *set, int fd, short events)
{
	size_t first = set->count > 4 ? set->count - 4 : 0;

	if (fd < 0)
		return POLLSET_NONE;
	for (size_t i = first; i < set->count; i++) {
		if (set->slots[i].fd == fd) {
			set->slots[i].events |= events;
			return i;
		}
	}
	set->slots = memory_grow(set->slots, &set->room, set->count + 1, sizeof(*set->slots));
	set->slots[set->count] = (struct pollfd){ .fd = fd, .events = events };
	return set->count++;
}

/* Wakes the loop no later than then. */
void pollset_deadline(struct pollset *set, int64_t deadline)
{
	set->deadline = clock_earlier(set->deadline, deadline);
}

/* What poll said of a slot. */
short pollset_result(const struct pollset *set, size_t slot)
{
	return slot != POLLSET_NONE ? set->slots[slot].revents : 0;
}

/* Sleeps until something happens or the deadline comes. An interrupted sleep shows no events. */
int pollset_wait(struct pollset *set)
{
	int n = call_poll(set->slots, set->count, clock_poll_timeout(set->deadline));

	if (n >= 0)
		return n;
	for (size_t i = 0; i < set->count; i++)
		set->slots[i].revents = 0;
	return errno == EINTR || errno == EAGAIN ? 0 : -1;
}

/* Frees the set's memory. */
void pollset_free(struct pollset *set)
{
	free(set->slots);
	*set = (struct pollset){ 0 };
}
