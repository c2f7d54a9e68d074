/*
 * A member of a hub: what it says is cut into lines, what it is told waits in its queue. A member knows nothing of
 * the others; hub_say.c passes on.
 */
#ifndef SESSION_MEMBER_H
#define SESSION_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "filter/filter.h"
#include "session/crowd.h"
#include "session/cutter.h"

/* What telling a member something may lead to. */
enum member_room {
	MEMBER_ROOM,	/* there is room for more */
	MEMBER_FULL,	/* there is none: it was told nothing */
	MEMBER_WAITING, /* there is none for the next, so everybody has to wait */
};

struct member {
	struct guest guest;
	struct member *next, **link; /* the list of all */
	struct door *door;	     /* it has come through, NULL: it is the second address */
	const struct hub_settings *settings;
	struct endpoint endpoint;	/* of who has come through a door */
	struct stream *reader, *writer; /* NULL for a direction that isn't there */
	struct cutter cutter;
	struct queue queue; /* what it is still to be told; of datagrams each behind its length */
	struct filter *hearing, *speaking; /* line ends */
	struct text line;
	char *name;	  /* NULL: it has none */
	uint64_t dropped; /* how many lines it wasn't told */
	int64_t heard;	  /* when it said something last */
	bool empty_ends;  /* an empty datagram is its end */
	bool ended;	  /* it says no more */
	bool leaves;	  /* it wants the room to close */
	bool gone;	  /* its terminal is: nobody is left who could want to leave */
	bool leaving;	  /* it goes as soon as it has been told everything */
	bool lost;	  /* it goes at once */
	bool slow;	  /* because it was too slow */
	bool waiting;	  /* the others wait for it */
	size_t from_slot, to_slot;
};

enum member_room member_tell(struct member *member, const char *data, size_t length);
void member_reply(struct member *member, const char *data, size_t length);
bool member_is_heard(const struct member *member);
bool member_has_output(const struct member *member);
void member_flush(struct member *member);
ssize_t member_listen(struct member *member, char *buffer, size_t size);
void member_look_after(struct member *member);
void member_prepare(struct member *member, bool listening, int64_t idle);
bool member_is_relieved(const struct member *member);
void member_free(struct member *member);

#endif
