#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/log.h"
#include "relay/fast.h"
#include "relay/flow.h"

#define FAST_PIPE_SIZE (1 << 20) /* what an unprivileged process may ask for */
#define FAST_CHUNK (1 << 20)	 /* the most one call moves */
#define FAST_ROUNDS 8 /* the most calls in one step, so that other flows get their turn */

/* Which way suits two streams: what they are decides, the kernel may still say no. */
static enum fast_way fast_choose(const struct stream *from, const struct stream *to)
{
	bool own_socket = (to->traits & STREAM_SOCKET) && !(to->traits & STREAM_KEEP);
	bool may_block = (from->traits & STREAM_KEEP) &&
		!(from->traits & (STREAM_SOCKET | STREAM_PIPE | STREAM_FILE));

	if (from->ops != NULL || to->ops != NULL || ((from->traits | to->traits) & STREAM_DATAGRAM))
		return FAST_REFUSED;
	if (!own_socket && !(to->traits & (STREAM_PIPE | STREAM_FILE)))
		return FAST_REFUSED;
	/* an inherited terminal: splice waits for the next line, whatever its flags say */
	if (may_block)
		return FAST_REFUSED;
	if ((from->traits & to->traits) & STREAM_FILE)
		return FAST_COPY;
	/* into a pipe not even from a file by sendfile: it would wait for room where the pipe may block */
	if ((from->traits | to->traits) & STREAM_PIPE)
		return FAST_DIRECT;
	if (from->traits & STREAM_FILE)
		return FAST_FILE;
	return from->traits & STREAM_SOCKET ? FAST_THROUGH : FAST_REFUSED;
}

/* Goes back to read and write. What is in the pipe goes to the queue. */
static void fast_stop(struct flow *flow)
{
	struct fast *fast = &flow->fast;

	while (fast->level > 0) {
		ssize_t n = call_read(fast->pipe[0], queue_space(&flow->queue, fast->level),
			fast->level);

		if (n <= 0)
			break;
		queue_filled(&flow->queue, (size_t)n);
		fast->level -= (size_t)n;
	}
	fast->way = FAST_REFUSED;
	fast_free(fast);
}

/* Gives a pipe as much room as one may have, if it is one. Returns its room. */
static size_t fast_widen(int fd)
{
	int size = call_fcntl(fd, F_GETPIPE_SZ, 0);

	if (size >= 0 && size < FAST_PIPE_SIZE && call_fcntl(fd, F_SETPIPE_SZ, FAST_PIPE_SIZE) >= 0)
		size = call_fcntl(fd, F_GETPIPE_SZ, 0);
	return size > 0 ? (size_t)size : 0;
}

/* Lets the kernel move the data of a busy flow from here on, if it can. Nothing may wait in the queue. */
void fast_start(struct flow *flow)
{
	struct fast *fast = &flow->fast;

	fast->way = flow->policy.messages ? FAST_REFUSED : fast_choose(flow->from, flow->to);
	fast->readable = fast->writable = false;
	if (fast->way == FAST_DIRECT) {
		fast_widen(flow->from->rfd);
		fast_widen(flow->to->wfd);
	}
	if (fast->way != FAST_THROUGH)
		return;
	if (fd_pipe(fast->pipe) < 0) {
		fast->way = FAST_REFUSED;
		return;
	}
	fd_set_nonblocking(fast->pipe[0], true);
	fast->room = fast_widen(fast->pipe[1]);
	log_debug("fd %d to fd %d: splice through a pipe of %zu bytes", flow->from->rfd,
		flow->to->wfd, fast->room);
}

/* The source is asked for while it has shown nothing. */
short fast_wants_input(const struct flow *flow)
{
	const struct fast *fast = &flow->fast;

	if (flow->state != FLOW_OPEN || fast->readable || flow->retry_at != INT64_MAX)
		return 0;
	return fast->way == FAST_THROUGH && fast->level > 0 ? 0 : POLLIN;
}

/* The sink is asked for when there is something to write. */
short fast_wants_output(const struct flow *flow)
{
	const struct fast *fast = &flow->fast;

	if (fast->way == FAST_THROUGH ? fast->level > 0 : fast->readable)
		return POLLOUT;
	return 0;
}

