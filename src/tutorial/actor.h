/* One of the programs that a lesson runs: a command line in a shell, its keyboard and its screen. */
#ifndef TUTORIAL_ACTOR_H
#define TUTORIAL_ACTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

struct actor {
	const char *name;
	pid_t pid;
	int input;	  /* what is typed goes there, -1 once Ctrl-D was pressed */
	int output;	  /* what it shows, -1 at its end */
	struct text seen; /* all that it has shown */
	size_t told;	  /* up to here the lines have been passed on */
	size_t asked;	  /* up to here a lesson has looked at it */
};

struct actor_place {
	const char *directory; /* where commands run */
	const char *notify;    /* the socket that hears when a server is ready, or NULL */
};

int actor_start(struct actor *actor, const char *name, const char *command,
	const struct actor_place *place, struct error *error);
bool actor_listen(struct actor *actor);
int actor_count(const struct actor *actor);
int actor_end(struct actor *actor);

#endif
