#include "io/watch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/waitset.h"

#define WATCH_RESULTS 256

/* Whose a descriptor is. Numbers are used again, so an old owner may find somebody else's here. */
struct watch_fd {
	struct watcher *owner;
	short events;
	bool always;
};

struct watch {
	struct waitset *set;
	struct watch_fd *fds; /* by number */
	size_t known;
	struct watcher **heap; /* by deadline, the earliest first */
	size_t waiting, room;
	struct watcher *first, **last; /* those who are to be woken */
};

/* Whoever comes first in the heap. */
static void watch_place(struct watch *watch, size_t place, struct watcher *watcher)
{
	watch->heap[place - 1] = watcher;
	watcher->place = place;
}

/* Moves a watcher up to where its deadline belongs, or down. */
static void watch_sift(struct watch *watch, struct watcher *watcher)
{
	size_t place = watcher->place;

	for (; place > 1 && watch->heap[place / 2 - 1]->due > watcher->due; place /= 2)
		watch_place(watch, place, watch->heap[place / 2 - 1]);
	for (;;) {
		size_t child = 2 * place;

		if (child < watch->waiting && watch->heap[child]->due < watch->heap[child - 1]->due)
			child++;
		if (child > watch->waiting || watch->heap[child - 1]->due >= watcher->due)
			break;
		watch_place(watch, place, watch->heap[child - 1]);
		place = child;
	}
	watch_place(watch, place, watcher);
}

/* Takes a watcher out of the heap. */
static void watch_forget_deadline(struct watch *watch, struct watcher *watcher)
{
	struct watcher *last;

	if (watcher->place == 0)
		return;
	last = watch->heap[--watch->waiting];
	if (last != watcher) {
		last->place = watcher->place;
		watch_sift(watch, last);
	}
	watcher->place = 0;
}

/* Notes when a watcher wants to be woken whatever happens. */
static void watch_deadline(struct watch *watch, struct watcher *watcher, int64_t due)
{
	if (due == CLOCK_NEVER) {
		watch_forget_deadline(watch, watcher);
		return;
	}
	if (watcher->place == 0) {
		watch->heap = memory_grow(watch->heap, &watch->room, watch->waiting + 1,
			sizeof(struct watcher *));
		watcher->place = ++watch->waiting;
	} else if (watcher->due == due) {
		return;
	}
	watcher->due = due;
	watch_sift(watch, watcher);
}

/* The note about a descriptor. */
static struct watch_fd *watch_note(struct watch *watch, int fd)
{
	size_t before = watch->known;

	if ((size_t)fd >= watch->known) {
		watch->fds = memory_grow(watch->fds, &watch->known, (size_t)fd + 1,
			sizeof(*watch->fds));
		for (size_t i = before; i < watch->known; i++)
			watch->fds[i] = (struct watch_fd){ 0 };
	}
	return &watch->fds[fd];
}

/* Asks the kernel for what one slot wants. */
static void watch_slot(struct watch *watch, struct watcher *watcher, const struct pollfd *slot)
{
	struct watch_fd *note = watch_note(watch, slot->fd);
	bool known;

	if (note->owner == watcher && note->events == slot->events && !note->always)
		return;
	if (note->owner != watcher) {
		watcher->fds = memory_grow(watcher->fds, &watcher->room, watcher->count + 1,
			sizeof(*watcher->fds));
		watcher->fds[watcher->count++] = slot->fd;
	}
	known = note->owner != NULL;
	*note = (struct watch_fd){ watcher, slot->events, false };
	if (waitset_set(watch->set, slot->fd, slot->events, known) < 0)
		note->always = true;
	watcher->always = watcher->always || (note->always && slot->events != 0);
}

/* Whether the set still has the descriptor. */
static bool watch_wants(const struct watcher *watcher, int fd)
{
	for (size_t i = 0; i < watcher->set.count; i++) {
		if (watcher->set.slots[i].fd == fd)
			return true;
	}
	return false;
}

/* Drops the descriptors that the set has no more; all of them when it is empty. */
static void watch_drop(struct watch *watch, struct watcher *watcher)
{
	size_t kept = 0;

	for (size_t i = 0; i < watcher->count; i++) {
		int fd = watcher->fds[i];
		struct watch_fd *note = watch_note(watch, fd);

		if (note->owner != watcher)
			continue;
		if (watch_wants(watcher, fd)) {
			watcher->fds[kept++] = fd;
			continue;
		}
		waitset_unset(watch->set, fd);
		*note = (struct watch_fd){ 0 };
	}
	watcher->count = kept;
}

