#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "spec/spec.h"
#include "spec/words.h"

/* Expects a command to be these words, the list of which ends in NULL. */
static void expect(const char *text, const char *const *expected)
{
	struct words words;
	char *reason = NULL;
	size_t count = 0;

	if (words_split(text, &words, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	assert_null(reason);
	for (; expected[count] != NULL && count < words.count; count++) {
		if (strcmp(words.list[count], expected[count]) != 0)
			fail_msg("%s: word %zu is \"%s\" instead of \"%s\"", text, count,
				words.list[count], expected[count]);
	}
	if (words.count != count || expected[count] != NULL)
		fail_msg("%s: has %zu words, the same up to %zu", text, words.count, count);
	assert_null(words.list[words.count]);
	words_free(&words);
	assert_null(words.list);
	assert_int_equal(words.count, 0);
}

#define EXPECT(text, ...) expect(text, (const char *const[]){ __VA_ARGS__, NULL })

/* Expects a command to be refused for this reason, with nothing left to free but the reason. */
static void expect_refusal(const char *text, const char *phrase)
{
	struct words words = { NULL, 99 };
	char *reason = NULL;

	if (words_split(text, &words, &reason) == 0)
		fail_msg("%s: was accepted", text);
	assert_non_null(reason);
	if (strstr(reason, phrase) == NULL)
		fail_msg("%s: the reason is %s", text, reason);
	assert_null(words.list);
	assert_int_equal(words.count, 0);
	free(reason);
}

static void test_blanks(void **state)
{
	(void)state;
	EXPECT("cat", "cat");
	EXPECT("grep -i été", "grep", "-i", "été");
	EXPECT("   a   b   ", "a", "b");
	EXPECT("a\tb c\nd", "a\tb", "c\nd");
	EXPECT("\t", "\t");
	EXPECT("a \n b", "a", "\n", "b");
	EXPECT("a:b,c!!d=e", "a:b,c!!d=e");
	EXPECT("$HOME `ls` * ~ | > ; & #", "$HOME", "`ls`", "*", "~", "|", ">", ";", "&", "#");
}

static void test_single_quotes(void **state)
{
	(void)state;
	EXPECT("'a b' c", "a b", "c");
	EXPECT("a'b c'd e", "ab cd", "e");
	EXPECT("'' a '' b''", "", "a", "", "b");
	EXPECT("''", "");
	EXPECT("'a' 'b''c'", "a", "bc");
	EXPECT("'a\"b' 'c(d' ']'", "a\"b", "c(d", "]");
	EXPECT("'it\\'s' 'it'\\''s'", "it's", "it's");
	EXPECT("'a\\nb' '\\q\\\\'", "a\nb", "q\\");
	EXPECT("' '", " ");
	EXPECT("'l\t\nr'", "l\t\nr");
}

static void test_double_quotes(void **state)
{
	(void)state;
	EXPECT("\"a b\" c", "a b", "c");
	EXPECT("a\"b c\"d", "ab cd");
	EXPECT("a \"\" b\"\"", "a", "", "b");
	EXPECT("\"a b\"'c d'e\\ f", "a bc de f");
	EXPECT("\"a\\\"b\" c", "a\"b", "c");
	EXPECT("\"a\\nb\" \"\\q\\\\\"", "a\nb", "q\\");
	EXPECT("\"$x `y`\"", "$x `y`");
}

/* What is paired inside double quotes stays together, with the quotes in it. */
static void test_nested_in_double_quotes(void **state)
{
	(void)state;
	EXPECT("\"(a b)\" c", "(a b)", "c");
	EXPECT("\"e {\"a\":1} f\" g", "e {\"a\":1} f", "g");
	EXPECT("\"a 'b \"c\" d' e\" f", "a 'b \"c\" d' e", "f");
	EXPECT("\"[']']\" b", "[']']", "b");
	EXPECT("\" '\"' a\" b", " '\"' a", "b");
	EXPECT("\" '(' a\" b", " '(' a", "b");
	EXPECT("\"a (b \\\" c) d\" e", "a (b \" c) d", "e");
	EXPECT("\"a ) b\" c", "a ) b", "c");
}

/* What has no partner inside double quotes is text. */
static void test_unpaired_in_double_quotes(void **state)
{
	(void)state;
	EXPECT("\"it's\"", "it's");
	EXPECT("\"a(b\" c", "a(b", "c");
	EXPECT("\":-(\" b", ":-(", "b");
	EXPECT("\"'\" \"[\\\"\"", "'", "[\"");
	EXPECT("echo \"l'été\" \"l'hiver\"", "echo", "l'été", "l'hiver");
	EXPECT("\"1'2\" \"3'4\"", "1'2", "3'4");
	EXPECT("\"é'a\" \"é'b\"", "é'a", "é'b");
	EXPECT("\"x\\q'a\" \"x'b\"", "xq'a", "x'b");
	/* ... but a quote that doesn't follow a letter looks for its partner further on */
	EXPECT("\" 'a\" \" 'b\"", " 'a\" \" 'b");
	EXPECT("\"\\n'a\" \"\\n'b\"", "\n'a\" \"\n'b");
}

static void test_brackets(void **state)
{
	(void)state;
	EXPECT("(a b) c", "(a b)", "c");
	EXPECT("[a b]c {d e}", "[a b]c", "{d e}");
	EXPECT("((a b) c d) e", "((a b) c d)", "e");
	EXPECT("(a [b) c] d) e", "(a [b) c] d)", "e");
	EXPECT("print('a b') c", "print('a b')", "c");
	EXPECT("('(' a) ('\"' b) c", "('(' a)", "('\"' b)", "c");
	EXPECT("(\")\" b) c", "(\")\" b)", "c");
	EXPECT("(a \\) b) c", "(a ) b)", "c");
	EXPECT("(a\\tb\\q) c", "(a\tbq)", "c");
	EXPECT("\\(a b\\) c", "(a", "b)", "c");
	EXPECT("a ) b", "a", ")", "b");
	EXPECT("[\\]] a", "[]]", "a");
}

/* A bracket that is never closed keeps the rest together, and so does a quote in it. */
static void test_unclosed_brackets(void **state)
{
	(void)state;
	EXPECT("a ( b  c ", "a", "( b  c ");
	EXPECT("(", "(");
	EXPECT("a (it's) b", "a", "(it's) b");
	EXPECT("(a \"b) c", "(a \"b) c");
	EXPECT("(a \\) b", "(a ) b");
	EXPECT("(a\\\\", "(a\\");
	EXPECT("{ a ( b } c", "{ a ( b } c");
}

static void test_backslash(void **state)
{
	(void)state;
	EXPECT("a\\ b c", "a b", "c");
	EXPECT("\\\"a\\' b", "\"a'", "b");
	EXPECT("a\\\\ b", "a\\", "b");
	EXPECT("\\n\\t\\r\\f\\b\\a\\v", "\n\t\r\f\b\a\v");
	EXPECT("\\q\\x41\\$", "qx41$");
	EXPECT("a\\\nb", "a\nb");
	EXPECT("\\  b", " ", "b");
	EXPECT("\\é", "é");
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refusal("", "no words");
	expect_refusal("   ", "no words");
	expect_refusal("a 'b", "' is never closed");
	expect_refusal("a b\"c d", "\" is never closed");
	expect_refusal("l'été", "' is never closed");
	expect_refusal("'a\\'", "' is never closed");
	expect_refusal("\"a\\\"", "\" is never closed");
	expect_refusal("\"a(\\\"b", "\" is never closed");
	expect_refusal("a \"b 'c\" 'd", "is never closed");
	expect_refusal("a\\", "last backslash");
	expect_refusal("a\\\\\\", "last backslash");
	expect_refusal("'a\\", "last backslash");
	expect_refusal("(a\\", "last backslash");
	expect_refusal("a\\0b", "NUL byte");
	expect_refusal("'\\0'", "NUL byte");
	expect_refusal("\\\\\\0", "NUL byte");
	EXPECT("\\\\0", "\\0");
}

static void test_many_words(void **state)
{
	struct text text = TEXT_EMPTY;
	struct words words;
	char *reason = NULL;

	(void)state;
	for (int i = 0; i < 5000; i++)
		text_print(&text, "'word %d' ", i);
	assert_int_equal(words_split(text.data, &words, &reason), 0);
	assert_int_equal(words.count, 5000);
	assert_string_equal(words.list[4999], "word 4999");
	assert_null(words.list[5000]);
	words_free(&words);
	text_free(&text);
}

/* Regions nest as deep as they like: there is no recursion to run out of stack. */
static void test_deep(void **state)
{
	enum { DEPTH = 200000 };
	char *text = memory_alloc(2 * DEPTH + 3);

	(void)state;
	memset(text, '(', DEPTH);
	memset(text + DEPTH, ')', DEPTH);
	memcpy(text + 2 * DEPTH, " b", 3);
	char *first = memory_copy(text, 2 * DEPTH);
	EXPECT(text, first, "b");
	free(first);
	free(text);
}

static void expect_dump(char **list, const char *expected)
{
	struct words words = { list, 0 };
	struct text out = TEXT_EMPTY;

	while (list[words.count] != NULL)
		words.count++;
	words_dump(&words, &out);
	assert_string_equal(out.data != NULL ? out.data : "", expected);
	text_free(&out);
}

#define DUMP(expected, ...) expect_dump((char *[]){ __VA_ARGS__, NULL }, expected)

static void test_dump(void **state)
{
	(void)state;
	DUMP("[grep] [-i] [a b]", "grep", "-i", "a b");
	DUMP("[]", "");
	DUMP("[] []", "", "");
	DUMP("[s/[a-z]*/été/]", "s/[a-z]*/été/");
	DUMP("[\\n\\t\\x1b[31m\\x7f]", "\n\t\033[31m\177");
	DUMP("[\\xff\\xc3]", "\xff\xc3");
	DUMP("[\\xc3\\\\\\xa9]", "\xc3\\\xa9");
	DUMP("[a\\\\nb]", "a\\nb");
	DUMP("[a]] [[b]", "a]", "[b");
	DUMP("[a\\] [b]", "a] [b");
	DUMP("[a\\\\] [b]", "a\\", "b");
}

/* Both levels in a row, as an address has them. */
static void test_after_the_address(void **state)
{
	static const char *const cases[][2] = {
		{ "EXEC:prog \"a b\"", "[prog] [a] [b]" },
		{ "EXEC:'prog \"a b\"'", "[prog] [a b]" },
		{ "EXEC:\"prog \\\"a b\\\"\"", "[prog] [a b]" },
		{ "EXEC:prog \\\"a b\\\"", "[prog] [a b]" },
		{ "EXEC:prog a\\\\ b", "[prog] [a b]" },
		{ "EXEC:prog a\\:b\\,c\\!!d", "[prog] [a:b,c!!d]" },
		{ "EXEC:\"prog 'l\\\\'été'\"", "[prog] [l'été]" },
		{ "EXEC:'prog \\\\\\\\d'", "[prog] [\\\\d]" },
		{ "EXEC:prog a\\nb", "[prog] [a\\nb]" },
		{ "EXEC:prog \\(a b\\)", "[prog] [(a b)]" },
		{ "EXEC:prog \\\\(a b\\\\)", "[prog] [(a] [b)]" },
		{ "EXEC:prog ('(' a),pipes", "[prog] [('(' a)]" },
		{ "EXEC:prog \" '\\\"' a\",pipes", "[prog] [\"] [a]" },
		{ "EXEC:\"prog \\\"l'été\\\" b\",pipes", "[prog] [l'été] [b]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = ERROR_EMPTY;
		struct spec *spec = spec_parse(cases[i][0], &error);
		struct text out = TEXT_EMPTY;
		struct words words;
		char *reason;

		if (spec == NULL)
			fail_msg("%s: %s", cases[i][0], error.message);
		assert_int_equal(spec->param_count, 1);
		assert_int_equal(words_split(spec->params[0].data, &words, &reason), 0);
		words_dump(&words, &out);
		if (strcmp(out.data, cases[i][1]) != 0)
			fail_msg("%s: became %s", cases[i][0], out.data);
		text_free(&out);
		words_free(&words);
		spec_free(spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_single_quotes),
		cmocka_unit_test(test_double_quotes),
		cmocka_unit_test(test_nested_in_double_quotes),
		cmocka_unit_test(test_unpaired_in_double_quotes),
		cmocka_unit_test(test_brackets),
		cmocka_unit_test(test_unclosed_brackets),
		cmocka_unit_test(test_backslash),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_many_words),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_after_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
