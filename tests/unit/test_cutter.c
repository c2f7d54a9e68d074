#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "session/cutter.h"

/* Takes all pieces that there are, each with marks: '<' where a line starts, '>' where it ends. */
static void take(struct cutter *cutter, struct text *out)
{
	struct piece piece;

	while (cutter_next(cutter, &piece)) {
		assert_in_range(piece.length, 1, CUTTER_MOST);
		text_add_string(out, piece.starts ? "<" : "");
		text_add(out, piece.data, piece.length);
		text_add_string(out, piece.ends ? ">" : "");
		assert_int_equal(piece.ends, piece.data[piece.length - 1] == '\n');
	}
}

static void take_rest(struct cutter *cutter, struct text *out)
{
	struct piece piece;

	if (!cutter_rest(cutter, &piece))
		return;
	assert_true(piece.ends);
	text_add_string(out, piece.starts ? "<" : "");
	text_add(out, piece.data, piece.length);
	text_add_string(out, "!");
	assert_false(cutter_rest(cutter, &piece));
}

/* Expects a text that comes in blocks of this size to be cut like that. */
static void expect(const char *data, size_t block, const char *wanted)
{
	struct cutter cutter = { 0 };
	struct text out = TEXT_EMPTY;
	size_t length = strlen(data);

	text_add_string(&out, "");
	for (size_t at = 0; at < length; at += block) {
		cutter_add(&cutter, data + at, length - at < block ? length - at : block);
		take(&cutter, &out);
	}
	take_rest(&cutter, &out);
	assert_string_equal(out.data, wanted);
	text_free(&out);
	cutter_free(&cutter);
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t block = 1; block < 20; block++) {
		expect("", block, "");
		expect("un\ndeux\n", block, "<un\n><deux\n>");
		expect("un\ndeux", block, "<un\n><deux!");
		expect("\n\n\n", block, "<\n><\n><\n>");
		expect("été\r\nhiver", block, "<été\r\n><hiver!");
		expect("x", block, "<x!");
	}
}

static void test_zero_bytes(void **state)
{
	struct cutter cutter = { 0 };
	struct piece piece;

	(void)state;
	cutter_add(&cutter, "a\0b\0\n\0\0", 7);
	assert_true(cutter_next(&cutter, &piece));
	assert_int_equal(piece.length, 5);
	assert_memory_equal(piece.data, "a\0b\0\n", 5);
	assert_false(cutter_next(&cutter, &piece));
	assert_true(cutter_rest(&cutter, &piece));
	assert_int_equal(piece.length, 2);
	assert_memory_equal(piece.data, "\0\0", 2);
	cutter_free(&cutter);
}

/* Nothing is asked twice for a line that isn't complete, and nothing is lost by asking. */
static void test_asking_again(void **state)
{
	struct cutter cutter = { 0 };
	struct piece piece;

	(void)state;
	assert_false(cutter_next(&cutter, &piece));
	cutter_add(&cutter, "half", 4);
	for (int i = 0; i < 3; i++)
		assert_false(cutter_next(&cutter, &piece));
	cutter_add(&cutter, "", 0);
	assert_false(cutter_next(&cutter, &piece));
	cutter_add(&cutter, " a line\nand", 11);
	assert_true(cutter_next(&cutter, &piece));
	assert_int_equal(piece.length, 12);
	assert_memory_equal(piece.data, "half a line\n", 12);
	assert_false(cutter_next(&cutter, &piece));
	cutter_add(&cutter, "\n", 1);
	assert_true(cutter_next(&cutter, &piece));
	assert_memory_equal(piece.data, "and\n", 4);
	assert_false(cutter_rest(&cutter, &piece));
	cutter_free(&cutter);
}

/* Around the longest piece: how a line of so many bytes and its end are cut, and marked. */
static void expect_long(size_t length, size_t block, size_t first, size_t second)
{
	struct cutter cutter = { 0 };
	struct piece piece = { 0 };
	char *line = memory_alloc(length + 1);
	size_t sizes[2] = { 0, 0 }, count = 0, total = length + 1;

	memset(line, 'x', length);
	line[length] = '\n';
	for (size_t at = 0; at < total; at += block) {
		cutter_add(&cutter, line + at, total - at < block ? total - at : block);
		while (cutter_next(&cutter, &piece)) {
			assert_true(count < 2);
			assert_int_equal(piece.starts, count == 0);
			assert_memory_equal(piece.data, line + (count > 0 ? sizes[0] : 0),
				piece.length);
			sizes[count++] = piece.length;
		}
	}
	assert_true(piece.ends);
	assert_int_equal(sizes[0], first);
	assert_int_equal(sizes[1], second);
	assert_false(cutter_rest(&cutter, &piece));
	free(line);
	cutter_free(&cutter);
}

