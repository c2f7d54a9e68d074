/*
 * echo.c - a server that sends back what it gets, for many connections at once
 *
 *	echo ADDRESS
 *
 * Prints "LISTEN port" and serves from one epoll loop until it is ended, or
 * for ten minutes at most. Meant for short messages.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Takes every connection that waits. */
static void accept_all(int ep, int listener)
{
	int one = 1;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
			load_die("epoll_ctl");
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		load_die("accept");
}

/* Sends back what has come; the end of the stream or an error closes it. */
static void answer(int fd)
{
	char buf[16384];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || write(fd, buf, (size_t)n) != n)
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event ev[64] = { 0 };
	struct rlimit files;
	int ep, listener;

	if (argc != 2)
		load_fail("usage: echo ADDRESS");
	load_limit(600);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		load_die("epoll_create1");
	listener = load_listen(argv[1]);
	load_nonblock(listener);
	ev[0] = (struct epoll_event){ .events = EPOLLIN, .data.fd = listener };
	if (epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev[0]) < 0)
		load_die("epoll_ctl");
	for (;;) {
		int n = epoll_wait(ep, ev, 64, -1);

		if (n < 0 && errno != EINTR)
			load_die("epoll_wait");
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == listener)
				accept_all(ep, listener);
			else
				answer(ev[i].data.fd);
		}
	}
}
