#include "io/waitset.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/text.h"

#define WAITSET_MOST 256 /* results that one call asks for */

struct waitset {
	int fd;
};

/* Appends events by their names. */
static void waitset_name(struct text *out, unsigned events)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { EPOLLIN, "EPOLLIN" }, { EPOLLPRI, "EPOLLPRI" }, { EPOLLOUT, "EPOLLOUT" },
		{ EPOLLERR, "EPOLLERR" }, { EPOLLHUP, "EPOLLHUP" } };
	const char *between = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!(events & names[i].bit))
			continue;
		text_print(out, "%s%s", between, names[i].name);
		between = "|";
	}
	if (between[0] == '\0')
		text_add_char(out, '0');
}

/* Does as epoll_ctl, and tells of it where calls are told. */
static int waitset_control(const struct waitset *set, int operation, int fd,
	struct epoll_event *event)
{
	static const char *const words[] = {
		[EPOLL_CTL_ADD] = "EPOLL_CTL_ADD",
		[EPOLL_CTL_DEL] = "EPOLL_CTL_DEL",
		[EPOLL_CTL_MOD] = "EPOLL_CTL_MOD",
	};
	int result = epoll_ctl(set->fd, operation, fd, event), number = errno;
	struct text events = TEXT_EMPTY;

	if (call_manner == CALL_STRAIGHT)
		return result;
	waitset_name(&events, event != NULL ? event->events : 0);
	errno = number;
	if (event != NULL)
		call_made(result, _("waits for it from now on"),
			"epoll_ctl(%d, %s, %d, {events=%s, data=%d})", set->fd, words[operation],
			fd, events.data, fd);
	else
		call_made(result, _("waits for it no longer"), "epoll_ctl(%d, %s, %d, NULL)",
			set->fd, words[operation], fd);
	text_free(&events);
	return result;
}

/* An empty set. Owned by the caller; NULL with errno if there is no descriptor for it. */
struct waitset *waitset_create(void)
{
	struct waitset *set;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (call_manner != CALL_STRAIGHT)
		call_made(fd, _("a set of descriptors to wait for, kept by the kernel"),
			"epoll_create1(EPOLL_CLOEXEC)");
	fd = fd_above_standard(fd);
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

	if (waitset_control(set, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	/* the number may be that of another description by now */
	if (errno == ENOENT)
		return waitset_control(set, EPOLL_CTL_ADD, fd, &event);
	return errno == EEXIST ? waitset_control(set, EPOLL_CTL_MOD, fd, &event) : -1;
}

/* Waits for the descriptor no longer. */
void waitset_unset(struct waitset *set, int fd)
{
	waitset_control(set, EPOLL_CTL_DEL, fd, NULL);
}

/* Tells what waiting has found. */
static void waitset_tell(const struct waitset *set, const struct epoll_event *events, int count,
	int room, int timeout)
{
	struct text found = TEXT_EMPTY;
	int number = errno;

	for (int i = 0; i < count; i++) {
		text_add_string(&found, i > 0 ? ", {events=" : "{events=");
		waitset_name(&found, events[i].events);
		text_print(&found, ", data=%d}", events[i].data.fd);
	}
	errno = number;
	call_made(count, _("waits until something happens to one of the set"),
		"epoll_wait(%d, [%s], %d, %d)", set->fd, found.data != NULL ? found.data : "", room,
		timeout);
	text_free(&found);
}

/* Waits. Returns how many results there are, 0 also for an interruption, or -1 with errno. */
int waitset_wait(struct waitset *set, int timeout, struct pollfd *results, size_t room)
{
	struct epoll_event events[WAITSET_MOST];
	int n = epoll_wait(set->fd, events, room < WAITSET_MOST ? (int)room : WAITSET_MOST,
		timeout);

	if (call_manner != CALL_STRAIGHT)
		waitset_tell(set, events, n, room < WAITSET_MOST ? (int)room : WAITSET_MOST,
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
