#include "io/waitset.h"

#include <errno.h>
#include <stdlib.h>

#include "base/call.h"
#include "base/memory.h"

/* The slots of poll without gaps, and where a descriptor's slot is. */
struct waitset {
	struct pollfd *slots;
	size_t count, room;
	size_t *places; /* by descriptor: the number of its slot and 1, 0 for none */
	size_t known;	/* descriptors that places has room for */
	size_t next;	/* where to go on looking for results */
};

/* An empty set. Owned by the caller. */
struct waitset *waitset_create(void)
{
	return memory_zero(1, sizeof(struct waitset));
}

/* Makes room for a descriptor in the list of places. */
static void waitset_know(struct waitset *set, int fd)
{
	size_t before = set->known;

	if ((size_t)fd < set->known)
		return;
	set->places = memory_grow(set->places, &set->known, (size_t)fd + 1, sizeof(*set->places));
	for (size_t i = before; i < set->known; i++)
		set->places[i] = 0;
}

/* Waits for these events of a descriptor from now on; known is whether the set should have it already. */
int waitset_set(struct waitset *set, int fd, short events, bool known)
{
	(void)known;
	waitset_know(set, fd);
	if (set->places[fd] == 0) {
		set->slots = memory_grow(set->slots, &set->room, set->count + 1,
			sizeof(*set->slots));
		set->slots[set->count] = (struct pollfd){ .fd = fd };
		set->places[fd] = ++set->count;
	}
	set->slots[set->places[fd] - 1].events = events;
	return 0;
}

/* Waits for the descriptor no longer. */
void waitset_unset(struct waitset *set, int fd)
{
	size_t place;

	if ((size_t)fd >= set->known || set->places[fd] == 0)
		return;
	place = set->places[fd];
	set->slots[place - 1] = set->slots[--set->count];
	set->places[set->slots[place - 1].fd] = place;
	set->places[fd] = 0;
}

/* Waits. Returns how many results there are, 0 also for an interruption, or -1 with errno. */
int waitset_wait(struct waitset *set, int timeout, struct pollfd *results, size_t room)
{
	int n = call_poll(set->slots, set->count, timeout);
	size_t found = 0;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	/* those who didn't fit last time come first */
	for (size_t i = 0; i < set->count && found < room && n > 0; i++) {
		const struct pollfd *slot = &set->slots[(set->next + i) % set->count];

		if (slot->revents == 0)
			continue;
		results[found++] = *slot;
		n--;
		if (found == room)
			set->next = (size_t)(slot - set->slots) + 1;
	}
	return (int)found;
}

/* Frees the set. */
void waitset_free(struct waitset *set)
{
	free(set->slots);
	free(set->places);
	free(set);
}
