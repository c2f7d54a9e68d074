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
#include <sys/wait.h>
#include <unistd.h>

#include "io/signals.h"

/* Runs a function in a child of its own, since signals are the whole process's. It returns 0 if all is well. */
static void in_child(int (*function)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* whatever the shell had ignored when it started us in the background */
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		alarm(60);
		_exit(function());
	}
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the child ended with %#x, at line %d", status, WEXITSTATUS(status) + 40);
}

/* Ends the child's function; the exit status tells the line. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
			return __LINE__ - 40; \
	} while (0)

static uint64_t bit(int number)
{
	return (uint64_t)1 << number;
}

static bool readable(void)
{
	struct pollfd slot = { .fd = signals_fd(), .events = POLLIN };

	return poll(&slot, 1, 0) == 1;
}

static int ending(void)
{
	CHECK(signals_open(bit(SIGTERM) | bit(SIGINT)) == 0);
	CHECK(!readable());
	CHECK(signals_ending() == 0);
	raise(SIGTERM);
	CHECK(readable());
	CHECK(signals_ending() == SIGTERM);
	/* it stays until the program ends, but wakes nobody again */
	CHECK(!readable());
	CHECK(signals_ending() == SIGTERM);
	raise(SIGINT);
	CHECK(signals_ending() == SIGINT);
	return 0;
}

static void test_ending(void **state)
{
	(void)state;
	in_child(ending);
}

static int notes(void)
{
	CHECK(signals_open(0) == 0);
	CHECK(!signals_take_child() && !signals_take_statistics());
	raise(SIGCHLD);
	raise(SIGCHLD);
	raise(SIGUSR1);
	CHECK(signals_ending() == 0);
	CHECK(signals_take_child());
	CHECK(!signals_take_child());
	CHECK(signals_take_statistics());
	CHECK(!signals_take_statistics());
	return 0;
}

static void test_notes(void **state)
{
	(void)state;
	in_child(notes);
}

/* More signals than a pipe holds neither block the handler nor lose the ending one. */
static int flood(void)
{
	CHECK(signals_open(bit(SIGTERM)) == 0);
	raise(SIGTERM);
	for (int i = 0; i < 100000; i++)
		raise(SIGUSR1);
	CHECK(signals_ending() == SIGTERM);
	CHECK(signals_take_statistics());
	CHECK(!readable());
	return 0;
}

static void test_flood(void **state)
{
	(void)state;
	in_child(flood);
}

/* nohup's wish is respected; SIGCHLD is noted all the same. */
static int ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	CHECK(signals_open(bit(SIGHUP) | bit(SIGTERM)) == 0);
	raise(SIGHUP);
	CHECK(signals_ending() == 0);
	raise(SIGCHLD);
	CHECK(signals_ending() == 0);
	CHECK(signals_take_child());
	return 0;
}

static void test_ignored(void **state)
{
	(void)state;
	in_child(ignored);
}

/* A program's own faults are not caught, whatever the mask says; a broken pipe is an error of write. */
static int faults(void)
{
	struct sigaction action;

	/* the test's own way to see them */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	CHECK(signals_open(UINT64_MAX & ~UINT64_C(1)) == 0);
	CHECK(sigaction(SIGSEGV, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	CHECK(sigaction(SIGABRT, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	CHECK(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	CHECK(sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler != SIG_DFL);
	errno = ENOENT;
	raise(SIGTERM);
	CHECK(errno == ENOENT);
	return 0;
}

static void test_faults(void **state)
{
	(void)state;
	in_child(faults);
}

/* A forked child doesn't see what its parent has seen, nor wakes it. */
static int reopened(void)
{
	int parent;

	CHECK(signals_open(bit(SIGTERM)) == 0);
	raise(SIGTERM);
	CHECK(signals_ending() == SIGTERM);
	parent = dup(signals_fd());
	CHECK(signals_reopen() == 0);
	CHECK(signals_ending() == 0);
	raise(SIGTERM);
	CHECK(readable());
	CHECK(poll(&(struct pollfd){ .fd = parent, .events = POLLIN }, 1, 0) == 0 ||
		read(parent, &(char){ 0 }, 1) == 0);
	CHECK(signals_ending() == SIGTERM);
	CHECK(fcntl(signals_fd(), F_GETFD) & FD_CLOEXEC);
	return 0;
}

static void test_reopened(void **state)
{
	(void)state;
	in_child(reopened);
}

static int defaults(void)
{
	struct sigaction action;

	CHECK(signals_open(bit(SIGTERM)) == 0);
	signals_default();
	CHECK(sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	CHECK(sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	CHECK(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	return 0;
}

static void test_defaults(void **state)
{
	(void)state;
	in_child(defaults);
}

/* nohup's wish is for the programs that we start as well. */
static int defaults_ignored(void)
{
	struct sigaction action;

	signal(SIGHUP, SIG_IGN);
	CHECK(signals_open(bit(SIGHUP)) == 0);
	signals_default();
	CHECK(sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	return 0;
}

static void test_defaults_ignored(void **state)
{
	(void)state;
	in_child(defaults_ignored);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ending),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_reopened),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_defaults_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
