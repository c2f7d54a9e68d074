#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "relay/queue.h"

static void expect_waiting(const struct queue *queue, const char *expected)
{
	assert_int_equal(queue_length(queue), strlen(expected));
	assert_memory_equal(queue->data + queue->start, expected, strlen(expected));
	assert_int_equal(queue_is_empty(queue), expected[0] == '\0');
}

static void test_order(void **state)
{
	struct queue queue = { 0 };

	(void)state;
	assert_true(queue_is_empty(&queue));
	queue_append(&queue, NULL, 0);
	assert_true(queue_is_empty(&queue));
	queue_append(&queue, "hello", 5);
	queue_drained(&queue, 2);
	expect_waiting(&queue, "llo");
	queue_append(&queue, " you", 4);
	expect_waiting(&queue, "llo you");
	queue_drained(&queue, 7);
	expect_waiting(&queue, "");
	assert_int_equal(queue.start, 0);
	assert_int_equal(queue.end, 0);
	queue_free(&queue);
	assert_null(queue.data);
}

/* Room at the start is used before the buffer grows. */
static void test_moves_before_it_grows(void **state)
{
	struct queue queue = { 0 };
	size_t room;

	(void)state;
	memcpy(queue_space(&queue, 10), "0123456789", 10);
	queue_filled(&queue, 10);
	room = queue.room;
	assert_int_equal(room, 10);
	queue_drained(&queue, 8);
	queue_append(&queue, "abcdefgh", 8);
	assert_int_equal(queue.room, room);
	expect_waiting(&queue, "89abcdefgh");
	queue_append(&queue, "!", 1);
	assert_true(queue.room > room);
	expect_waiting(&queue, "89abcdefgh!");
	queue_free(&queue);
}

/* Many small pieces don't move what waits each time. */
static void test_grows_in_steps(void **state)
{
	struct queue queue = { 0 };
	size_t room = 0, steps = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		queue_append(&queue, "ab", 2);
		steps += queue.room != room;
		room = queue.room;
	}
	assert_true(steps < 20);
	assert_int_equal(queue_length(&queue), 200000);
	queue_free(&queue);
}

static void test_space(void **state)
{
	struct queue queue = { 0 };
	unsigned char *space;

	(void)state;
	queue_append(&queue, "ab", 2);
	space = queue_space(&queue, 100);
	memset(space, 'x', 100);
	expect_waiting(&queue, "ab");
	queue_filled(&queue, 1);
	expect_waiting(&queue, "abx");
	queue_drained(&queue, 3);
	assert_non_null(queue_space(&queue, 0));
	queue_free(&queue);
}

/* A long life with every mixture of filling and draining keeps every byte. */
static void test_long_life(void **state)
{
	struct queue queue = { 0 };
	unsigned char in = 0, out = 0;
	unsigned random = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t count;

		random = random * 1103515245u + 12345u;
		count = random >> 16 & 63;
		if ((random >> 8 & 1) != 0 && queue_length(&queue) < 500) {
			unsigned char *space = queue_space(&queue, count);

			for (size_t i = 0; i < count; i++)
				space[i] = in++;
			queue_filled(&queue, count);
		} else {
			if (count > queue_length(&queue))
				count = queue_length(&queue);
			for (size_t i = 0; i < count; i++)
				assert_int_equal(queue.data[queue.start + i], out++);
			queue_drained(&queue, count);
		}
	}
	assert_int_equal((unsigned char)(in - out), (unsigned char)queue_length(&queue));
	assert_true(queue.room < 2000);
	queue_free(&queue);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_moves_before_it_grows),
		cmocka_unit_test(test_grows_in_steps),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_long_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
