#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "spec/spec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Shows what the parser made of a text: KEYWORD|param|param;name;name=value!!... */
static void show(const struct spec *spec, struct text *out)
{
	text_add(out, spec->keyword.data, spec->keyword.length);
	for (size_t i = 0; i < spec->param_count; i++) {
		text_add_char(out, '|');
		text_add(out, spec->params[i].data, spec->params[i].length);
	}
	for (size_t i = 0; i < spec->option_count; i++) {
		text_add_char(out, ';');
		text_add(out, spec->options[i].name.data, spec->options[i].name.length);
		if (spec->options[i].value.data != NULL) {
			text_add_char(out, '=');
			text_add(out, spec->options[i].value.data, spec->options[i].value.length);
		}
	}
	if (spec->writer != NULL) {
		text_add_string(out, "!!");
		show(spec->writer, out);
	}
}

/* Expects a text to be taken apart like this. */
static void expect_bytes(const char *text, const char *expected, size_t length)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse(text, &error);
	struct text out = TEXT_EMPTY;

	if (spec == NULL)
		fail_msg("%s: %s", text, error.message);
	show(spec, &out);
	if (out.length != length || memcmp(out.data, expected, length) != 0)
		fail_msg("%s: became %s instead of %s", text, out.data, expected);
	assert_string_equal(spec->text, text);
	text_free(&out);
	spec_free(spec);
}

static void expect(const char *text, const char *expected)
{
	expect_bytes(text, expected, strlen(expected));
}

/* Expects a text to be refused with the finger on a place. */
static void expect_error(const char *text, const char *phrase, size_t column, size_t width)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse(text, &error);

	if (spec != NULL)
		fail_msg("%s: was accepted", text);
	assert_int_equal(error.kind, ERROR_USAGE);
	if (strstr(error.message, phrase) == NULL)
		fail_msg("%s: the message is %s", text, error.message);
	assert_string_equal(error.text, text);
	if (error.column != column || error.width != width)
		fail_msg("%s: points at %zu+%zu instead of %zu+%zu", text, error.column,
			error.width, column, width);
	error_clear(&error);
}

static void test_separators(void **state)
{
	(void)state;
	expect("STDIO", "STDIO");
	expect("TCP:host:80", "TCP|host|80");
	expect("tcp-listen:80,fork,reuseaddr=1", "tcp-listen|80;fork;reuseaddr=1");
	expect("A:", "A|");
	expect("A::", "A||");
	expect("A::b", "A||b");
	expect("A,x=", "A;x=");
	expect("A,x=y=z", "A;x=y=z");
	expect("A,x=y:z", "A;x=y:z");
	expect("A,x:y=z", "A;x:y=z");
	expect("A:x=y", "A|x=y");
	expect("A=b:c", "A=b|c");
	expect("A,=v", "A;=v");
	expect("A:b!c,d!e", "A|b!c;d!e");
	expect("UNIX:été,bind=à", "UNIX|été;bind=à");
	expect("A: b , c = d ", "A| b ; c = d ");
}

static void test_empty_options(void **state)
{
	(void)state;
	expect("A,", "A");
	expect("A,,,", "A");
	expect("A,,b,,c,", "A;b;c");
	expect("A,\"\",''", "A");
	expect("A,!!B,", "A!!B");
}

static void test_backslash(void **state)
{
	(void)state;
	expect("A:b\\:c\\,d\\!!e", "A|b:c,d!!e");
	expect("A:b!\\!c", "A|b!!c");
	expect("A,b\\=c=d\\,e", "A;b=c=d,e");
	expect("A:\\q\\x41\\\\", "A|qx41\\");
	expect("A:\\\"b\\'c\\(d", "A|\"b'c(d");
	expect("A:\\n\\t\\r\\f\\b\\a\\v", "A|\n\t\r\f\b\a\v");
	expect_bytes("A:x\\0y", "A|x\0y", 5);
	expect_bytes("A:\"\\0\"'\\0'[\\0],\\0=\\0", "A|\0\0[\0];\0=\0", 11);
	expect("A:'a\\tb'", "A|a\tb");
	expect("A:\"a\\tb\"", "A|a\tb");
	expect("A:(a\\tb)", "A|(a\tb)");
	expect("A:'it\\'s'", "A|it's");
	expect("A:\"a\\\"b\"", "A|a\"b");
	expect("A:[a\\]b,c]", "A|[a]b,c]");
	expect("A:été\\é", "A|étéé");
}

