/*
 * What the parts of a hub share: hub.c is who is there and what happens when, hub_say.c what is said and to whom it
 * goes, hub_names.c who is called what.
 */
#ifndef SESSION_HUB_STATE_H
#define SESSION_HUB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/room.h"
#include "base/text.h"
#include "filter/filter.h"
#include "session/crowd.h"
#include "session/cutter.h"
#include "session/member.h"
#include "session/open.h"

#define HUB_BLOCK 65536

struct hub {
	struct crowd crowd;
	struct member *first;
	struct opened second;	    /* the second address, unless it listens too, or is missing */
	struct filter *watching[2]; /* -v, -x, -r, -R: of who came through a door, of the second */
	struct text line;
	size_t waiting; /* for so many members the others wait */
	bool touched;	/* somebody was told something in this turn, or goes */
	uint64_t lines, bytes;
	char buffer[HUB_BLOCK];
};

void hub_report(struct hub *hub, const struct member *who, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hub_answer(struct hub *hub, struct member *to, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool hub_is_star(const struct hub *hub);
void hub_pass_on(struct hub *hub, struct member *member, const char *data, size_t length);
void hub_hear_end(struct hub *hub, struct member *member);

char *hub_unique_name(const struct hub *hub, const char *wish);
char *hub_first_name(const struct hub *hub, const struct endpoint *endpoint);
void hub_greet(struct hub *hub, struct member *member);
bool hub_obey(struct hub *hub, struct member *member, const struct piece *piece);

#endif
