/*
 * Many connections in one process. A crowd is a loop and its doors: whoever comes through a door is welcomed by
 * whoever runs the crowd (lanes.c: each with a second address of its own; hub.c: all in one conversation), and is
 * stepped when something happens to him.
 */
#ifndef SESSION_CROWD_H
#define SESSION_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "io/endpoint.h"
#include "io/opening.h"
#include "io/watch.h"
#include "session/plan.h"

struct crowd;

/* Somebody in the loop. */
struct guest {
	struct watcher watcher;
	void (*step)(struct guest *guest, struct crowd *crowd);
};

/* A listening address. */
struct door {
	struct guest guest;
	const struct address *address;
	struct acceptor *acceptor; /* owned */
	int64_t deadline;	   /* of accept-timeout */
	int64_t resting;	   /* after a failure: until when nobody is let in */
	bool failing;		   /* said already, and nobody has been let in since */
	bool full;		   /* said already */
	size_t inside;		   /* how many are in through this door */
	size_t slot;
};

/* Somebody who has come through a door, and whose handshake or the like isn't done yet. */
struct newcomer {
	struct guest guest;
	struct door *door;
	struct endpoint endpoint;
	struct opening *opening; /* owned */
	struct newcomer *next, **link;
};

/* What those who run a crowd do. */
struct crowd_ops {
	/* takes an endpoint over that came through a door */
	void (*welcome)(struct crowd *crowd, struct door *door, struct endpoint *endpoint);
	void (*program_ended)(struct crowd *crowd, pid_t pid, int status);
	void (*statistics)(struct crowd *crowd);
	/* our terminal has another size; may be NULL */
	void (*resize)(struct crowd *crowd);
	/* after each turn of the loop; may be NULL */
	void (*settle)(struct crowd *crowd);
};

struct crowd {
	const struct crowd_ops *ops;
	const struct plan *plan;
	struct watch *watch;
	struct guest signals;
	struct door doors[2];
	size_t door_count;
	struct newcomer *newcomers;
	size_t inside; /* all who are in, through whatever door */
	bool closed;   /* the doors have closed by themselves */
	bool over;
	struct error *error; /* why, if not by itself */
};

int crowd_init(struct crowd *crowd, const struct crowd_ops *ops, const struct plan *plan,
	struct error *error);
int crowd_open_door(struct crowd *crowd, const struct address *address, struct error *error);
void crowd_update(struct crowd *crowd, struct guest *guest);
void crowd_leave(struct crowd *crowd, struct door *door);
int crowd_run(struct crowd *crowd, struct error *error);
void crowd_free(struct crowd *crowd);

#endif
