/* Where a lesson is played: its actors, and the screen that shows them. */
#ifndef TUTORIAL_STAGE_H
#define TUTORIAL_STAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "tutorial/actor.h"
#include "tutorial/lesson.h"

#define STAGE_ACTORS 4

struct stage {
	struct actor actors[STAGE_ACTORS];
	int actor_count;
	char *directory; /* a new one, where commands run */
	char *notify;	 /* in it: the socket that hears of servers that are ready */
	int ready;	 /* that socket */
	char port[12];	 /* the one that takes the place of LESSON_PORT */
};

int stage_open(struct stage *stage, struct error *error);
int stage_play(struct stage *stage, const struct act *act, struct error *error);
void stage_clear(struct stage *stage);
void stage_close(struct stage *stage);
char *stage_local(const struct stage *stage, const char *text);

#endif
