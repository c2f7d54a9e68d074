#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"
#include "io/waitset.h"

#define MANY 40

/* Expects waiting to find nothing but these descriptors, each with its events. */
static void expect(struct waitset *set, const struct pollfd *wanted, size_t count)
{
	struct pollfd results[MANY];
	int n = waitset_wait(set, 0, results, MANY);

	assert_int_equal(n, count);
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (int j = 0; j < n; j++) {
			if (results[j].fd != wanted[i].fd)
				continue;
			assert_int_equal(results[j].revents, wanted[i].revents);
			found = true;
		}
		assert_true(found);
	}
}

#define EXPECT(set, ...) \
	expect(set, (const struct pollfd[]){ __VA_ARGS__ }, \
		sizeof((const struct pollfd[]){ __VA_ARGS__ }) / sizeof(struct pollfd))
#define EXPECT_NOTHING(set) expect(set, NULL, 0)

static void close_pipe(int ends[2])
{
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

static void test_empty(void **state)
{
	struct waitset *set = waitset_create();
	struct pollfd result;

	(void)state;
	assert_non_null(set);
	assert_int_equal(waitset_wait(set, 0, &result, 1), 0);
	waitset_unset(set, 0);
	waitset_unset(set, 900);
	assert_int_equal(waitset_wait(set, 1, &result, 1), 0);
	waitset_free(set);
}

static void test_events(void **state)
{
	struct waitset *set = waitset_create();
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(waitset_set(set, ends[0], POLLIN, false), 0);
	EXPECT_NOTHING(set);
	assert_int_equal(waitset_set(set, ends[1], POLLOUT, false), 0);
	EXPECT(set, { .fd = ends[1], .revents = POLLOUT });
	assert_int_equal(write(ends[1], "x", 1), 1);
	EXPECT(set, { .fd = ends[1], .revents = POLLOUT }, { .fd = ends[0], .revents = POLLIN });
	/* again and again, as long as it is true */
	EXPECT(set, { .fd = ends[1], .revents = POLLOUT }, { .fd = ends[0], .revents = POLLIN });
	assert_int_equal(waitset_set(set, ends[1], 0, true), 0);
	EXPECT(set, { .fd = ends[0], .revents = POLLIN });
	waitset_unset(set, ends[0]);
	EXPECT_NOTHING(set);
	/* of an end that is gone is told without being asked */
	fd_close(&ends[0]);
	EXPECT(set, { .fd = ends[1], .revents = POLLERR });
	waitset_unset(set, ends[1]);
	EXPECT_NOTHING(set);
	close_pipe(ends);
	waitset_free(set);
}

static void test_hang_up(void **state)
{
	struct waitset *set = waitset_create();
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(waitset_set(set, ends[0], 0, false), 0);
	EXPECT_NOTHING(set);
	fd_close(&ends[1]);
	EXPECT(set, { .fd = ends[0], .revents = POLLHUP });
	waitset_free(set);
	close_pipe(ends);
}

/* Whether the first, the last or one between is taken out, the others stay in. */
static void test_taken_out(void **state)
{
	(void)state;
	for (int out = 0; out < 4; out++) {
		struct waitset *set = waitset_create();
		struct pollfd wanted[4];
		int pipes[4][2];
		size_t count = 0;

		for (int i = 0; i < 4; i++) {
			assert_int_equal(fd_pipe(pipes[i]), 0);
			assert_int_equal(waitset_set(set, pipes[i][0], POLLIN, false), 0);
			assert_int_equal(write(pipes[i][1], "x", 1), 1);
			if (i != out)
				wanted[count++] = (struct pollfd){ pipes[i][0], 0, POLLIN };
		}
		waitset_unset(set, pipes[out][0]);
		expect(set, wanted, count);
		waitset_unset(set, pipes[out][0]);
		expect(set, wanted, count);
		assert_int_equal(waitset_set(set, pipes[out][0], POLLIN, false), 0);
		wanted[count++] = (struct pollfd){ pipes[out][0], 0, POLLIN };
		expect(set, wanted, count);
		waitset_free(set);
		for (int i = 0; i < 4; i++)
			close_pipe(pipes[i]);
	}
}

/* A number that was closed and given away again means the new descriptor, whatever is believed to be known. */
static void test_number_used_again(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		struct waitset *set = waitset_create();
		int old[2], new[2], number;

		assert_int_equal(fd_pipe(old), 0);
		assert_int_equal(fd_pipe(new), 0);
		number = old[0];
		assert_int_equal(waitset_set(set, number, POLLIN, false), 0);
		fd_close(&old[0]);
		assert_int_equal(dup2(new[0], number), number);
		assert_int_equal(waitset_set(set, number, POLLIN, known != 0), 0);
		EXPECT_NOTHING(set);
		assert_int_equal(write(new[1], "x", 1), 1);
		EXPECT(set, { .fd = number, .revents = POLLIN });
		/* what is there already may be put in as if it weren't */
		assert_int_equal(waitset_set(set, number, 0, false), 0);
		EXPECT_NOTHING(set);
		waitset_free(set);
		close(number);
		close_pipe(old);
		close_pipe(new);
	}
}

