#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "io/stream.h"

static bool blocks(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static int temporary_file(void)
{
	char path[] = "/tmp/test_stream.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static void socket_pair(int type, int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
}

/* Expects traits that stream_open finds out about a descriptor. */
static void expect_traits(int fd, unsigned given, unsigned expected)
{
	struct stream stream;

	assert_int_equal(stream_open(&stream, fd, fd, given), 0);
	assert_int_equal(stream.traits, expected);
	assert_int_equal(stream.rfd, fd);
	assert_int_equal(stream.wfd, fd);
	assert_int_equal(stream.half_close, HALF_CLOSE_DEFAULT);
	stream.traits &= ~(unsigned)STREAM_KEEP;
	stream_close(&stream);
	assert_int_equal(stream.rfd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void test_traits(void **state)
{
	int ends[2];

	(void)state;
	socket_pair(SOCK_STREAM, ends);
	expect_traits(ends[0], 0, STREAM_SOCKET | STREAM_ENDS | STREAM_NOWAIT);
	expect_traits(ends[1], STREAM_KEEP,
		STREAM_SOCKET | STREAM_ENDS | STREAM_NOWAIT | STREAM_KEEP);
	socket_pair(SOCK_DGRAM, ends);
	expect_traits(ends[0], 0, STREAM_SOCKET | STREAM_DATAGRAM | STREAM_NOWAIT);
	close(ends[1]);
	socket_pair(SOCK_SEQPACKET, ends);
	expect_traits(ends[0], 0, STREAM_SOCKET | STREAM_DATAGRAM | STREAM_ENDS | STREAM_NOWAIT);
	close(ends[1]);
	assert_int_equal(fd_pipe(ends), 0);
	expect_traits(ends[0], 0, STREAM_PIPE | STREAM_ENDS | STREAM_NOWAIT);
	expect_traits(ends[1], STREAM_KEEP, STREAM_PIPE | STREAM_ENDS | STREAM_KEEP);
	expect_traits(temporary_file(), 0, STREAM_FILE | STREAM_ENDS | STREAM_NOWAIT);
	expect_traits(temporary_file(), STREAM_KEEP,
		STREAM_FILE | STREAM_ENDS | STREAM_NOWAIT | STREAM_KEEP);
	expect_traits(open("/dev/null", O_RDWR | O_CLOEXEC), 0, STREAM_ENDS | STREAM_NOWAIT);
}

/* Two descriptors of different kinds: what is only true of one isn't said of the stream. */
static void test_mixed_traits(void **state)
{
	struct stream stream;
	int sockets[2], pipe_ends[2];

	(void)state;
	socket_pair(SOCK_DGRAM, sockets);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	assert_int_equal(stream_open(&stream, sockets[0], pipe_ends[1], 0), 0);
	assert_int_equal(stream.traits & (STREAM_SOCKET | STREAM_DATAGRAM), 0);
	stream_close(&stream);
	close(sockets[1]);
	close(pipe_ends[0]);
}

static void test_terminal(void **state)
{
	struct stream stream;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave;

	(void)state;
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		skip();
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(stream_open(&stream, slave, slave, STREAM_KEEP), 0);
	assert_int_equal(stream.traits, STREAM_TERMINAL | STREAM_KEEP);
	assert_true(blocks(slave));
	close(slave);
	close(master);
}

/* A descriptor that others share must never stop blocking; one that is ours must. */
static void test_nonblocking(void **state)
{
	struct stream stream;
	int ends[2];

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		for (int keep = 0; keep < 2; keep++) {
			if (kind == 0)
				assert_int_equal(fd_pipe(ends), 0);
			else
				socket_pair(kind == 1 ? SOCK_STREAM : SOCK_DGRAM, ends);
			assert_int_equal(stream_open(&stream, ends[0], ends[1],
						 keep ? STREAM_KEEP : 0),
				0);
			assert_int_equal(blocks(ends[0]), keep);
			assert_int_equal(blocks(ends[1]), keep);
			stream_write(&stream, "x", 1);
			assert_int_equal(blocks(ends[1]), keep);
			stream_close(&stream);
			if (keep) {
				close(ends[0]);
				close(ends[1]);
			}
			assert_int_equal(fcntl(ends[0], F_GETFD), -1);
			assert_int_equal(fcntl(ends[1], F_GETFD), -1);
		}
	}
}

static void test_not_open(void **state)
{
	struct stream stream;
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	close(ends[1]);
	assert_int_equal(stream_open(&stream, ends[1], ends[1], 0), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(stream_open(&stream, ends[0], ends[1], 0), -1);
	assert_int_equal(errno, EBADF);
	/* nothing was closed */
	assert_int_equal(close(ends[0]), 0);
}

/* Reading and writing an inherited socket or pipe that has nothing, or no room, doesn't wait. */
static void test_inherited_never_waits(void **state)
{
	static char much[1 << 20];
	struct stream stream;
	ssize_t n, total = 0;
	char byte;
	int ends[2];

	(void)state;
	alarm(60);
	socket_pair(SOCK_STREAM, ends);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], STREAM_KEEP), 0);
	assert_int_equal(stream_read(&stream, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	while ((n = stream_write(&stream, much, sizeof(much))) > 0)
		total += n;
	assert_int_equal(n, -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(total > 0);
	close(ends[0]);
	close(ends[1]);
	/* a pipe is only written to when poll says so, and takes what it has room for */
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(stream_open(&stream, -1, ends[1], STREAM_KEEP), 0);
	for (struct pollfd slot = { .fd = ends[1], .events = POLLOUT }; poll(&slot, 1, 0) > 0;)
		assert_true(stream_write(&stream, much, sizeof(much)) > 0);
	close(ends[0]);
	close(ends[1]);
	alarm(0);
}

/* A message that is empty is none; the end of a stream is its end. */
static void test_ends(void **state)
{
	struct stream stream;
	char data[4];
	int ends[2];

	(void)state;
	socket_pair(SOCK_DGRAM, ends);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], 0), 0);
	assert_int_equal(send(ends[1], "", 0, 0), 0);
	assert_int_equal(stream_read(&stream, data, sizeof(data)), 0);
	assert_int_equal(stream_read(&stream, data, sizeof(data)), -1);
	assert_int_equal(errno, EAGAIN);
	close(ends[1]);
	stream_close(&stream);
	socket_pair(SOCK_STREAM, ends);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], 0), 0);
	close(ends[1]);
	assert_int_equal(stream_read(&stream, data, sizeof(data)), STREAM_END);
	assert_int_equal(stream_write(&stream, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	stream_close(&stream);
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(stream_open(&stream, ends[0], -1, 0), 0);
	assert_int_equal(stream_read(&stream, data, sizeof(data)), -1);
	assert_int_equal(errno, EAGAIN);
	close(ends[1]);
	assert_int_equal(stream_read(&stream, data, sizeof(data)), STREAM_END);
	stream_close(&stream);
}

/* What the other end of a socket sees after a half-close: 0 for the end, -1 for nothing. */
static ssize_t half_closed(enum half_close kind, int type, bool *writable)
{
	struct stream stream;
	char data[8];
	ssize_t n;
	int ends[2];

	socket_pair(type, ends);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], 0), 0);
	stream.half_close = kind;
	assert_int_equal(stream_end_write(&stream), 0);
	n = recv(ends[1], data, sizeof(data), MSG_DONTWAIT);
	*writable = send(ends[1], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
	stream_close(&stream);
	close(ends[1]);
	return n;
}

