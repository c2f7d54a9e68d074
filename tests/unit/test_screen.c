#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/intl.h"
#include "chat/names.h"
#include "chat/screen.h"

/* Expects a line to be shown as this text in the locale of now. */
static void expect_safe(const char *line, const char *expected)
{
	struct text out = TEXT_EMPTY;

	text_add_string(&out, "");
	screen_safe(&out, line, strlen(line));
	assert_string_equal(out.data, expected);
	text_free(&out);
}

/* Expects the end of a line, as much of it as has room. */
static void expect_tail(const char *line, size_t columns, const char *expected)
{
	struct text out = TEXT_EMPTY;

	text_add_string(&out, "");
	screen_tail(&out, line, strlen(line), columns);
	assert_string_equal(out.data, expected);
	text_free(&out);
}

static void test_safe(void **state)
{
	(void)state;
	expect_safe("", "");
	expect_safe("a\tb\t", "a\tb\t");
	expect_safe("été 日本 😀", "été 日本 😀");
	expect_safe("\x1b[2J\a", "\\x1b[2J\\a");
	expect_safe("\xff\xe9", "\\xff\\xe9");
	expect_safe("a\xe2\x80\xae", "a\\xe2\\x80\\xae");
}

/* Where nothing but ASCII is known, nothing but ASCII is shown; a record keeps letters. */
static void test_safe_in_the_c_locale(void **state)
{
	struct text out = TEXT_EMPTY;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C"));
	expect_safe("\xc3\xa9\x9b\tx", "\\xc3\\xa9\\x9b\tx");
	screen_record(&out, "\xc3\xa9\x1b", 3);
	assert_string_equal(out.data, "é\\x1b");
	text_free(&out);
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void test_tail(void **state)
{
	(void)state;
	expect_tail("", 10, "");
	expect_tail("login: ", 10, "login: ");
	expect_tail("0123456789", 10, "0123456789");
	expect_tail("0123456789", 4, "6789");
	expect_tail("a\tb", 10, "a b");
	expect_tail("日本語", 4, "本語");
	expect_tail("日本語", 5, "本語");
	expect_tail("ééééé", 2, "éé");
	expect_tail("anything", 0, "");
	expect_tail("x\x1b", 10, "x\\x1b");
}

static void test_name(void **state)
{
	(void)state;
	assert_int_equal(screen_name("<ana> hi", 8), 5);
	assert_int_equal(screen_name("<ana>", 5), 5);
	assert_int_equal(screen_name("<> hi", 5), 0);
	assert_int_equal(screen_name("<a b> hi", 8), 0);
	assert_int_equal(screen_name("<ana hi", 7), 0);
	assert_int_equal(screen_name("ana> hi", 7), 0);
	assert_int_equal(screen_name("", 0), 0);
}

/* The colour of a name is that of the name alone, and ends with it. */
static void test_colors(void **state)
{
	struct text one = TEXT_EMPTY, other = TEXT_EMPTY, plain = TEXT_EMPTY;

	(void)state;
	screen_colored(&one, "<ana> hi", 8);
	screen_colored(&other, "<ana> hello", 11);
	screen_colored(&plain, "hi", 2);
	assert_memory_equal(one.data, other.data, strlen("\033[1;31m<ana>\033[0m"));
	assert_non_null(strstr(one.data, "m<ana>\033[0m hi"));
	assert_string_equal(plain.data, "hi");
	text_free(&one);
	text_free(&other);
	text_free(&plain);
}

static void hear(const char *line)
{
	names_hear(line, strlen(line));
}

static void test_names(void **state)
{
	size_t position = 0;

	(void)state;
	hear("<ana> hi");
	hear("<ana> hi again");
	hear("* Bob joined");
	hear("* here: ana, 127.0.0.1:4000, zoé");
	hear("<evil\x1b[2J> hi");
	hear("* two words joined");
	hear("no name");
	assert_string_equal(names_next("", &position), "ana");
	assert_string_equal(names_next("", &position), "Bob");
	assert_string_equal(names_next("", &position), "127.0.0.1:4000");
	assert_string_equal(names_next("", &position), "zoé");
	assert_null(names_next("", &position));
	position = 0;
	assert_string_equal(names_next("b", &position), "Bob");
	assert_null(names_next("b", &position));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_safe_in_the_c_locale),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_names),
	};

	/* now, or it would happen in the midst of a test, with the locale of whoever runs it */
	intl_start();
	setlocale(LC_MESSAGES, "C");
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
