#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "io/watch.h"

#define GUARD (5 * SECOND) /* when a test that would wait for ever gives up */
#define MANY 300	   /* more than one look at the kernel gives */

/* One who waits for one descriptor. */
static void want(struct watch *watch, struct watcher *watcher, int fd, short events)
{
	pollset_clear(&watcher->set);
	pollset_add(&watcher->set, fd, events);
	watch_update(watch, watcher);
}

/* One who waits for a point in time. */
static void want_time(struct watch *watch, struct watcher *watcher, int64_t deadline)
{
	pollset_clear(&watcher->set);
	pollset_deadline(&watcher->set, deadline);
	watch_update(watch, watcher);
}

static void make_pipe(int ends[2])
{
	assert_int_equal(fd_pipe(ends), 0);
}

static void close_pipe(int ends[2])
{
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

static void say(const int ends[2])
{
	assert_int_equal(write(ends[1], "x", 1), 1);
}

/* Whoever is named is woken next, and has this answer for its first descriptor. */
static void expect_next(struct watch *watch, const struct watcher *wanted, short answer)
{
	struct watcher *watcher = watch_next(watch);

	assert_ptr_equal(watcher, wanted);
	if (watcher->set.count > 0)
		assert_int_equal(watcher->set.slots[0].revents, answer);
}

static void expect_nobody(struct watch *watch)
{
	assert_null(watch_next(watch));
}

static void test_answers(void **state)
{
	struct watch *watch = watch_create();
	struct watcher reader = { 0 }, other = { 0 };
	int ends[2], quiet[2];

	(void)state;
	assert_non_null(watch);
	make_pipe(ends);
	make_pipe(quiet);
	want(watch, &reader, ends[0], POLLIN);
	want(watch, &other, quiet[0], POLLIN);
	say(ends);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &reader, POLLIN);
	expect_nobody(watch);
	/* what isn't taken is told again, even if nobody updates */
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &reader, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &reader);
	say(quiet);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &other, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &other);
	close_pipe(ends);
	close_pipe(quiet);
	watch_free(watch);
	watch_free(NULL);
}

/* Only what was asked for is answered, and what is always told. */
static void test_events_change(void **state)
{
	struct watch *watch = watch_create();
	struct watcher both = { 0 }, guard = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	want(watch, &both, pair[0], POLLOUT);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &both, POLLOUT);
	want(watch, &both, pair[0], POLLIN | POLLOUT);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &both, POLLIN | POLLOUT);
	want(watch, &both, pair[0], 0);
	want_time(watch, &guard, clock_after(SECOND / 50));
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &guard, 0);
	expect_nobody(watch);
	fd_close(&pair[1]);
	assert_int_equal(watch_wait(watch), 0);
	assert_ptr_equal(watch_next(watch), &both);
	assert_true(both.set.slots[0].revents & POLLHUP);
	assert_false(both.set.slots[0].revents & (POLLIN | POLLOUT));
	watch_remove(watch, &both);
	watch_remove(watch, &guard);
	fd_close(&pair[0]);
	watch_free(watch);
}

/* One watcher, several descriptors: each slot has its own answer. */
static void test_several_slots(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watcher = { 0 };
	int pipes[3][2];

	(void)state;
	for (int i = 0; i < 3; i++) {
		make_pipe(pipes[i]);
		pollset_add(&watcher.set, pipes[i][0], POLLIN);
	}
	watcher.set.deadline = CLOCK_NEVER;
	watch_update(watch, &watcher);
	say(pipes[2]);
	say(pipes[0]);
	assert_int_equal(watch_wait(watch), 0);
	assert_ptr_equal(watch_next(watch), &watcher);
	expect_nobody(watch);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(watcher.set.slots[i].revents, i == 1 ? 0 : POLLIN);
	/* the first is dropped, the others stay */
	pollset_clear(&watcher.set);
	pollset_add(&watcher.set, pipes[1][0], POLLIN);
	pollset_add(&watcher.set, pipes[2][0], POLLIN);
	watch_update(watch, &watcher);
	assert_int_equal(watch_wait(watch), 0);
	assert_ptr_equal(watch_next(watch), &watcher);
	assert_int_equal(watcher.set.slots[0].revents, 0);
	assert_int_equal(watcher.set.slots[1].revents, POLLIN);
	watch_remove(watch, &watcher);
	assert_null(watcher.set.slots);
	for (int i = 0; i < 3; i++)
		close_pipe(pipes[i]);
	watch_free(watch);
}