/* How much the next call may take from the source. */
static size_t fast_size(const struct flow *flow)
{
	size_t size = FAST_CHUNK;

	if (flow->fast.way == FAST_THROUGH)
		size = flow->fast.room;
	if (flow->policy.limit >= 0 && (uint64_t)flow->policy.limit < size)
		size = (size_t)flow->policy.limit;
	return size;
}

/* Keeps the books after data has left the source. */
static void fast_taken(struct flow *flow, size_t n)
{
	flow->moved = true;
	if (flow->policy.limit >= 0)
		flow->policy.limit -= (int64_t)n;
}

/* Keeps the books after data has reached the sink. */
static void fast_given(struct flow *flow, size_t n)
{
	flow->moved = true;
	flow->count.bytes += n;
	flow->count.blocks++;
	log_info("transferred %zu bytes from %d to %d", n, flow->from->rfd, flow->to->wfd);
}

/* One call that moves data from source to sink, or into the pipe. */
static ssize_t fast_call(struct flow *flow, size_t size)
{
	int from = flow->from->rfd, to = flow->to->wfd;

	switch (flow->fast.way) {
	case FAST_COPY:
		return call_copy_file_range(from, NULL, to, NULL, size, 0);
	case FAST_FILE:
		return call_sendfile(to, from, NULL, size);
	case FAST_THROUGH:
		to = flow->fast.pipe[1];
		break;
	default:
		break;
	}
	return call_splice(from, NULL, to, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* Empties the pipe into the sink. Returns whether it is empty now. */
static bool fast_drain(struct flow *flow)
{
	struct fast *fast = &flow->fast;

	while (fast->level > 0) {
		ssize_t n = call_splice(fast->pipe[0], NULL, flow->to->wfd, NULL, fast->level,
			SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (n <= 0) {
			if (n < 0 && errno == EAGAIN)
				fast->writable = false;
			else if (n < 0 && errno == EINTR)
				continue;
			else
				fast_stop(flow); /* write() will find the same error, and name it */
			return false;
		}
		fast->level -= (size_t)n;
		fast_given(flow, (size_t)n);
	}
	return true;
}

/* Moves data once. Returns whether it is worth trying again at once. */
static bool fast_move(struct flow *flow)
{
	struct fast *fast = &flow->fast;
	size_t size = fast_size(flow);
	ssize_t n = size > 0 ? fast_call(flow, size) : 0;

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN) {
		fast->readable = fast->writable = false;
		return false;
	}
	if (n <= 0) {
		fast_stop(flow); /* a plain read tells the end from a refusal */
		return false;
	}
	fast_taken(flow, (size_t)n);
	/* a socket that may block is not asked twice */
	if ((flow->from->traits & STREAM_SOCKET) && (flow->from->traits & STREAM_KEEP))
		fast->readable = false;
	if (fast->way == FAST_THROUGH) {
		fast->level += (size_t)n;
		/* a short answer means that the socket is empty now */
		if ((size_t)n < size)
			fast->readable = false;
		return fast_drain(flow) && fast->readable;
	}
	fast_given(flow, (size_t)n);
	return fast->readable;
}

/* Moves what can be moved now, given what poll said of both sides. */
void fast_step(struct flow *flow, short in, short out)
{
	struct fast *fast = &flow->fast;

	if (in != 0)
		fast->readable = true;
	if (out != 0)
		fast->writable = true;
	if (flow->state == FLOW_DONE)
		return;
	if (fast->way == FAST_THROUGH) {
		if (!fast_drain(flow))
			return;
	} else if (!fast->writable) {
		return;
	}
	for (int i = 0; i < FAST_ROUNDS && fast->readable && flow->state == FLOW_OPEN; i++) {
		if (!fast_move(flow))
			break;
	}
}

/* Closes the pipe. */
void fast_free(struct fast *fast)
{
	fd_close(&fast->pipe[0]);
	fd_close(&fast->pipe[1]);
	fast->level = 0;
}
