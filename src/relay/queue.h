/* What a flow has read and not yet written: a plain buffer, filled at the end and emptied at the start. */
#ifndef RELAY_QUEUE_H
#define RELAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue {
	unsigned char *data;
	size_t start, end; /* what waits is data[start] to data[end - 1] */
	size_t room;
};

void queue_append(struct queue *queue, const void *data, size_t length);
unsigned char *queue_space(struct queue *queue, size_t size);
void queue_free(struct queue *queue);

static inline size_t queue_length(const struct queue *queue)
{
	return queue->end - queue->start;
}

static inline bool queue_is_empty(const struct queue *queue)
{
	return queue->end == queue->start;
}

/* Counts what was read into queue_space as waiting. */
static inline void queue_filled(struct queue *queue, size_t length)
{
	queue->end += length;
}

/* Forgets what has been written. */
static inline void queue_drained(struct queue *queue, size_t length)
{
	queue->start += length;
	if (queue->start == queue->end)
		queue->start = queue->end = 0;
}

#endif