/* Those whose time has come are woken in the order of their deadlines, whatever was changed before. */
static void test_deadlines(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watchers[MANY] = { 0 };
	int64_t due[MANY], last = 0;
	size_t waiting = 0;
	unsigned random = 12345;

	(void)state;
	for (int i = 0; i < MANY; i++)
		due[i] = CLOCK_NEVER;
	for (int turn = 0; turn < 20 * MANY; turn++) {
		int i;

		random = random * 1103515245 + 12345;
		i = (int)(random >> 8) % MANY;
		random = random * 1103515245 + 12345;
		due[i] = (random >> 8) % 4 == 0 ? CLOCK_NEVER : 1 + (int64_t)((random >> 8) % 1000);
		want_time(watch, &watchers[i], due[i]);
	}
	for (int i = 0; i < MANY; i++)
		waiting += due[i] != CLOCK_NEVER;
	assert_in_range(waiting, 1, MANY);
	assert_int_equal(watch_wait(watch), 0);
	for (size_t woken = 0; woken < waiting; woken++) {
		struct watcher *watcher = watch_next(watch);

		assert_non_null(watcher);
		assert_true(due[watcher - watchers] != CLOCK_NEVER);
		assert_true(due[watcher - watchers] >= last);
		last = due[watcher - watchers];
		due[watcher - watchers] = CLOCK_NEVER;
	}
	expect_nobody(watch);
	for (int i = 0; i < MANY; i++)
		watch_remove(watch, &watchers[i]);
	watch_free(watch);
}

/* A deadline that hasn't come wakes nobody; one that is put off or taken back neither. */
static void test_deadline_moves(void **state)
{
	struct watch *watch = watch_create();
	struct watcher later = { 0 }, never = { 0 }, soon = { 0 };

	(void)state;
	want_time(watch, &later, 1);
	want_time(watch, &later, clock_after(3600 * SECOND));
	want_time(watch, &never, 1);
	want_time(watch, &never, CLOCK_NEVER);
	want_time(watch, &soon, clock_after(3600 * SECOND));
	want_time(watch, &soon, 5);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &soon, 0);
	expect_nobody(watch);
	/* it has had its deadline, and asks for none */
	want_time(watch, &soon, CLOCK_NEVER);
	want_time(watch, &later, 7);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &later, 0);
	expect_nobody(watch);
	watch_remove(watch, &later);
	watch_remove(watch, &never);
	watch_remove(watch, &soon);
	watch_free(watch);
}

/* A deadline comes without any answer, though there was one the last time. */
static void test_deadline_without_answer(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watcher = { 0 };
	int ends[2];
	char byte;

	(void)state;
	make_pipe(ends);
	say(ends);
	want(watch, &watcher, ends[0], POLLIN);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &watcher, POLLIN);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	pollset_deadline(&watcher.set, clock_after(SECOND / 100));
	watch_update(watch, &watcher);
	while (watch_next(watch) == NULL)
		assert_int_equal(watch_wait(watch), 0);
	assert_int_equal(watcher.set.slots[0].revents, 0);
	watch_remove(watch, &watcher);
	close_pipe(ends);
	watch_free(watch);
}

/* Whoever was woken by hand is not waited for. */
static void test_wake(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watcher = { 0 }, guard = { 0 };
	int ends[2];

	(void)state;
	make_pipe(ends);
	want(watch, &watcher, ends[0], POLLIN);
	want_time(watch, &guard, clock_after(GUARD));
	watch_wake(watch, &watcher);
	watch_wake(watch, &watcher);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &watcher, 0);
	expect_nobody(watch);
	/* with an answer on top of it */
	watch_wake(watch, &watcher);
	say(ends);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &watcher, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &watcher);
	watch_remove(watch, &guard);
	close_pipe(ends);
	watch_free(watch);
}

