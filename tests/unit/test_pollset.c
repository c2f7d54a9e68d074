#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "io/pollset.h"

static void test_slots(void **state)
{
	struct pollset set = { 0 };
	size_t first, again;

	(void)state;
	pollset_clear(&set);
	assert_true(set.deadline == CLOCK_NEVER);
	assert_true(pollset_add(&set, -1, POLLIN) == POLLSET_NONE);
	assert_int_equal(set.count, 0);
	assert_int_equal(pollset_result(&set, POLLSET_NONE), 0);
	first = pollset_add(&set, 7, POLLIN);
	again = pollset_add(&set, 7, POLLOUT);
	assert_int_equal(first, again);
	assert_int_equal(set.count, 1);
	assert_int_equal(set.slots[first].events, POLLIN | POLLOUT);
	pollset_add(&set, 8, 0);
	assert_int_equal(set.count, 2);
	pollset_free(&set);
	assert_null(set.slots);
}

/* However many there are, every slot has the descriptor and the events that were asked for. */
static void test_many(void **state)
{
	struct pollset set = { 0 };

	(void)state;
	for (int round = 0; round < 2; round++) {
		pollset_clear(&set);
		for (int fd = 0; fd < 3000; fd++) {
			assert_int_equal(pollset_add(&set, fd, POLLIN), fd);
			assert_int_equal(pollset_add(&set, fd, POLLOUT), fd);
		}
		assert_int_equal(set.count, 3000);
		for (int fd = 0; fd < 3000; fd++) {
			assert_int_equal(set.slots[fd].fd, fd);
			assert_int_equal(set.slots[fd].events, POLLIN | POLLOUT);
		}
	}
	pollset_free(&set);
}

static void test_deadline(void **state)
{
	struct pollset set = { 0 };

	(void)state;
	pollset_clear(&set);
	pollset_deadline(&set, 500);
	pollset_deadline(&set, CLOCK_NEVER);
	pollset_deadline(&set, 400);
	pollset_deadline(&set, 600);
	assert_true(set.deadline == 400);
	assert_int_equal(pollset_wait(&set), 0);
	pollset_free(&set);
}

static void test_wait(void **state)
{
	struct pollset set = { 0 };
	size_t reading, writing;
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	pollset_clear(&set);
	reading = pollset_add(&set, ends[0], POLLIN);
	writing = pollset_add(&set, ends[1], POLLOUT);
	assert_int_equal(pollset_wait(&set), 1);
	assert_int_equal(pollset_result(&set, reading), 0);
	assert_int_equal(pollset_result(&set, writing), POLLOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	pollset_clear(&set);
	reading = pollset_add(&set, ends[0], POLLIN);
	assert_int_equal(pollset_result(&set, reading), 0);
	assert_int_equal(pollset_wait(&set), 1);
	assert_int_equal(pollset_result(&set, reading), POLLIN);
	close(ends[0]);
	close(ends[1]);
	pollset_clear(&set);
	reading = pollset_add(&set, ends[0], POLLIN);
	assert_int_equal(pollset_wait(&set), 1);
	assert_int_equal(pollset_result(&set, reading), POLLNVAL);
	pollset_free(&set);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
