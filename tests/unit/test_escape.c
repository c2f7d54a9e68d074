#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/escape.h"

/* Expects bytes to be shown as this text. */
static void expect_shown_bytes(const char *data, size_t length, const char *expected)
{
	/* exactly as large as the data, so that a sanitizer sees a byte read too many */
	char *copy = malloc(length > 0 ? length : 1);
	struct text out = TEXT_EMPTY;

	assert_non_null(copy);
	memcpy(copy, data, length);
	text_add_string(&out, "");
	escape_terminal(&out, copy, length);
	assert_string_equal(out.data, expected);
	assert_int_equal(out.length, strlen(expected));
	text_free(&out);
	free(copy);
}

static void expect_shown(const char *data, const char *expected)
{
	expect_shown_bytes(data, strlen(data), expected);
}

static void expect_unchanged(const char *data)
{
	expect_shown(data, data);
}

static void test_text_passes(void **state)
{
	(void)state;
	expect_unchanged("");
	expect_unchanged("plain ~ text");
	expect_unchanged("déjà vu, œuf, 日本語");
	expect_unchanged("\xf0\x9f\x98\x80");
	expect_unchanged("\xc2\xa0");
	expect_unchanged("\xef\xbf\xbd");
	expect_unchanged("\xf4\x8f\xbf\xbd");
}

static void test_controls(void **state)
{
	(void)state;
	expect_shown("\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r");
	expect_shown("\x1b[2J", "\\x1b[2J");
	expect_shown("\x7f", "\\x7f");
	expect_shown_bytes("\0\1\x1f", 3, "\\x00\\x01\\x1f");
}

/* CSI, OSC and the like as one byte, or as UTF-8 of it. */
static void test_c1(void **state)
{
	(void)state;
	expect_shown("\x9b"
		     "31m",
		"\\x9b31m");
	expect_shown("\xc2\x9b"
		     "31m",
		"\\xc2\\x9b31m");
	expect_shown("\xc2\x80\xc2\x9f", "\\xc2\\x80\\xc2\\x9f");
}

static void test_no_utf8(void **state)
{
	(void)state;
	expect_shown("\x80", "\\x80");
	expect_shown("\xff\xfe", "\\xff\\xfe");
	/* longer than need be */
	expect_shown("\xc0\xaf", "\\xc0\\xaf");
	expect_shown("\xc1\xbf", "\\xc1\\xbf");
	expect_shown("\xe0\x9f\xbf", "\\xe0\\x9f\\xbf");
	expect_shown("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf");
	/* surrogates, and beyond the last code */
	expect_shown("\xed\xa0\x80", "\\xed\\xa0\\x80");
	expect_shown("\xed\xbf\xbf", "\\xed\\xbf\\xbf");
	expect_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	expect_shown("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	/* cut short, by the end or by another character */
	expect_shown("\xc3", "\\xc3");
	expect_shown("\xe2\x82", "\\xe2\\x82");
	expect_shown("\xf0\x9f\x98", "\\xf0\\x9f\\x98");
	expect_shown("\xe2\x82"
		     "a",
		"\\xe2\\x82a");
	expect_shown("\xc3\xc3\xa9", "\\xc3é");
}

/* What turns the direction of the text around it. */
static void test_direction(void **state)
{
	(void)state;
	expect_shown("a\xe2\x80\xae"
		     "b",
		"a\\xe2\\x80\\xaeb");
	expect_shown("\xe2\x80\xaa", "\\xe2\\x80\\xaa");
	expect_shown("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	expect_shown("\xe2\x81\xa9", "\\xe2\\x81\\xa9");
	expect_shown("\xe2\x80\x8e", "\\xe2\\x80\\x8e");
	expect_shown("\xe2\x80\x8f", "\\xe2\\x80\\x8f");
	expect_shown("\xd8\x9c", "\\xd8\\x9c");
	expect_shown("\xe2\x80\xa8\xe2\x80\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
	expect_unchanged("\xe2\x80\xa7\xe2\x80\xaf");
	/* text that is written from right to left by itself is fine */
	expect_unchanged("שלום");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(escape_columns("", 0), 0);
	assert_int_equal(escape_columns("abc", 3), 3);
	assert_int_equal(escape_columns("été", strlen("été")), 3);
	assert_int_equal(escape_columns("été", 4), 3);
	assert_int_equal(escape_columns("\x80\x80", 2), 0);
}

static void test_dump(void **state)
{
	struct text out = TEXT_EMPTY;

	(void)state;
	escape_dump(&out, (const unsigned char *)"a\tb\n\r\a\b\v\f\\\0\x1b\xc3\xa9~\x7f", 16);
	assert_string_equal(out.data, "a\tb\n\\r\\a\\b\\v\\f\\\\....~.");
	text_free(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_passes),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_c1),
		cmocka_unit_test(test_no_utf8),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
