#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <limits.h>

#include "base/clock.h"
#include "base/number.h"

static void expect_number(const char *text, intmax_t low, intmax_t high, intmax_t expected)
{
	intmax_t value;
	char *reason = NULL;

	if (number_parse(text, low, high, &value, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_null(reason);
	assert_int_equal(value, expected);
}

/* Expects a refusal whose reason holds a phrase. */
static void expect_no_number(const char *text, intmax_t low, intmax_t high, const char *phrase)
{
	intmax_t value = 4711;
	char *reason = NULL;

	if (number_parse(text, low, high, &value, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(strstr(reason, phrase));
	assert_int_equal(value, 4711);
	free(reason);
}

static void test_bases(void **state)
{
	(void)state;
	expect_number("0", INT_MIN, INT_MAX, 0);
	expect_number("42", INT_MIN, INT_MAX, 42);
	expect_number("-42", INT_MIN, INT_MAX, -42);
	expect_number("+42", INT_MIN, INT_MAX, 42);
	expect_number("0x1F", INT_MIN, INT_MAX, 31);
	expect_number("-0x10", INT_MIN, INT_MAX, -16);
	expect_number("010", INT_MIN, INT_MAX, 8);
}

static void test_limits(void **state)
{
	(void)state;
	expect_number("1", 1, 2, 1);
	expect_number("2", 1, 2, 2);
	expect_no_number("0", 1, 2, "1 to 2");
	expect_no_number("3", 1, 2, "1 to 2");
	expect_number("9223372036854775807", INTMAX_MIN, INTMAX_MAX, INTMAX_MAX);
	expect_number("-9223372036854775808", INTMAX_MIN, INTMAX_MAX, INTMAX_MIN);
	expect_no_number("9223372036854775808", INTMAX_MIN, INTMAX_MAX, "range");
	expect_no_number("-9223372036854775809", INTMAX_MIN, INTMAX_MAX, "range");
	expect_no_number("99999999999999999999999999", 0, 5, "range");
	expect_number("7", 7, 7, 7);
}

static void test_words_scripts_look_for(void **state)
{
	(void)state;
	expect_no_number("", 0, 9, "missing numerical value");
	expect_no_number("x", 0, 9, "missing numerical value");
	expect_no_number("-", 0, 9, "missing numerical value");
	expect_no_number(" ", 0, 9, "missing numerical value");
	expect_no_number("5x", 0, 9, "trailing garbage");
	expect_no_number("5 ", 0, 9, "trailing garbage");
	expect_no_number("5.0", 0, 9, "trailing garbage");
	expect_no_number("0x", 0, 9, "trailing garbage");
	expect_no_number("08", 0, 9, "trailing garbage");
	expect_no_number("5é", 0, 9, "\"é\"");
	expect_no_number("x", 0, 9, "0 to 9 is allowed");
	expect_no_number("5x", 0, 9, "0 to 9 is allowed");
	expect_no_number("080", 0, 9, "octal");
}

static void expect_amount(const char *text, intmax_t expected)
{
	intmax_t value;
	char *reason = NULL;

	if (number_parse_amount(text, -8, INT_MAX, &value, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_int_equal(value, expected);
}

static void expect_no_amount(const char *text, const char *phrase)
{
	intmax_t value = 4711;
	char *reason = NULL;

	if (number_parse_amount(text, -8, INT_MAX, &value, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(strstr(reason, phrase));
	assert_int_equal(value, 4711);
	free(reason);
}

/* Numbers of any base, and decimal ones with units. */
static void test_amounts(void **state)
{
	(void)state;
	expect_amount("64", 64);
	expect_amount("-8", -8);
	expect_amount("0x40", 64);
	expect_amount("0100", 64);
	expect_amount("64k", 64000);
	expect_amount("1Mi", 1048576);
	expect_amount("1.5k", 1500);
	expect_no_amount("3G", "-8 to 2147483647 is allowed");
	expect_no_amount("-9", "-8 to 2147483647 is allowed");
	expect_no_amount("64z", "units are k, M");
	expect_no_amount("0x4k", "units are k, M");
	expect_no_amount("k", "missing numerical value");
	expect_no_amount("", "missing numerical value");
}

static void expect_size(const char *text, intmax_t expected)
{
	int64_t value;
	char *reason = NULL;

	if (number_parse_size(text, 0, INTMAX_MAX, &value, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_int_equal(value, expected);
}

static void expect_no_size(const char *text, intmax_t low, intmax_t high, const char *phrase)
{
	int64_t value = 4711;
	char *reason = NULL;

	if (number_parse_size(text, low, high, &value, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(strstr(reason, phrase));
	assert_int_equal(value, 4711);
	free(reason);
}

static void test_sizes(void **state)
{
	(void)state;
	expect_size("0", 0);
	expect_size("512", 512);
	expect_size("64k", 64000);
	expect_size("64K", 64000);
	expect_size("1Ki", 1024);
	expect_size("1M", 1000000);
	expect_size("1.5Ki", 1536);
	expect_size("1Gi", 1 << 30);
	expect_size("2Ti", INT64_C(2) << 40);
	expect_no_size("64k", 1, 63999, "1 to 63999");
	expect_no_size("0k", 1, 9, "1 to 9");
	expect_no_size("-1k", 0, 9, "range");
	expect_no_size("", 0, 9, "missing numerical value");
	expect_no_size("k", 0, 9, "missing numerical value");
	expect_no_size("1m", 0, 9, "Mi");
	expect_no_size("1kk", 0, 9, "Mi");
	expect_no_size("1i", 0, 9, "Mi");
}

static void expect_percent(const char *text, int64_t expected)
{
	int64_t value;
	char *reason = NULL;

	if (number_parse_percent(text, &value, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_int_equal(value, expected);
}

static void expect_no_percent(const char *text, const char *phrase)
{
	int64_t value = 4711;
	char *reason = NULL;

	if (number_parse_percent(text, &value, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(strstr(reason, phrase));
	assert_int_equal(value, 4711);
	free(reason);
}

static void test_percents(void **state)
{
	(void)state;
	expect_percent("0", 0);
	expect_percent("5%", 50000);
	expect_percent("5", 50000);
	expect_percent("0.1%", 1000);
	expect_percent(".5%", 5000);
	expect_percent("33.3333%", 333333);
	expect_percent("100%", 1000000);
	expect_no_percent("100.1%", "0% to 100%");
	expect_no_percent("-1%", "0% to 100%");
	expect_no_percent("", "missing numerical value");
	expect_no_percent("%", "missing numerical value");
	expect_no_percent("5%%", "trailing garbage");
	expect_no_percent("5,5%", "trailing garbage");
	expect_no_percent("1.2.3", "trailing garbage");
}

static void expect_mode(const char *text, unsigned expected)
{
	unsigned mode;
	char *reason = NULL;

	if (number_parse_octal(text, &mode, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_int_equal(mode, expected);
}

static void expect_no_mode(const char *text)
{
	unsigned mode = 1;
	char *reason = NULL;

	if (number_parse_octal(text, &mode, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(reason);
	free(reason);
}

static void test_modes(void **state)
{
	(void)state;
	expect_mode("0", 0);
	expect_mode("644", 0644);
	expect_mode("0644", 0644);
	expect_mode("7777", 07777);
	expect_no_mode("10000");
	expect_no_mode("-1");
	expect_no_mode("8");
	expect_no_mode("6448");
	expect_no_mode("0x1ff");
	expect_no_mode("");
	expect_no_mode("rw");
	expect_no_mode("7777777777777777777777777");
}

static void expect_seconds(const char *text, int64_t expected)
{
	int64_t value;
	char *reason = NULL;

	if (number_parse_seconds(text, &value, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_int_equal(value, expected);
}

static void expect_no_seconds(const char *text)
{
	int64_t value = 1;
	char *reason = NULL;

	if (number_parse_seconds(text, &value, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(reason);
	free(reason);
}

static void test_seconds(void **state)
{
	(void)state;
	expect_seconds("0", 0);
	expect_seconds("1", SECOND);
	expect_seconds("0.5", SECOND / 2);
	expect_seconds(".25", SECOND / 4);
	expect_seconds("1e1", 10 * SECOND);
	expect_seconds("-1", -SECOND);
	expect_seconds("1e300", INT64_MAX);
	expect_seconds("-1e300", INT64_MIN);
	expect_seconds("9223372036.854775807", INT64_MAX);
	expect_no_seconds("");
	expect_no_seconds("inf");
	expect_no_seconds("nan");
	expect_no_seconds("-nan");
	expect_seconds("1s", SECOND);
	expect_seconds("500ms", SECOND / 2);
	expect_seconds("0.5ms", SECOND / 2000);
	expect_seconds("3us", 3000);
	expect_seconds("7ns", 7);
	expect_seconds("1.5m", 90 * SECOND);
	expect_seconds("2min", 120 * SECOND);
	expect_seconds("1h", 3600 * SECOND);
	expect_seconds("1d", 86400 * SECOND);
	expect_seconds("-1m", -60 * SECOND);
	expect_seconds("999999d", INT64_MAX);
	expect_no_seconds("1w");
	expect_no_seconds("1mss");
	expect_no_seconds("1 s");
	expect_no_seconds("1S");
	expect_no_seconds("ms");
	expect_no_seconds("1,5");
	expect_no_seconds(".");
	expect_no_seconds(" 1");
}

static void test_clock(void **state)
{
	int64_t now = clock_now();

	(void)state;
	assert_true(clock_after(0) >= now);
	assert_true(clock_after(-1) == CLOCK_NEVER);
	assert_true(clock_after(INT64_MAX) == CLOCK_NEVER);
	assert_true(clock_earlier(1, 2) == 1);
	assert_true(clock_earlier(CLOCK_NEVER, -5) == -5);
	assert_int_equal(clock_poll_timeout(CLOCK_NEVER), -1);
	assert_int_equal(clock_poll_timeout(0), 0);
	assert_int_equal(clock_poll_timeout(now - SECOND), 0);
	assert_int_equal(clock_poll_timeout(INT64_MIN / 2), 0);
	assert_int_equal(clock_poll_timeout(CLOCK_NEVER - 1), INT_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_words_scripts_look_for),
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_percents),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
