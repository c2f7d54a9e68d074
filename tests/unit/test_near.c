#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/near.h"

/* The nearest of a list that ends in NULL. */
static const char *nearest(const char *word, const char *const *known)
{
	struct near near;

	near_start(&near, word);
	for (; *known != NULL; known++)
		near_offer(&near, *known);
	return near.best;
}

static const char *const options[] = { "reuseaddr", "reuseport", "fork", "bind", "so-reuseaddr",
	"backlog", "tos", NULL };

static void test_slips(void **state)
{
	(void)state;
	assert_string_equal(nearest("reuseadr", options), "reuseaddr");
	assert_string_equal(nearest("resueaddr", options), "reuseaddr");
	assert_string_equal(nearest("reuseaddrr", options), "reuseaddr");
	assert_string_equal(nearest("REUSEADDR", options), "reuseaddr");
	assert_string_equal(nearest("so_reuseadr", options), "so-reuseaddr");
	assert_string_equal(nearest("frok", options), "fork");
	assert_string_equal(nearest("reuseprot", options), "reuseport");
}

static void test_strangers(void **state)
{
	(void)state;
	assert_null(nearest("", options));
	assert_null(nearest("zzz", options));
	assert_null(nearest("x", options));
	assert_null(nearest("completely-different", options));
	assert_null(nearest("reuseaddr", (const char *const[]){ NULL }));
}

/* Words of any length: neither a long word nor a long candidate may break the search. */
static void test_lengths(void **state)
{
	char forty[41], long_word[5000];

	(void)state;
	memset(forty, 'a', 40);
	forty[40] = '\0';
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_string_equal(nearest(forty, (const char *const[]){ forty, NULL }), forty);
	assert_null(nearest(long_word, (const char *const[]){ forty, long_word, NULL }));
	assert_null(nearest("aa", (const char *const[]){ long_word, NULL }));
	assert_string_equal(nearest(forty + 1, (const char *const[]){ long_word, forty, NULL }),
		forty);
	assert_null(nearest("bb", (const char *const[]){ "", NULL }));
}

/* The nearest of words in one text, and of words that don't stay. */
static void test_copies(void **state)
{
	struct near near;
	char word[] = "first", *best = NULL;

	(void)state;
	best = near_choice("nver", "auto|always|never", '|');
	assert_string_equal(best, "never");
	free(best);
	assert_null(near_choice("sometimes", "auto|always|never", '|'));
	assert_null(near_choice("auto", "", '|'));
	best = NULL;
	near_start(&near, "frist");
	near_offer_copy(&near, word, &best);
	memset(word, 'x', strlen(word));
	near_offer_copy(&near, word, &best);
	assert_string_equal(best, "first");
	free(best);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
