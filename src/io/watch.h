/*
 * Many who wait, in one loop. Each has a pollset of its own, fills it as if it were alone, and finds the answers in
 * it; the watch tells the kernel what has changed, and wakes those for whom something has come or whose deadline
 * has. A turn of the loop is
 *
 *     watch_wait(watch);  while ((watcher = watch_next(watch)) != NULL) { step it; fill its set; watch_update(...); }
 */
#ifndef IO_WATCH_H
#define IO_WATCH_H

#include <stdbool.h>

#include "io/pollset.h"

struct watcher {
	struct pollset set;
	int *fds; /* that the kernel watches for it */
	size_t count, room;
	size_t place; /* among the deadlines, from 1; 0: it has none */
	int64_t due;  /* its deadline there */
	bool always;  /* it waits for a descriptor that is always ready */
	bool ready;   /* it is in the list of those who are to be woken */
	struct watcher *next;
};

struct watch;

struct watch *watch_create(void);
void watch_update(struct watch *watch, struct watcher *watcher);
void watch_wake(struct watch *watch, struct watcher *watcher);
void watch_forget(struct watch *watch, struct watcher *watcher);
void watch_remove(struct watch *watch, struct watcher *watcher);
int watch_wait(struct watch *watch);
struct watcher *watch_next(struct watch *watch);
void watch_free(struct watch *watch);

#endif
