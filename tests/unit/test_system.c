#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system.h"

/* Expects a descriptor that no program inherits, and that waits or never does. */
static void expect_flags(int fd, bool nonblocking)
{
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, nonblocking);
}

static void test_pipe(void **state)
{
	int ends[2];

	(void)state;
	for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
		assert_int_equal(system_pipe(ends, nonblocking != 0), 0);
		expect_flags(ends[0], nonblocking != 0);
		expect_flags(ends[1], nonblocking != 0);
		close(ends[0]);
		close(ends[1]);
	}
}

static void test_pair(void **state)
{
	int ends[2];
	char byte = 0;

	(void)state;
	assert_int_equal(system_socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	expect_flags(ends[0], false);
	expect_flags(ends[1], false);
	assert_int_equal(write(ends[0], "x", 1), 1);
	assert_int_equal(read(ends[1], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(ends[0]);
	close(ends[1]);
}

static void test_accept(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET }, peer;
	socklen_t length = sizeof(address);
	int listener = system_socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int fd;

	(void)state;
	expect_flags(listener, true);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	length = sizeof(peer);
	assert_int_equal(system_accept(listener, (struct sockaddr *)&peer, &length), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	length = sizeof(peer);
	fd = system_accept(listener, (struct sockaddr *)&peer, &length);
	expect_flags(fd, true);
	assert_int_equal(length, sizeof(peer));
	assert_int_equal(peer.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	close(fd);
	close(client);
	close(listener);
}

static void test_failures(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(system_socket(AF_INET, -1, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(system_socketpair(AF_INET, SOCK_STREAM, 0, ends), -1);
	assert_int_equal(system_accept(-1, NULL, NULL), -1);
	assert_int_equal(errno, EBADF);
}

static void test_random(void **state)
{
	unsigned char once[16] = { 0 }, twice[16] = { 0 };

	(void)state;
	assert_int_equal(system_random(once, sizeof(once)), 0);
	assert_int_equal(system_random(twice, sizeof(twice)), 0);
	assert_true(memcmp(once, twice, sizeof(once)) != 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
