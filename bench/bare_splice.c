/*
 * bare_splice.c - the plain splice relay that others are measured against
 *
 *	bare_splice LISTEN-ADDRESS TARGET-ADDRESS
 *
 * Accepts one connection, connects to the target and moves bytes both ways:
 * splice to a pipe of 1 MiB, splice from it, one thread, poll. What comes in is
 * sent on at once, without asking poll whether it may be.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_SIZE (1 << 20)

struct way {
	int in, out;
	int pipe[2];
	size_t held;
	int eof, done;
};

static void way_open(struct way *w, int in, int out)
{
	*w = (struct way){ .in = in, .out = out };
	if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		load_die("pipe");
	if (fcntl(w->pipe[1], F_SETPIPE_SZ, PIPE_SIZE) < 0)
		load_die("F_SETPIPE_SZ");
}

/* Fills the pipe if it is empty, then empties it as far as the sink goes along. */
static void way_move(struct way *w)
{
	ssize_t n;

	if (!w->held && !w->eof) {
		n = splice(w->in, NULL, w->pipe[1], NULL, PIPE_SIZE,
			SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			load_die("splice in");
		if (n == 0)
			w->eof = 1;
		if (n > 0)
			w->held = (size_t)n;
	}
	while (w->held) {
		n = splice(w->pipe[0], NULL, w->out, NULL, w->held,
			SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			load_die("splice out");
		w->held -= (size_t)n;
	}
	if (w->eof) {
		(void)shutdown(w->out, SHUT_WR);
		w->done = 1;
	}
}

/* The events this way waits for at fd. */
static short way_events(const struct way *w, int fd)
{
	if (w->done)
		return 0;
	if (fd == w->in)
		return w->held || w->eof ? 0 : POLLIN;
	return w->held ? POLLOUT : 0;
}

int main(int argc, char **argv)
{
	struct way there, back;
	struct pollfd p[2];

	if (argc != 3)
		load_fail("usage: bare_splice LISTEN-ADDRESS TARGET-ADDRESS");
	load_limit(300);
	p[0].fd = load_accept(load_listen(argv[1]));
	p[1].fd = load_connect(argv[2]);
	load_nonblock(p[0].fd);
	load_nonblock(p[1].fd);
	way_open(&there, p[0].fd, p[1].fd);
	way_open(&back, p[1].fd, p[0].fd);
	while (!there.done || !back.done) {
		for (int i = 0; i < 2; i++)
			p[i].events = way_events(&there, p[i].fd) | way_events(&back, p[i].fd);
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			load_die("poll");
		if (!there.done && ((p[0].revents & ~POLLOUT) || (p[1].revents & POLLOUT)))
			way_move(&there);
		if (!back.done && ((p[1].revents & ~POLLOUT) || (p[0].revents & POLLOUT)))
			way_move(&back);
	}
	return 0;
}
