/*
 * source.c - sends a number of bytes as fast as the receiver takes them
 *
 *	source [-w SECONDS] ADDRESS BYTES
 *
 * ADDRESS may be "-" for a pipe at standard output. A pipe gets the pages of a
 * memory file by sendfile; a socket gets them by large sends, which leave the
 * kernel larger pieces to hand on than sendfile does. Then the sending side is
 * shut down; with -w the program waits that long at most for the peer to close.
 * Prints "bytes seconds" to standard error: from the first byte to the peer's
 * close with -w, to the last byte handed to the kernel without.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

/* Sends count bytes of the repeated pattern. */
static void send_all(int fd, int pattern, const unsigned char *map, uint64_t count)
{
	int to_pipe = fd == STDOUT_FILENO;
	uint64_t sent = 0;

	while (sent < count) {
		off_t off = (off_t)(sent % PATTERN_SIZE);
		size_t want = PATTERN_SIZE - (size_t)off;
		ssize_t n;

		if (want > count - sent)
			want = (size_t)(count - sent);
		if (want > CHUNK)
			want = CHUNK;
		n = to_pipe ? sendfile(fd, pattern, &off, want) : send(fd, map + off, want, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			load_die("send");
		sent += (uint64_t)n;
	}
}

/* Waits until the peer has closed; milliseconds at most. */
static void await_close(int fd, int milliseconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[4096];

	do {
		if (poll(&p, 1, milliseconds) <= 0)
			load_fail("the peer does not close");
	} while (read(fd, buf, sizeof(buf)) > 0);
}

int main(int argc, char **argv)
{
	unsigned char *map;
	int wait = 0;
	double start;
	uint64_t count;
	int pattern, fd, opt;

	while ((opt = getopt(argc, argv, "w:")) != -1) {
		if (opt != 'w')
			return 1;
		wait = (int)load_number(optarg, 600) * 1000;
	}
	if (argc - optind != 2)
		load_fail("usage: source [-w SECONDS] ADDRESS BYTES");
	load_limit(300);
	count = load_number(argv[optind + 1], UINT64_MAX / 2);
	pattern = load_pattern(&map);
	fd = strcmp(argv[optind], "-") ? load_connect(argv[optind]) : STDOUT_FILENO;
	start = load_seconds();
	send_all(fd, pattern, map, count);
	(void)shutdown(fd, SHUT_WR);
	if (wait)
		await_close(fd, wait);
	fprintf(stderr, "%llu %.9f\n", (unsigned long long)count, load_seconds() - start);
	return 0;
}
