#include "relay/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define QUEUE_STEP 512
#define QUEUE_ALIGNMENT 4096 /* what a file that was opened with o-direct asks of a buffer */

/* Makes room for size more bytes behind what waits; the caller fills it and says so with queue_filled. */
unsigned char *queue_space(struct queue *queue, size_t size)
{
	if (queue->room - queue->end < size && queue->start > 0) {
		memmove(queue->data, queue->data + queue->start, queue_length(queue));
		queue->end -= queue->start;
		queue->start = 0;
	}
	if (queue->room - queue->end < size) {
		unsigned char *data;

		queue->room = queue->end + size;
		data = memory_aligned(QUEUE_ALIGNMENT, queue->room);
		if (queue->end > 0)
			memcpy(data, queue->data, queue->end);
		free(queue->data);
		queue->data = data;
	}
	return queue->data + queue->end;
}

/* Copies bytes to the end. The room grows in steps, for many small pieces may follow. */
void queue_append(struct queue *queue, const void *data, size_t length)
{
	size_t space = length;

	if (length == 0)
		return;
	if (queue->room - queue_length(queue) < length)
		space += queue_length(queue) > QUEUE_STEP ? queue_length(queue) : QUEUE_STEP;
	memcpy(queue_space(queue, space), data, length);
	queue_filled(queue, length);
}

/* Frees the buffer and what waits in it. */
void queue_free(struct queue *queue)
{
	free(queue->data);
	*queue = (struct queue){ 0 };
}