static void test_half_close(void **state)
{
	bool writable;

	(void)state;
	assert_int_equal(half_closed(HALF_CLOSE_DEFAULT, SOCK_STREAM, &writable), 0);
	assert_true(writable);
	assert_int_equal(half_closed(HALF_CLOSE_DEFAULT, SOCK_SEQPACKET, &writable), 0);
	assert_int_equal(half_closed(HALF_CLOSE_DEFAULT, SOCK_DGRAM, &writable), -1);
	assert_true(writable);
	assert_int_equal(half_closed(HALF_CLOSE_NONE, SOCK_STREAM, &writable), -1);
	assert_true(writable);
	assert_int_equal(half_closed(HALF_CLOSE_DOWN, SOCK_STREAM, &writable), 0);
	assert_true(writable);
	assert_int_equal(half_closed(HALF_CLOSE_CLOSE, SOCK_STREAM, &writable), 0);
	assert_false(writable);
	assert_int_equal(half_closed(HALF_CLOSE_NULL, SOCK_DGRAM, &writable), 0);
	assert_true(writable);
}

/* A pipe is closed for writing, whoever owns it; the reading descriptor stays. */
static void test_half_close_pipe(void **state)
{
	struct stream stream;
	int there[2], back[2];
	char byte;

	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		assert_int_equal(fd_pipe(there), 0);
		assert_int_equal(fd_pipe(back), 0);
		assert_int_equal(stream_open(&stream, back[0], there[1], keep ? STREAM_KEEP : 0),
			0);
		assert_int_equal(stream_end_write(&stream), 0);
		assert_int_equal(stream.wfd, -1);
		assert_int_equal(stream.rfd, back[0]);
		assert_int_equal(read(there[0], &byte, 1), 0);
		assert_int_equal(stream_end_write(&stream), 0);
		stream_close(&stream);
		if (keep)
			close(back[0]);
		close(there[0]);
		close(back[1]);
	}
}

/* Shutting ends a connection for all that share it, unless it is inherited. */
static void test_shut(void **state)
{
	struct stream stream;
	int ends[2], copy;
	char byte;

	(void)state;
	socket_pair(SOCK_STREAM, ends);
	copy = dup(ends[0]);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], 0), 0);
	stream_shut(&stream);
	assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), 0);
	stream_close(&stream);
	stream_close(&stream);
	stream_shut(&stream);
	close(copy);
	close(ends[1]);
	socket_pair(SOCK_STREAM, ends);
	assert_int_equal(stream_open(&stream, ends[0], ends[0], STREAM_KEEP), 0);
	stream_shut(&stream);
	assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
	stream_close(&stream);
	assert_int_equal(close(ends[0]), 0);
	close(ends[1]);
}

static int group_setup(void **state)
{
	(void)state;
	/* as signals_open has it */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traits),
		cmocka_unit_test(test_mixed_traits),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_nonblocking),
		cmocka_unit_test(test_not_open),
		cmocka_unit_test(test_inherited_never_waits),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_half_close_pipe),
		cmocka_unit_test(test_shut),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