static void test_quotes(void **state)
{
	(void)state;
	expect("OPEN:a\"b,c\"d", "OPEN|ab,cd");
	expect("OPEN:a'b:c'd", "OPEN|ab:cd");
	expect("A:\"a'b'c\"", "A|a'b'c");
	expect("A:'a\"b'", "A|a\"b");
	expect("A:'a(b'", "A|a(b");
	expect("A:\"a(b,c)d\"", "A|a(b,c)d");
	expect("A:\"a[b\"c\"d]e\",f", "A|a[b\"c\"d]e;f");
	expect("A:\"\":''", "A||");
	expect("A:\"a\"\"b\"'c'", "A|abc");
	expect("A:'!!':\"!!\":(!!),x='!!'!!B", "A|!!|!!|(!!);x=!!!!B");
	expect("A,'b=c'=d", "A;b=c=d");
	expect("'A':b", "A|b");
	/* what has no end if it nests is text */
	expect("A:\"l'hiver, c'est\",d", "A|l'hiver, c'est;d");
	expect("A:\"l'hiver\":\"a(b\",d", "A|l'hiver|a(b;d");
	expect("EXEC:'prog - exec:cat,pipes'", "EXEC|prog - exec:cat,pipes");
	expect("EXEC:'prog \"a b\"'", "EXEC|prog \"a b\"");
	expect("EXEC:\"prog \\\"a b\\\"\"", "EXEC|prog \"a b\"");
	expect("EXEC:prog \"a b\"", "EXEC|prog a b");
	expect("EXEC:prog - exec\\:cat,pipes", "EXEC|prog - exec:cat;pipes");
}

static void test_brackets(void **state)
{
	(void)state;
	expect("TCP6:[::1]:80", "TCP6|[::1]|80");
	expect("A,bind=[::1]:5", "A;bind=[::1]:5");
	expect("[[a],b],rdonly", "[[a],b];rdonly");
	expect("A:(a:{b,[c!!d]}e):f", "A|(a:{b,[c!!d]}e)|f");
	expect("A:(a'b)'c):d", "A|(a'b)'c)|d");
	expect("A:(\"a)\"b),c", "A|(\"a)\"b);c");
	expect("A:a)b]c},d", "A|a)b]c};d");
	expect("A:[a)b],c", "A|[a)b];c");
}

/* A bracket that is never closed is no error: it protects the rest. */
static void test_open_bracket(void **state)
{
	(void)state;
	expect("(a,rdonly", "(a,rdonly");
	expect("A:[b,c!!d:e", "A|[b,c!!d:e");
	expect("A:(b[c),d", "A|(b[c),d");
	expect("A:b,c={d,e", "A|b;c={d,e");
	expect("A:(a'b,c", "A|(a'b,c");
}

static void test_short_forms(void **state)
{
	(void)state;
	expect("-", "STDIO");
	expect("-,ignoreeof", "STDIO;ignoreeof");
	expect("--", "--");
	expect("0", "FD|0");
	expect("12,nonblock", "FD|12;nonblock");
	expect("'7'", "FD|7");
	expect("1a", "1a");
	expect("./file", "GOPEN|./file");
	expect("/tmp/x,append", "GOPEN|/tmp/x;append");
	expect("a/b:c", "GOPEN|a/b|c");
	expect("1/2", "GOPEN|1/2");
	expect("'a/b,c',d", "GOPEN|a/b,c;d");
	expect("OPEN:a/b", "OPEN|a/b");
	expect("-!!1", "STDIO!!FD|1");
	expect("/in!!/out", "GOPEN|/in!!GOPEN|/out");
}