/* With room for few results at a time nobody is forgotten. */
static void test_little_room(void **state)
{
	struct waitset *set = waitset_create();
	int pipes[MANY][2];
	unsigned met[MANY] = { 0 };

	(void)state;
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(fd_pipe(pipes[i]), 0);
		assert_int_equal(waitset_set(set, pipes[i][0], POLLIN, false), 0);
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
	}
	for (int turn = 0; turn < 20 * MANY; turn++) {
		struct pollfd results[3];
		int n = waitset_wait(set, 0, results, 3);

		assert_in_range(n, 1, 3);
		for (int j = 0; j < n; j++) {
			for (int i = 0; i < MANY; i++)
				met[i] += pipes[i][0] == results[j].fd;
		}
	}
	for (int i = 0; i < MANY; i++) {
		assert_true(met[i] > 0);
		close_pipe(pipes[i]);
	}
	waitset_free(set);
}

static void test_high_numbers(void **state)
{
	struct waitset *set = waitset_create();
	int ends[2], high = 0;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	for (int number = 1000; number > 100 && high <= 0; number -= 100)
		high = dup2(ends[0], number);
	assert_true(high > 100);
	assert_int_equal(waitset_set(set, high, POLLIN, false), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	EXPECT(set, { .fd = high, .revents = POLLIN });
	waitset_unset(set, high);
	EXPECT_NOTHING(set);
	close(high);
	close_pipe(ends);
	waitset_free(set);
}

/* A regular file is always ready: either that is found out by waiting, or said at once. */
static void test_file(void **state)
{
	struct waitset *set = waitset_create();
	FILE *file = tmpfile();
	int fd;

	(void)state;
	assert_non_null(file);
	fd = fileno(file);
	if (waitset_set(set, fd, POLLIN, false) == 0) {
		EXPECT(set, { .fd = fd, .revents = POLLIN });
	} else {
		assert_int_equal(errno, EPERM);
		EXPECT_NOTHING(set);
	}
	waitset_unset(set, fd);
	EXPECT_NOTHING(set);
	waitset_free(set);
	fclose(file);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

/* A signal ends the waiting, and is no failure. */
static void test_interrupted(void **state)
{
	struct waitset *set = waitset_create();
	struct sigaction action = { .sa_handler = on_alarm }, before;
	struct itimerval soon = { .it_value = { .tv_usec = 20000 },
		.it_interval = { .tv_usec = 20000 } };
	const struct itimerval never = { .it_value = { .tv_sec = 0 } };
	struct pollfd result;

	(void)state;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(waitset_wait(set, -1, &result, 1), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	assert_true(alarms > 0);
	waitset_free(set);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_taken_out),
		cmocka_unit_test(test_number_used_again),
		cmocka_unit_test(test_little_room),
		cmocka_unit_test(test_high_numbers),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
