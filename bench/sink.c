/*
 * sink.c - takes the bytes of one connection and counts them
 *
 *	sink [-c] ADDRESS BYTES
 *
 * Prints "LISTEN port", takes one connection and reads without copying:
 * MSG_TRUNC on TCP, splice to /dev/null on UNIX sockets. With -c the bytes are
 * read for real and compared with what `source` sends. When BYTES have come it
 * waits one second for the end of the stream. Prints "bytes seconds eof", from
 * the first byte to the last; eof is 0 if the end was not seen.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK ((size_t)4 << 20)

/* How the bytes are taken; chosen once for the connection. */
struct sink {
	int fd;
	int pipe[2];
	int null;
	const unsigned char *pattern;
	unsigned char *buf;
	uint64_t got;
};

/* Reads some bytes and compares each with the pattern. */
static ssize_t take_checked(struct sink *s)
{
	ssize_t n = read(s->fd, s->buf, CHUNK);

	for (size_t done = 0; n > 0 && done < (size_t)n;) {
		size_t at = (size_t)((s->got + done) % PATTERN_SIZE);
		size_t len = (size_t)n - done;

		if (len > PATTERN_SIZE - at)
			len = PATTERN_SIZE - at;
		if (memcmp(s->buf + done, s->pattern + at, len))
			load_fail("the bytes differ from those sent");
		done += len;
	}
	return n;
}

/* Moves some bytes from a UNIX socket to /dev/null. */
static ssize_t take_spliced(struct sink *s)
{
	ssize_t n = splice(s->fd, NULL, s->pipe[1], NULL, CHUNK, SPLICE_F_MOVE);

	for (ssize_t left = n; left > 0;) {
		ssize_t out = splice(s->pipe[0], NULL, s->null, NULL, (size_t)left, SPLICE_F_MOVE);

		if (out <= 0)
			load_die("splice");
		left -= out;
	}
	return n;
}

/* Takes some bytes the cheapest way there is; 0 is the end of the stream. */
static ssize_t take(struct sink *s)
{
	ssize_t n;

	do {
		if (s->pattern)
			n = take_checked(s);
		else if (s->null >= 0)
			n = take_spliced(s);
		else
			n = recv(s->fd, s->buf, CHUNK, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Whether something can be read within a second. */
static int readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 1000) == 1;
}

int main(int argc, char **argv)
{
	struct sink s = { .null = -1 };
	unsigned char *pattern = NULL;
	int eof = 0;
	int opt;
	double start, last;
	uint64_t expect;
	ssize_t n;

	while ((opt = getopt(argc, argv, "c")) != -1) {
		if (opt != 'c')
			return 1;
		load_pattern(&pattern);
	}
	if (argc - optind != 2)
		load_fail("usage: sink [-c] ADDRESS BYTES");
	load_limit(300);
	s.pattern = pattern;
	expect = load_number(argv[optind + 1], UINT64_MAX / 2);
	s.buf = malloc(CHUNK);
	if (!s.buf)
		load_die("malloc");
	if (strchr(argv[optind], '/')) {
		s.null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (s.null < 0 || pipe2(s.pipe, O_CLOEXEC) < 0)
			load_die("pipe");
		(void)fcntl(s.pipe[1], F_SETPIPE_SZ, 1 << 20);
	}
	s.fd = load_accept(load_listen(argv[optind]));
	start = last = 0;
	while (s.got < expect || readable(s.fd)) {
		if (!s.got) {
			(void)readable(s.fd);
			start = last = load_seconds();
		}
		n = take(&s);
		if (n < 0)
			load_die("read");
		if (n == 0) {
			eof = 1;
			break;
		}
		s.got += (uint64_t)n;
		last = load_seconds();
	}
	printf("%llu %.9f %d\n", (unsigned long long)s.got, last - start, eof);
	return 0;
}
