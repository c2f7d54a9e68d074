#include "io/waitset.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/fd.h"
#include "base/memory.h"

#define WAITSET_MOST 256 /* results that one call asks for */

struct waitset {
	int fd;
};

/* An empty set. Owned by the caller; NULL with errno if there is no descriptor for it. */
struct waitset *waitset_create(void)
{
	struct waitset *set;
	int fd = fd_above_standard(epoll_create1(EPOLL_CLOEXEC));

	if (fd < 0)
		return NULL;
	set = memory_zero(1, sizeof(*set));
	set->fd = fd;
	return set;
}

/*
 * Waits for these events of a descriptor from now on; known is whether the set should have it already. -1 with
 * EPERM: it is always ready (a regular file).
 */
int waitset_set(struct waitset *set, int fd, short events, bool known)
{
	struct epoll_event event = { .events = (unsigned short)events, .data.fd = fd };

	if (epoll_ctl(set->fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	/* the number may be that of another description by now */
	if (errno == ENOENT)
		return epoll_ctl(set->fd, EPOLL_CTL_ADD, fd, &event);
	return errno == EEXIST ? epoll_ctl(set->fd, EPOLL_CTL_MOD, fd, &event) : -1;
}

/* Waits for the descriptor no longer. */
void waitset_unset(struct waitset *set, int fd)
{
	epoll_ctl(set->fd, EPOLL_CTL_DEL, fd, NULL);
}

/* Waits. Returns how many results there are, 0 also for an interruption, or -1 with errno. */
int waitset_wait(struct waitset *set, int timeout, struct pollfd *results, size_t room)
{
	struct epoll_event events[WAITSET_MOST];
	int n = epoll_wait(set->fd, events, room < WAITSET_MOST ? (int)room : WAITSET_MOST,
		timeout);

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	for (int i = 0; i < n; i++)
		results[i] = (struct pollfd){ .fd = events[i].data.fd,
			.revents = (short)events[i].events };
	return n;
}

/* Frees the set. */
void waitset_free(struct waitset *set)
{
	fd_close(&set->fd);
	free(set);
}