/* An empty watch. Owned by the caller; NULL with errno if the system has no room for it. */
struct watch *watch_create(void)
{
	struct waitset *set = waitset_create();
	struct watch *watch;

	if (set == NULL)
		return NULL;
	watch = memory_zero(1, sizeof(*watch));
	watch->set = set;
	watch->last = &watch->first;
	return watch;
}

/* Takes note of what a watcher's set wants now. */
void watch_update(struct watch *watch, struct watcher *watcher)
{
	watcher->always = false;
	watch_drop(watch, watcher);
	for (size_t i = 0; i < watcher->set.count; i++)
		watch_slot(watch, watcher, &watcher->set.slots[i]);
	watch_deadline(watch, watcher, watcher->always ? 0 : watcher->set.deadline);
}

/* Takes a watcher out of the list of those who are to be woken. */
static void watch_unready(struct watch *watch, struct watcher *watcher)
{
	struct watcher **link = &watch->first;

	if (!watcher->ready)
		return;
	while (*link != watcher)
		link = &(*link)->next;
	*link = watcher->next;
	if (watch->last == &watcher->next)
		watch->last = link;
	watcher->ready = false;
}

/* Forgets the descriptors of a watcher, whose numbers may be used again; watch_update is to follow. */
void watch_forget(struct watch *watch, struct watcher *watcher)
{
	pollset_clear(&watcher->set);
	watch_drop(watch, watcher);
}

/* Forgets a watcher, and frees what it has. Its descriptors are still open, or it has to be called before that. */
void watch_remove(struct watch *watch, struct watcher *watcher)
{
	watch_forget(watch, watcher);
	watch_forget_deadline(watch, watcher);
	watch_unready(watch, watcher);
	pollset_free(&watcher->set);
	free(watcher->fds);
	*watcher = (struct watcher){ 0 };
}

/* Puts a watcher into the list of those who are to be woken, without any answer yet. */
static void watch_ready(struct watch *watch, struct watcher *watcher)
{
	if (watcher->ready)
		return;
	for (size_t i = 0; i < watcher->set.count; i++) {
		struct pollfd *slot = &watcher->set.slots[i];

		slot->revents = watch_note(watch, slot->fd)->always ? slot->events : 0;
	}
	watcher->ready = true;
	watcher->next = NULL;
	*watch->last = watcher;
	watch->last = &watcher->next;
}

/* Wakes a watcher for a reason that the kernel knows nothing of. */
void watch_wake(struct watch *watch, struct watcher *watcher)
{
	watch_ready(watch, watcher);
}

/* Gives an answer of the kernel to the one it is for. */
static void watch_answer(struct watch *watch, const struct pollfd *result)
{
	struct watcher *watcher = watch_note(watch, result->fd)->owner;

	if (watcher == NULL)
		return;
	watch_ready(watch, watcher);
	for (size_t i = 0; i < watcher->set.count; i++) {
		struct pollfd *slot = &watcher->set.slots[i];

		if (slot->fd == result->fd)
			slot->revents = (short)(result->revents &
				(slot->events | POLLERR | POLLHUP | POLLNVAL));
	}
}

/* Sleeps until something has happened to somebody. Returns -1 with errno when that is impossible. */
int watch_wait(struct watch *watch)
{
	struct pollfd results[WATCH_RESULTS];
	int64_t due = watch->waiting > 0 ? watch->heap[0]->due : CLOCK_NEVER;
	int timeout = watch->first != NULL ? 0 : clock_poll_timeout(due);
	int n = waitset_wait(watch->set, timeout, results, WATCH_RESULTS);
	int64_t now;

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++)
		watch_answer(watch, &results[i]);
	if (due == CLOCK_NEVER)
		return 0;
	now = clock_now();
	while (watch->waiting > 0 && watch->heap[0]->due <= now) {
		struct watcher *watcher = watch->heap[0];

		watch_forget_deadline(watch, watcher);
		watch_ready(watch, watcher);
	}
	return 0;
}

/* The next one who is to be woken, or NULL. Whoever gets it updates or removes it. */
struct watcher *watch_next(struct watch *watch)
{
	struct watcher *watcher = watch->first;

	if (watcher != NULL)
		watch_unready(watch, watcher);
	return watcher;
}

/* Frees the watch; those who were in it are gone already. */
void watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	waitset_free(watch->set);
	free(watch->heap);
	free(watch->fds);
	free(watch);
}