static void test_dual(void **state)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse("STDIN,a=b!!TCP:x:1,c", &error);

	(void)state;
	assert_non_null(spec);
	assert_non_null(spec->writer);
	assert_int_equal(spec->column, 0);
	assert_int_equal(spec->writer->column, 11);
	assert_int_equal(spec->writer->params[1].column, 17);
	assert_string_equal(spec->writer->text, spec->text);
	spec_free(spec);
	expect("A:b!!C:d,e", "A|b!!C|d;e");
	expect("A,b=c!!D", "A;b=c!!D");
	expect("A:!b!!C", "A|!b!!C");
	expect_error("A!!B!!C", "two halves", 4, 2);
	expect_error("A!!!!B", "no keyword", 3, 1);
	expect("A!!!B", "A!!!B");
}

static void test_columns(void **state)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse("TCP:'a b':80,x,reuse\\adr=\"1\"", &error);

	(void)state;
	assert_non_null(spec);
	assert_int_equal(spec->keyword.column, 0);
	assert_int_equal(spec->keyword.width, 3);
	assert_int_equal(spec->params[0].column, 4);
	assert_int_equal(spec->params[0].width, 5);
	assert_int_equal(spec->params[1].column, 10);
	assert_int_equal(spec->params[1].width, 2);
	assert_int_equal(spec->options[1].name.column, 15);
	assert_int_equal(spec->options[1].name.width, 9);
	assert_int_equal(spec->options[1].value.column, 25);
	assert_int_equal(spec->options[1].value.width, 3);
	assert_null(spec->options[0].value.data);
	spec_free(spec);
}

static void test_errors(void **state)
{
	(void)state;
	expect_error("", "unknown device/address", 0, 1);
	expect_error(":x", "unknown device/address", 0, 1);
	expect_error(",x", "unknown device/address", 0, 1);
	expect_error("!!B", "unknown device/address", 0, 1);
	expect_error("A!!", "unknown device/address", 3, 1);
	expect_error("\"\":x", "unknown device/address", 0, 1);
	expect_error("A:\"a(b", "unexpected end", 2, 1);
	expect_error("A:\"a'b", "unexpected end", 2, 1);
	expect_error("\"a'b", "unexpected end", 0, 1);
	expect_error("\"a(b", "unexpected end", 0, 1);
	expect_error("A:b'c", "unexpected end", 3, 1);
	expect_error("A:b,c=\"d,e", "unexpected end", 6, 1);
	expect_error("A,b'c=d", "unexpected end", 3, 1);
	expect_error("A!!B:'", "unexpected end", 5, 1);
	expect_error("A:b\\", "backslash", 3, 1);
	expect_error("\\", "backslash", 0, 1);
	expect_error("A:'b\\", "backslash", 4, 1);
	expect_error("A:(b\\", "backslash", 4, 1);
	expect_error("A,b=c\\", "backslash", 5, 1);
	expect_error("A\\0B:c", "NUL", 0, 4);
	expect_error("X!!A\\0B:c", "NUL", 3, 4);
}

