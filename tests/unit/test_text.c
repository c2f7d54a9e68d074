#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static void test_text_grows(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_add(&text, NULL, 0);
	assert_int_equal(text.length, 0);
	assert_string_equal(text.data, "");
	for (int i = 0; i < 1000; i++)
		text_add_char(&text, (char)('a' + i % 26));
	assert_int_equal(text.length, 1000);
	assert_int_equal(strlen(text.data), 1000);
	assert_int_equal(text.data[999], 'a' + 999 % 26);
	text_free(&text);
	assert_null(text.data);
}

static void test_text_keeps_nul(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_add(&text, "a\0b", 3);
	text_add_char(&text, '\0');
	text_add_string(&text, "é");
	assert_int_equal(text.length, 6);
	assert_memory_equal(text.data, "a\0b\0\xc3\xa9", 7);
	text_free(&text);
}

static void test_text_print(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_print(&text, "%s", "");
	assert_string_equal(text.data, "");
	text_print(&text, "%d-%s", 42, "été");
	text_print(&text, "%*s", 500, "x");
	assert_int_equal(text.length, strlen("42-été") + 500);
	assert_int_equal(text.data[text.length - 1], 'x');
	text_free(&text);
}

static void test_text_take(void **state)
{
	struct text text = TEXT_EMPTY;
	char *taken = text_take(&text);

	(void)state;
	assert_string_equal(taken, "");
	free(taken);
	text_add_string(&text, "mine");
	taken = text_take(&text);
	assert_string_equal(taken, "mine");
	assert_null(text.data);
	assert_int_equal(text.length, 0);
	free(taken);
}

static void test_text_clear(void **state)
{
	struct text text = TEXT_EMPTY;

	(void)state;
	text_clear(&text);
	assert_null(text.data);
	text_add_string(&text, "long gone");
	text_clear(&text);
	assert_int_equal(text.length, 0);
	assert_string_equal(text.data, "");
	text_add_string(&text, "new");
	assert_string_equal(text.data, "new");
	text_free(&text);
}

static void test_words(void **state)
{
	char *upper = text_upper("tcp-listén4");

	(void)state;
	assert_string_equal(upper, "TCP-LISTéN4");
	free(upper);
	assert_true(text_same_word("TCP", "tcp"));
	assert_true(text_same_word("", ""));
	assert_false(text_same_word("tcp", "tcp4"));
	assert_false(text_same_word("tcp4", "tcp"));
	assert_false(text_same_word("@", "`"));
	assert_false(text_same_word("[", "{"));
	assert_false(text_same_word("É", "é"));
	assert_true(text_compare_words("abc", "ABD") < 0);
	assert_true(text_compare_words("b", "A") > 0);
	assert_true(text_compare_words("z", "\xc3") < 0);
}

static void test_memory_grow(void **state)
{
	size_t room = 0;
	int *array = memory_grow(NULL, &room, 1, sizeof(*array));
	int *same;

	(void)state;
	assert_true(room >= 1);
	same = memory_grow(array, &room, room, sizeof(*array));
	assert_ptr_equal(same, array);
	for (size_t i = 0; i < room; i++)
		same[i] = (int)i;
	array = memory_grow(same, &room, room + 1, sizeof(*array));
	assert_int_equal(array[1], 1);
	array = memory_grow(array, &room, 1000, sizeof(*array));
	assert_true(room >= 1000);
	array[999] = 1;
	free(array);
}

static void test_memory_copies(void **state)
{
	char *copy = memory_copy("a\0b", 3);

	(void)state;
	assert_memory_equal(copy, "a\0b", 4);
	free(copy);
	copy = memory_copy(NULL, 0);
	assert_string_equal(copy, "");
	free(copy);
	assert_null(memory_string(NULL));
	copy = memory_print("%s/%d", "ü", 7);
	assert_string_equal(copy, "ü/7");
	free(copy);
}

static void test_error_story(void **state)
{
	struct error error = ERROR_EMPTY, moved = ERROR_EMPTY;

	(void)state;
	assert_int_equal(error_system(&error, 2, "cannot open %s", "x"), -1);
	assert_int_equal(error.kind, ERROR_FAILED);
	assert_int_equal(error.number, 2);
	assert_string_equal(error.message, "cannot open x: No such file or directory");
	error_hint(&error, "try %s", "y");
	error_hint(&error, "try %s", "z");
	error_name(&error, "OPEN:x");
	error_place(&error, "OPEN:x", 5, 1);
	error_move(&moved, &error);
	assert_int_equal(error.kind, ERROR_NONE);
	assert_null(error.message);
	assert_string_equal(moved.message, "OPEN:x: cannot open x: No such file or directory");
	assert_string_equal(moved.hint, "try z");
	assert_string_equal(moved.text, "OPEN:x");
	assert_int_equal(moved.column, 5);
	assert_int_equal(error_usage(&moved, "%s", "again"), -1);
	assert_int_equal(moved.kind, ERROR_USAGE);
	assert_null(moved.hint);
	assert_null(moved.text);
	assert_int_equal(error_signal(&moved, 15), -1);
	error_name(&moved, "nobody");
	assert_string_equal(moved.message, "exiting on signal 15");
	error_clear(&moved);
	error_clear(&moved);
	error_name(&moved, "nobody");
	assert_null(moved.message);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_grows),
		cmocka_unit_test(test_text_keeps_nul),
		cmocka_unit_test(test_text_print),
		cmocka_unit_test(test_text_take),
		cmocka_unit_test(test_text_clear),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_memory_grow),
		cmocka_unit_test(test_memory_copies),
		cmocka_unit_test(test_error_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
