/* The descriptors that one turn of a loop waits for, and until when. Filled anew every turn. */
#ifndef IO_POLLSET_H
#define IO_POLLSET_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct pollset {
	struct pollfd *slots;
	size_t count, room;
	int64_t deadline;
};

/* Where nothing was asked for. */
#define POLLSET_NONE SIZE_MAX

void pollset_clear(struct pollset *set);
size_t pollset_add(struct pollset *set, int fd, short events);
void pollset_deadline(struct pollset *set, int64_t deadline);
short pollset_result(const struct pollset *set, size_t slot);
int pollset_wait(struct pollset *set);
void pollset_free(struct pollset *set);

#endif