/* What the dump writes is read as the same words, and written the same way again. */
static void expect_fixpoint(const char *text)
{
	struct error error = ERROR_EMPTY;
	struct spec *first = spec_parse(text, &error), *second;
	struct text dump = TEXT_EMPTY, again = TEXT_EMPTY, shown = TEXT_EMPTY, reshown = TEXT_EMPTY;

	if (first == NULL)
		fail_msg("%s: %s", text, error.message);
	spec_dump(first, &dump);
	second = spec_parse(dump.data, &error);
	if (second == NULL)
		fail_msg("%s: the dump %s: %s", text, dump.data, error.message);
	spec_dump(second, &again);
	assert_string_equal(again.data, dump.data);
	/* the case of keywords is the only thing a dump may change */
	for (size_t i = 0; i < first->keyword.length; i++) {
		if (first->keyword.data[i] >= 'a' && first->keyword.data[i] <= 'z')
			first->keyword.data[i] = (char)(first->keyword.data[i] - 'a' + 'A');
	}
	show(first, &shown);
	show(second, &reshown);
	assert_int_equal(shown.length, reshown.length);
	assert_memory_equal(shown.data, reshown.data, shown.length);
	text_free(&dump);
	text_free(&again);
	text_free(&shown);
	text_free(&reshown);
	spec_free(first);
	spec_free(second);
}

static void test_fixpoint(void **state)
{
	static const char *const texts[] = {
		"STDIO",
		"-",
		"3",
		"tcp:host:80",
		"/tmp/a b,c=d",
		"A:",
		"A::",
		"A,x=",
		"A,=v",
		"A,=",
		"A:b\\:c\\,d\\!!e",
		"A:b!c!",
		"A:b!\\!",
		"A,b!=c!",
		"A:!!!B",
		"A:\\!!!B",
		"A,x!!B,y=z",
		"A:\\n\\t\\r\\f\\b\\a\\v\\0\\\\",
		"A,\\0=\\0\\0",
		"A:\\00\\01",
		"A:'\"':\\'",
		"A:\"a'b'c\":'a(b'",
		"(a,rdonly",
		"[[a],b],rdonly",
		"A:(b[c),d",
		"A:)]}",
		"A,a=b=c",
		"A,a\\=b=c:d",
		"A,a\\==",
		"A:x=y",
		"é/à",
		"'12'",
		"\\-",
		"\\-\\-",
		"\"a b\"",
		"A:\x1b\x7f\x80\xff",
		"A:\x01\x02",
		"'A:B'",
		"a\\nb:c",
		"A:\"\"",
		"{a",
		"A:\\(\\[\\{\\)",
		"1\\/2:\\0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		expect_fixpoint(texts[i]);
}

static void test_canonical(void **state)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse("tcp-l:'a:b',Fork,bind=[::1]:5,x=\\0!!./f", &error);
	struct text dump = TEXT_EMPTY;

	(void)state;
	assert_non_null(spec);
	spec_dump(spec, &dump);
	assert_string_equal(dump.data, "TCP-L:a\\:b,Fork,bind=\\[::1\\]:5,x=\\0!!GOPEN:./f");
	text_free(&dump);
	spec_free(spec);
}

/* Nothing about an address is fixed in size. */
static void test_large(void **state)
{
	struct error error = ERROR_EMPTY;
	struct text text = TEXT_EMPTY;
	struct spec *spec;

	(void)state;
	text_add_string(&text, "A");
	for (int i = 0; i < 2000; i++)
		text_print(&text, ":p%d", i);
	for (int i = 0; i < 2000; i++)
		text_print(&text, ",o%d=v%d", i, i);
	spec = spec_parse(text.data, &error);
	assert_non_null(spec);
	assert_int_equal(spec->param_count, 2000);
	assert_string_equal(spec->params[1999].data, "p1999");
	assert_int_equal(spec->option_count, 2000);
	assert_string_equal(spec->options[1999].value.data, "v1999");
	spec_free(spec);

	text_clear(&text);
	for (int i = 0; i < 100000; i++)
		text_add_char(&text, "([{"[i % 3]);
	spec = spec_parse(text.data, &error);
	assert_non_null(spec);
	assert_int_equal(spec->keyword.length, 100000);
	spec_free(spec);
	text_free(&text);
	spec_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_separators),
		cmocka_unit_test(test_empty_options),
		cmocka_unit_test(test_backslash),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_brackets),
		cmocka_unit_test(test_open_bracket),
		cmocka_unit_test(test_short_forms),
		cmocka_unit_test(test_dual),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_fixpoint),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
