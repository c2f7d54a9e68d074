/*
 * The fast path of a flow: the kernel moves the data (splice, sendfile, copy_file_range), and it never passes
 * through this program's memory. fast_linux.c has it, fast_none.c is for systems without.
 *
 * A flow enters when its source keeps filling whole blocks, nothing waits in its queue, and no filter wants
 * to see the data. It leaves when the kernel refuses or a byte limit comes near; what is on its way in a pipe
 * goes back to the queue then, so nothing is lost.
 */
#ifndef RELAY_FAST_H
#define RELAY_FAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow;

enum fast_way {
	FAST_OFF,
	FAST_REFUSED, /* tried, or not even that: these descriptors can't */
	FAST_THROUGH, /* splice into a pipe of our own and out of it */
	FAST_DIRECT,  /* splice; one of the two is a pipe */
	FAST_FILE,    /* sendfile from a regular file */
	FAST_COPY,    /* copy_file_range between regular files */
};

struct fast {
	enum fast_way way;
	int pipe[2];
	size_t level, room;	 /* what is in the pipe, and what it holds */
	bool readable, writable; /* no EAGAIN since poll said so */
};

static inline bool fast_is_on(const struct fast *fast)
{
	return fast->way > FAST_REFUSED;
}

void fast_start(struct flow *flow);
short fast_wants_input(const struct flow *flow);
short fast_wants_output(const struct flow *flow);
void fast_step(struct flow *flow, short in, short out);
void fast_free(struct fast *fast);

#endif
