/*
 * conns.c - many short connections: connect, a byte there, a byte back, close
 *
 *	conns [-e] PORT COUNT PARALLEL
 *	conns -i PORT COUNT
 *
 * Keeps PARALLEL connections under way in one epoll loop until COUNT are done.
 * With -e nothing is written: a connection is done when the other side has
 * ended it. With -i all COUNT are kept open when the byte is back; "HELD count"
 * is printed then, and the end of standard input ends all. Prints "count seconds". A connection that breaks ends the program with 1.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* -e: wait for the end of each connection. */
static int until_end;

/* Starts a connection; epoll tells when it can be written. */
static void start_one(int ep, uint16_t port)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event ev = { .events = EPOLLOUT };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		load_die("socket");
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 && errno != EINPROGRESS)
		load_die("connect");
	ev.data.fd = fd;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		load_die("epoll_ctl");
}

/* Takes one connection a step further; returns 1 when it is done. */
static int step(int ep, struct epoll_event *ev)
{
	struct epoll_event next = { .events = EPOLLIN, .data.fd = ev->data.fd };
	char byte = 'x';

	if (ev->events & EPOLLOUT) {
		if (!until_end && write(ev->data.fd, &byte, 1) != 1)
			load_die("write");
		if (epoll_ctl(ep, EPOLL_CTL_MOD, ev->data.fd, &next) < 0)
			load_die("epoll_ctl");
		return 0;
	}
	byte = 0;
	errno = 0;
	if (until_end && read(ev->data.fd, &byte, 1) != 0)
		load_die("there is no end where one was expected");
	if (!until_end && (read(ev->data.fd, &byte, 1) != 1 || byte != 'x'))
		load_die("the byte did not come back");
	close(ev->data.fd);
	return 1;
}

/* Makes that many connections, a byte each way, and keeps them until standard input ends. */
static int hold(const char *port, uint64_t count)
{
	struct rlimit files;
	char byte = 'x';

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (uint64_t i = 0; i < count; i++) {
		int fd = load_connect(port);

		if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1 || byte != 'x')
			load_die("the byte did not come back");
	}
	printf("HELD %llu\n", (unsigned long long)count);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct epoll_event ev[64];
	uint64_t count, parallel, started = 0, done = 0;
	uint16_t port;
	double start;
	int ep;

	if (argc > 1 && strcmp(argv[1], "-e") == 0) {
		until_end = 1;
		argv++;
		argc--;
	}
	if (argc == 4 && strcmp(argv[1], "-i") == 0) {
		load_limit(300);
		return hold(argv[2], load_number(argv[3], 1000000));
	}
	if (argc != 4)
		load_fail("usage: conns [-e] PORT COUNT PARALLEL");
	load_limit(300);
	port = (uint16_t)load_number(argv[1], 65535);
	count = load_number(argv[2], 100000000);
	parallel = load_number(argv[3], 64);
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		load_die("epoll_create1");
	start = load_seconds();
	while (started < parallel && started < count) {
		start_one(ep, port);
		started++;
	}
	while (done < count) {
		int n = epoll_wait(ep, ev, 64, 10000);

		if (n == 0)
			load_fail("no connection moved for ten seconds");
		if (n < 0 && errno != EINTR)
			load_die("epoll_wait");
		for (int i = 0; i < n; i++) {
			if (!step(ep, &ev[i]))
				continue;
			done++;
			if (started < count) {
				start_one(ep, port);
				started++;
			}
		}
	}
	printf("%llu %.9f\n", (unsigned long long)done, load_seconds() - start);
	return 0;
}
