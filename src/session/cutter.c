#include "session/cutter.h"

#include <string.h>

/* Adds bytes that have come. */
void cutter_add(struct cutter *cutter, const void *data, size_t length)
{
	queue_append(&cutter->held, data, length);
}

/* Cuts off the first length bytes. */
static bool cutter_cut(struct cutter *cutter, size_t length, bool ends, struct piece *piece)
{
	*piece = (struct piece){
		.data = length > 0 ? (const char *)cutter->held.data + cutter->held.start : "",
		.length = length,
		.starts = !cutter->inside,
		.ends = ends,
	};
	cutter->inside = !ends;
	cutter->looked = 0;
	queue_drained(&cutter->held, length);
	return true;
}

/* The next line with its end, or part of a line that is too long. Returns false if more has to come first. */
bool cutter_next(struct cutter *cutter, struct piece *piece)
{
	size_t length = queue_length(&cutter->held);
	const unsigned char *data, *end;

	if (length == cutter->looked)
		return false;
	data = cutter->held.data + cutter->held.start;
	end = memchr(data + cutter->looked, '\n', length - cutter->looked);
	if (end != NULL && (size_t)(end - data) < CUTTER_MOST)
		return cutter_cut(cutter, (size_t)(end - data) + 1, true, piece);
	if (length >= CUTTER_MOST)
		return cutter_cut(cutter, CUTTER_MOST, false, piece);
	cutter->looked = length;
	return false;
}

/* What is left at the end of the stream, a line without its end. Returns false if that is nothing. */
bool cutter_rest(struct cutter *cutter, struct piece *piece)
{
	size_t length = queue_length(&cutter->held);

	if (length == 0 && !cutter->inside)
		return false;
	return cutter_cut(cutter, length, true, piece);
}

/* Frees what is held. */
void cutter_free(struct cutter *cutter)
{
	queue_free(&cutter->held);
}