/* Who is removed while he waits to be woken isn't; whether first, last or between, the others are. */
static void test_removed_while_ready(void **state)
{
	(void)state;
	for (int out = 0; out < 3; out++) {
		struct watch *watch = watch_create();
		struct watcher watchers[4] = { 0 };

		for (int i = 0; i < 3; i++)
			watch_wake(watch, &watchers[i]);
		watch_remove(watch, &watchers[out]);
		watch_wake(watch, &watchers[3]);
		for (int i = 0; i < 4; i++) {
			if (i != out)
				expect_next(watch, &watchers[i], 0);
		}
		expect_nobody(watch);
		watch_wake(watch, &watchers[out]);
		expect_next(watch, &watchers[out], 0);
		expect_nobody(watch);
		watch_free(watch);
	}
}

/* A descriptor is closed without a word, and its number is somebody's again. */
static void test_number_used_again(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watcher = { 0 }, guard = { 0 };
	int old[2], new[2], number;

	(void)state;
	make_pipe(old);
	make_pipe(new);
	number = old[0];
	want(watch, &watcher, number, POLLIN);
	fd_close(&old[0]);
	assert_int_equal(dup2(new[0], number), number);
	watch_forget(watch, &watcher);
	want(watch, &watcher, number, POLLIN);
	want_time(watch, &guard, clock_after(GUARD));
	say(new);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &watcher, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &watcher);
	watch_remove(watch, &guard);
	close(number);
	close_pipe(old);
	close_pipe(new);
	watch_free(watch);
}

/* A number goes from one watcher to another; what the old owner does later doesn't take it away again. */
static void test_number_changes_hands(void **state)
{
	struct watch *watch = watch_create();
	struct watcher first = { 0 }, second = { 0 }, guard = { 0 };
	int ends[2];

	(void)state;
	make_pipe(ends);
	want(watch, &first, ends[0], POLLIN);
	want(watch, &second, ends[0], POLLIN);
	want_time(watch, &first, CLOCK_NEVER);
	want_time(watch, &guard, clock_after(GUARD));
	say(ends);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &second, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &first);
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &second, POLLIN);
	expect_nobody(watch);
	watch_remove(watch, &second);
	watch_remove(watch, &guard);
	close_pipe(ends);
	watch_free(watch);
}

/* A regular file is always ready for what is asked, and for nothing if nothing is asked. */
static void test_file(void **state)
{
	struct watch *watch = watch_create();
	struct watcher watcher = { 0 }, guard = { 0 };
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	want(watch, &watcher, fileno(file), POLLIN);
	want_time(watch, &guard, clock_after(GUARD));
	for (int turn = 0; turn < 3; turn++) {
		assert_int_equal(watch_wait(watch), 0);
		expect_next(watch, &watcher, POLLIN);
		expect_nobody(watch);
		want(watch, &watcher, fileno(file), POLLIN);
	}
	want(watch, &watcher, fileno(file), 0);
	want_time(watch, &guard, clock_after(SECOND / 50));
	assert_int_equal(watch_wait(watch), 0);
	expect_next(watch, &guard, 0);
	expect_nobody(watch);
	watch_remove(watch, &watcher);
	watch_remove(watch, &guard);
	fclose(file);
	watch_free(watch);
}

/* Everybody gets his turn, though more is ready than one look at the kernel shows. */
static void test_many(void **state)
{
	struct watch *watch = watch_create();
	static struct watcher watchers[MANY];
	unsigned met[MANY] = { 0 };
	int pairs[MANY][2];
	struct watcher *watcher;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		make_pipe(pairs[i]);
		want(watch, &watchers[i], pairs[i][0], POLLIN);
		say(pairs[i]);
	}
	for (int turn = 0; turn < 10; turn++) {
		assert_int_equal(watch_wait(watch), 0);
		while ((watcher = watch_next(watch)) != NULL) {
			size_t i = (size_t)(watcher - watchers);

			met[i]++;
			assert_int_equal(watcher->set.slots[0].revents, POLLIN);
			want(watch, watcher, pairs[i][0], POLLIN);
		}
	}
	for (int i = 0; i < MANY; i++) {
		assert_true(met[i] > 0);
		watch_remove(watch, &watchers[i]);
		close_pipe(pairs[i]);
	}
	watch_free(watch);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_events_change),
		cmocka_unit_test(test_several_slots),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_deadline_moves),
		cmocka_unit_test(test_deadline_without_answer),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_removed_while_ready),
		cmocka_unit_test(test_number_used_again),
		cmocka_unit_test(test_number_changes_hands),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
