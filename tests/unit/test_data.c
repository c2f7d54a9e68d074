#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "option/data.h"

/* Expects a text to become exactly these bytes. */
static void expect_bytes(const char *text, const void *bytes, size_t count)
{
	unsigned char *out;
	size_t length;
	size_t bad_at;
	const char *reason = NULL;

	if (data_parse(text, strlen(text), &out, &length, &bad_at, &reason) < 0)
		fail_msg("%s: at %zu: %s", text, bad_at, reason);
	assert_non_null(out);
	assert_int_equal(length, count);
	if (count > 0)
		assert_memory_equal(out, bytes, count);
	free(out);
}

/* Expects a text to be refused at an offset. */
static void expect_refusal(const char *text, size_t at)
{
	unsigned char *out;
	size_t length;
	size_t bad_at = SIZE_MAX;
	const char *reason = NULL;

	if (data_parse(text, strlen(text), &out, &length, &bad_at, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_null(out);
	assert_non_null(reason);
	assert_int_equal(bad_at, at);
}

static void test_hex(void **state)
{
	(void)state;
	expect_bytes("x7f000001", "\x7f\0\0\1", 4);
	expect_bytes("xaAFf", "\xaa\xff", 2);
	expect_bytes("X41", "A", 1);
	expect_bytes("x41 42\t43", "ABC", 3);
	expect_bytes("x 41 ", "A", 1);
	expect_bytes("x41x42", "AB", 2);
	expect_bytes("x41 b2", "A\2", 2);
	expect_bytes("x", "", 0);
	expect_bytes("", "", 0);
	expect_bytes("  ", "", 0);
	expect_refusal("x4", 1);
	expect_refusal("x41 4 1", 4);
	expect_refusal("x41 -5", 4);
	expect_refusal("xg1", 1);
}

static void test_numbers(void **state)
{
	int ints[] = { 5, -5 };
	unsigned int big = 4294967295u;
	short shorts[] = { -1, 32767 };
	unsigned short ushort = 65535;
	long longs[] = { 5, INT64_C(-6) };
	unsigned long all = ~0ul;

	(void)state;
	expect_bytes("5", ints, sizeof(int));
	expect_bytes("5 -5", ints, sizeof(ints));
	expect_bytes("i5-5", ints, sizeof(ints));
	expect_bytes("+005 i -5", ints, sizeof(ints));
	expect_bytes("I4294967295", &big, sizeof(big));
	expect_bytes("s-1 32767", shorts, sizeof(shorts));
	expect_bytes("S65535", &ushort, sizeof(ushort));
	expect_bytes("l5l-6", longs, sizeof(longs));
	if (sizeof(long) == 8)
		expect_bytes("L18446744073709551615", &all, sizeof(all));
	expect_bytes("b1 -128 127B255", "\1\x80\x7f\xff", 4);
	expect_refusal("i", 1);
	expect_refusal("i-", 2);
	expect_refusal("2147483648", 0);
	expect_refusal("i-2147483649", 1);
	expect_refusal("I-1", 1);
	expect_refusal("b128", 1);
	expect_refusal("b-129", 1);
	expect_refusal("B256", 1);
	expect_refusal("S65536", 1);
	expect_refusal("L99999999999999999999999999", 1);
	expect_refusal("5q", 1);
	expect_refusal("q5", 0);
	expect_refusal("5,6", 1);
}

static void test_quotes(void **state)
{
	(void)state;
	expect_bytes("\"Hello world!\\n\"", "Hello world!\n", 13);
	expect_bytes("\"\\n\\t\\r\\f\\b\\a\\e\\v\\0\\\\\\\"\\'\"", "\n\t\r\f\b\a\033\v\0\\\"'", 12);
	expect_bytes("\"\\q\\101\"", "q101", 4);
	expect_bytes("\"a\"\"b\" 'c'", "abc", 3);
	expect_bytes("\"\"", "", 0);
	expect_bytes("'\\n''\\''", "\n'", 2);
	expect_bytes("\"a\"x62b3", "ab\xb3", 2 + 1);
	expect_bytes("\"a\" b5", "a\5", 2);
	expect_refusal("\"a", 0);
	expect_refusal("x41 \"a\\", 4);
	expect_refusal("\"a\\\"", 0);
	expect_refusal("'ab'", 0);
	expect_refusal("''", 0);
	expect_refusal("'a", 0);
	expect_refusal("\"a\" 5", 4);
}

static void test_mixture(void **state)
{
	unsigned char bytes[sizeof(int) + 2];
	int five = 5;

	(void)state;
	memcpy(bytes, &five, sizeof(five));
	memcpy(bytes + sizeof(five), "AB", 2);
	expect_bytes("5x41 42", bytes, sizeof(bytes));
	expect_bytes("i5\"AB\"", bytes, sizeof(bytes));
}

static void test_nul_inside(void **state)
{
	unsigned char *out;
	size_t length;
	size_t bad_at;
	const char *reason;

	(void)state;
	assert_int_equal(data_parse("\"a\0b\"", 5, &out, &length, &bad_at, &reason), 0);
	assert_int_equal(length, 3);
	assert_memory_equal(out, "a\0b", 3);
	free(out);
	assert_int_equal(data_parse("x41\0x42", 7, &out, &length, &bad_at, &reason), -1);
	assert_int_equal(bad_at, 3);
	assert_int_equal(data_parse("\"\\\0\"", 4, &out, &length, &bad_at, &reason), 0);
	assert_int_equal(length, 1);
	free(out);
	assert_int_equal(data_parse("x4142", 3, &out, &length, &bad_at, &reason), 0);
	assert_int_equal(length, 1);
	free(out);
}

/* Every text of up to five of these characters either parses or is refused inside its bounds. */
static void test_all_short_texts(void **state)
{
	static const char letters[] = "x1b-\"'\\ Lz";
	const unsigned int count = sizeof(letters) - 1;
	unsigned int texts = 1;

	(void)state;
	for (size_t length = 1; length <= 5; length++) {
		texts *= count;
		for (unsigned int n = 0; n < texts; n++) {
			char *text = malloc(length);
			unsigned char *out;
			size_t used;
			size_t bad_at;
			const char *reason;
			unsigned int rest = n;

			assert_non_null(text);
			for (size_t i = 0; i < length; i++, rest /= count)
				text[i] = letters[rest % count];
			if (data_parse(text, length, &out, &used, &bad_at, &reason) < 0) {
				assert_true(bad_at <= length);
				assert_null(out);
			}
			free(out);
			free(text);
		}
	}
}

static void test_long(void **state)
{
	size_t length = 1 + 2 * 100000;
	char *text = malloc(length);
	unsigned char *out;
	size_t used;
	size_t bad_at;
	const char *reason;

	(void)state;
	assert_non_null(text);
	memset(text, 'e', length);
	text[0] = 'x';
	assert_int_equal(data_parse(text, length, &out, &used, &bad_at, &reason), 0);
	assert_int_equal(used, 100000);
	assert_int_equal(out[99999], 0xee);
	free(out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_mixture),
		cmocka_unit_test(test_nul_inside),
		cmocka_unit_test(test_all_short_texts),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
