/* Cuts a stream of bytes into lines, however the bytes come. A very long line is cut into parts. */
#ifndef SESSION_CUTTER_H
#define SESSION_CUTTER_H

#include <stdbool.h>
#include <stddef.h>

#include "relay/queue.h"

#define CUTTER_MOST 65536 /* the longest piece */

struct cutter {
	struct queue held; /* what has come and isn't cut off yet */
	size_t looked;	   /* so much of it has no line end */
	bool inside;	   /* the last piece was no end of a line */
};

/* A piece of the stream, which stays the cutter's until more is added. */
struct piece {
	const char *data;
	size_t length;
	bool starts, ends; /* a line */
};

void cutter_add(struct cutter *cutter, const void *data, size_t length);
bool cutter_next(struct cutter *cutter, struct piece *piece);
bool cutter_rest(struct cutter *cutter, struct piece *piece);
void cutter_free(struct cutter *cutter);

#endif
