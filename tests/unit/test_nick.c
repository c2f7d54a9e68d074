#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/escape.h"
#include "base/memory.h"
#include "session/nick.h"

#define TEN "0123456789"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *check(const char *name)
{
	return nick_check(name, strlen(name));
}

static void test_good_names(void **state)
{
	static const char *const names[] = { "a", "ana", "Ana-Marie", "été", "Ω", "山田", "😀", "-2",
		"127.0.0.1:4711", "[::1]:4711", "uid0", "a*b", "a/b", "l'hiver", "\"x\"",
		TEN TEN TEN "ab", "é" TEN TEN TEN "é" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (check(names[i]) != NULL)
			fail_msg("%s: %s", names[i], check(names[i]));
	}
}

static void test_bad_names(void **state)
{
	static const struct {
		const char *name, *reason;
	} names[] = {
		{ "", "missing" },
		{ "*", "begin" },
		{ "*ana", "begin" },
		{ "/who", "begin" },
		{ "a b", "blank" },
		{ " ", "blank" },
		{ "a\tb", "seen" },
		{ "<ana>", "<" },
		{ "a>b", ">" },
		{ "a\rb", "seen" },
		{ "a\x1b[2J", "seen" },
		{ "\x7f", "seen" },
		{ "\xc2\x9b"
		  "2J",
			"seen" },	 /* CSI as a C1 control */
		{ "\xe9t\xe9", "seen" }, /* Latin 1 */
		{ "\xc3", "seen" },	 /* half a character */
		{ "a\xc3", "seen" },
		{ "\xf0\x9f\x98", "seen" },
		{ "\xc0\xaf", "seen" },		/* a slash that is too long */
		{ "\xed\xa0\x80", "seen" },	/* a surrogate */
		{ "\xf4\x90\x80\x80", "seen" }, /* beyond the last character */
		{ "\xff\xfe", "seen" },
		{ "ana\xe2\x80\xae", "seen" }, /* right to left override */
		{ "ana\xe2\x80\x8b", "seen" }, /* zero width space */
		{ "ana\xe2\x81\xa6", "seen" }, /* isolate */
		{ "\xef\xbb\xbf"
		  "ana",
			"seen" },		/* byte order mark */
		{ "\xf3\xa0\x81\x81", "seen" }, /* tag character */
		{ "\xee\x80\x80", "seen" },	/* private use */
		{ "\xef\xbf\xbf", "seen" },	/* no character */
		{ "\xe2\x80\xa8", "seen" },	/* line separator */
		{ "\xc2\xad", "seen" },		/* soft hyphen */
		{ TEN TEN TEN "abc", "32" },
		{ "éé" TEN TEN TEN "é", "32" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *reason = check(names[i].name);

		if (reason == NULL)
			fail_msg("name %zu was accepted", i);
		if (strstr(reason, names[i].reason) == NULL)
			fail_msg("name %zu: the reason is %s", i, reason);
	}
}

/* A NUL is a byte like the others, and no letter. */
static void test_zero_byte(void **state)
{
	(void)state;
	assert_non_null(nick_check("a\0b", 3));
	assert_non_null(nick_check("\0", 1));
	assert_null(nick_check("ab\0", 2));
	assert_null(nick_check("été", strlen("été")));
	/* the length counts, not what follows */
	assert_non_null(nick_check("été", strlen("été") - 1));
}

/* Blanks that are no ASCII blank can pass for one, or for nothing. */
static void test_other_blanks(void **state)
{
	static const char *const blanks[] = { "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80",
		"\xe2\x80\x83", "\xe2\x80\x8a", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
		"\xe2\xa0\x80" };

	(void)state;
	for (size_t i = 0; i < COUNT(blanks); i++) {
		char *name = memory_print("ana%scy", blanks[i]);

		if (check(name) == NULL)
			fail_msg("blank %zu was accepted", i);
		free(name);
	}
}

static void expect_clean(const char *text, const char *wanted)
{
	char *name = nick_clean(text);

	assert_string_equal(name, wanted);
	assert_null(check(name));
	free(name);
}

static void test_clean(void **state)
{
	(void)state;
	expect_clean("127.0.0.1:80", "127.0.0.1:80");
	expect_clean("EXEC:bc -l", "EXEC:bc-l");
	expect_clean("*** ana ***", "ana***");
	expect_clean("//ana", "ana");
	expect_clean("  <été>  ", "été");
	expect_clean("a\x1b[2J\xff\xc3", "a[2J");
	expect_clean("", "somebody");
	expect_clean("  \r\n\t\x07", "somebody");
	expect_clean("***", "somebody");
	expect_clean(TEN TEN TEN TEN, TEN TEN TEN "01");
	expect_clean("é" TEN TEN TEN "éé", "é" TEN TEN TEN "é");
}

static void expect_numbered(const char *text, int number, const char *wanted)
{
	char *name = nick_numbered(text, number);

	assert_string_equal(name, wanted);
	assert_null(check(name));
	free(name);
}

/* The number is never cut off, and the name never gets too long by it. */
static void test_numbered(void **state)
{
	(void)state;
	expect_numbered("ana", 2, "ana-2");
	expect_numbered("ana-2", 2, "ana-2-2");
	expect_numbered("", 3, "somebody-3");
	expect_numbered(TEN TEN TEN "ab", 2, TEN TEN TEN "-2");
	expect_numbered(TEN TEN TEN "ab", 1000, TEN TEN "0123456-1000");
	expect_numbered("é" TEN TEN TEN "é", 10, "é" TEN TEN "01234567-10");
	expect_numbered("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535", INT32_MAX,
		"[2001:db8:aaaa:bbbb:c-2147483647");
}

static void test_same(void **state)
{
	(void)state;
	assert_true(nick_same("ana", "ana"));
	assert_true(nick_same("ana", "ANA"));
	assert_false(nick_same("ana", "anna"));
	assert_false(nick_same("ana", "ana-2"));
	assert_false(nick_same("ana", ""));
	assert_true(nick_same("été", "été"));
}

/* Whatever bytes there are: what is made of them can be a name, and what can be a name stays as it is. */
static void test_random(void **state)
{
	unsigned random = 99;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t length;
		char *name, *again;

		random = random * 1103515245 + 12345;
		length = (random >> 8) % sizeof(text);
		for (size_t i = 0; i < length; i++) {
			random = random * 1103515245 + 12345;
			text[i] = (char)(1 + (random >> 16) % 255);
		}
		text[length] = '\0';
		name = nick_clean(text);
		assert_null(check(name));
		if (check(text) == NULL)
			assert_string_equal(name, text);
		again = nick_clean(name);
		assert_string_equal(name, again);
		free(again);
		free(name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_names),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_zero_byte),
		cmocka_unit_test(test_other_blanks),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_numbered),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
