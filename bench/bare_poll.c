/*
 * bare_poll.c - the minimal poll, read, write relay that others are measured against
 *
 *	bare_poll [-f] LISTEN-ADDRESS TARGET-ADDRESS
 *
 * Accepts a connection, connects to the target and copies both ways through
 * one buffer of 64 KiB, with blocking writes. One connection, then it ends;
 * with -f it forks a child for each and goes on until it is ended.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static char buf[65536];

/* Copies what there is; at the end of the stream shuts the other side down and returns 0. */
static int copy(int in, int out)
{
	ssize_t n = read(in, buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0) {
		(void)shutdown(out, SHUT_WR);
		return 0;
	}
	for (ssize_t done = 0; done < n;) {
		ssize_t w = write(out, buf + done, (size_t)(n - done));

		if (w < 0)
			load_die("write");
		done += w;
	}
	return 1;
}

static void relay(int a, int b)
{
	struct pollfd p[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			load_die("poll");
		if (p[0].fd >= 0 && p[0].revents && !copy(a, b))
			p[0].fd = -1;
		if (p[1].fd >= 0 && p[1].revents && !copy(b, a))
			p[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	int listener, conn;
	int forking = 0;
	int opt;

	while ((opt = getopt(argc, argv, "f")) != -1) {
		if (opt != 'f')
			return 1;
		forking = 1;
	}
	if (argc - optind != 2)
		load_fail("usage: bare_poll [-f] LISTEN-ADDRESS TARGET-ADDRESS");
	load_limit(300);
	if (forking)
		signal(SIGCHLD, SIG_IGN);
	listener = load_listen(argv[optind]);
	while (forking) {
		conn = load_accept(listener);
		if (fork() == 0) {
			alarm(300);
			close(listener);
			relay(conn, load_connect(argv[optind + 1]));
			_exit(0);
		}
		close(conn);
	}
	conn = load_accept(listener);
	relay(conn, load_connect(argv[optind + 1]));
	return 0;
}