static void test_boundary(void **state)
{
	static const size_t blocks[] = { 100000, 65537, 65536, 65535, 4096, 1000, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		expect_long(CUTTER_MOST - 2, blocks[i], CUTTER_MOST - 1, 0);
		expect_long(CUTTER_MOST - 1, blocks[i], CUTTER_MOST, 0);
		expect_long(CUTTER_MOST, blocks[i], CUTTER_MOST, 1);
		expect_long(CUTTER_MOST + 1, blocks[i], CUTTER_MOST, 2);
		expect_long(2 * CUTTER_MOST - 1, blocks[i], CUTTER_MOST, CUTTER_MOST);
	}
}

/* A line that ends with a full part and then with the stream: the end is told, though nothing is left. */
static void test_rest_of_a_part(void **state)
{
	struct cutter cutter = { 0 };
	struct piece piece;
	char *line = memory_zero(1, CUTTER_MOST);

	(void)state;
	memset(line, 'x', CUTTER_MOST);
	cutter_add(&cutter, line, CUTTER_MOST);
	assert_true(cutter_next(&cutter, &piece));
	assert_true(piece.starts && !piece.ends);
	assert_false(cutter_next(&cutter, &piece));
	assert_true(cutter_rest(&cutter, &piece));
	assert_int_equal(piece.length, 0);
	assert_true(!piece.starts && piece.ends);
	assert_false(cutter_rest(&cutter, &piece));
	free(line);
	cutter_free(&cutter);
}

/* However the bytes come, all of them come out, in order, cut behind every line end and nowhere else. */
static void test_random(void **state)
{
	unsigned random = 4711;
	size_t length = 1 << 20;
	char *data = memory_alloc(length);

	(void)state;
	for (size_t i = 0; i < length; i++) {
		random = random * 1103515245 + 12345;
		/* short lines, and now and then one that is too long */
		data[i] = (random >> 16) % 50 == 0 && i % 200000 < 50000 ? '\n'
									 : (char)(random >> 24);
	}
	for (int round = 0; round < 10; round++) {
		struct cutter cutter = { 0 };
		struct piece piece;
		size_t in = 0, out = 0;
		bool inside = false;

		while (in < length) {
			size_t block;

			random = random * 1103515245 + 12345;
			block = (random >> 8) % (round % 2 == 0 ? 300 : 100000);
			block = block < length - in ? block : length - in;
			cutter_add(&cutter, data + in, block);
			in += block;
			while (cutter_next(&cutter, &piece)) {
				const char *end = memchr(data + out, '\n', piece.length);

				assert_memory_equal(piece.data, data + out, piece.length);
				assert_int_equal(piece.starts, !inside);
				if (piece.ends)
					assert_ptr_equal(end, data + out + piece.length - 1);
				else
					assert_true(end == NULL && piece.length == CUTTER_MOST);
				inside = !piece.ends;
				out += piece.length;
			}
		}
		if (cutter_rest(&cutter, &piece)) {
			assert_memory_equal(piece.data, data + out, piece.length);
			out += piece.length;
		}
		assert_int_equal(out, length);
		cutter_free(&cutter);
	}
	free(data);
}

/* It may be freed when nothing is held, and goes on as if nothing had happened: inside a line it still is. */
static void test_freed_between(void **state)
{
	struct cutter cutter = { 0 };
	struct piece piece;
	char *line = memory_zero(1, CUTTER_MOST);

	(void)state;
	cutter_add(&cutter, "a\n", 2);
	assert_true(cutter_next(&cutter, &piece));
	cutter_free(&cutter);
	assert_false(cutter_next(&cutter, &piece));
	assert_false(cutter_rest(&cutter, &piece));
	cutter_add(&cutter, line, CUTTER_MOST);
	assert_true(cutter_next(&cutter, &piece));
	assert_false(piece.ends);
	cutter_free(&cutter);
	cutter_add(&cutter, "b\nc\n", 4);
	assert_true(cutter_next(&cutter, &piece));
	assert_true(!piece.starts && piece.ends);
	assert_memory_equal(piece.data, "b\n", 2);
	assert_true(cutter_next(&cutter, &piece));
	assert_true(piece.starts && piece.ends);
	free(line);
	cutter_free(&cutter);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_zero_bytes),
		cmocka_unit_test(test_asking_again),
		cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_rest_of_a_part),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_freed_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
