/*
 * The contract of the catalogue: help, manual, completion and "did you mean" are made of the rows, so every
 * row has to hold what they promise.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "address/address.h"
#include "address/registry.h"
#include "base/log.h"
#include "base/memory.h"

/* What socat calls the addresses that are built in, and their aliases. */
/* clang-format off */
static const char *const address_names[] = {
	"-", "ABSTRACT", "ABSTRACT-CLIENT", "ABSTRACT-CONNECT", "ABSTRACT-LISTEN",
	"ABSTRACT-RECV", "ABSTRACT-RECVFROM", "ABSTRACT-SENDTO", "ACCEPT", "ACCEPT-FD", "CREAT",
	"CREATE", "ECHO", "FD", "FIFO", "FILE", "GOPEN", "INET", "INET-L", "INET-LISTEN",
	"INET4", "INET4-L", "INET4-LISTEN", "INET6", "INET6-L", "INET6-LISTEN", "LOCAL", "OPEN",
	"PIPE", "SOCKETPAIR", "STALL", "STDERR", "STDIN", "STDIO", "STDOUT", "TCP",
	"TCP-CONNECT", "TCP-L", "TCP-LISTEN", "TCP4", "TCP4-CONNECT", "TCP4-L", "TCP4-LISTEN",
	"TCP6", "TCP6-CONNECT", "TCP6-L", "TCP6-LISTEN", "TEXT", "UDP", "UDP-CONNECT",
	"UDP-DATAGRAM", "UDP-DGRAM", "UDP-L", "UDP-LISTEN", "UDP-RECV", "UDP-RECVFROM",
	"UDP-SEND", "UDP-SENDTO", "UDP4", "UDP4-CONNECT", "UDP4-DATAGRAM", "UDP4-DGRAM",
	"UDP4-L", "UDP4-LISTEN", "UDP4-RECV", "UDP4-RECVFROM", "UDP4-SEND", "UDP4-SENDTO",
	"UDP6", "UDP6-CONNECT", "UDP6-DATAGRAM", "UDP6-DGRAM", "UDP6-L", "UDP6-LISTEN",
	"UDP6-RECV", "UDP6-RECVFROM", "UDP6-SEND", "UDP6-SENDTO", "UNIX", "UNIX-CLIENT",
	"UNIX-CONNECT", "UNIX-L", "UNIX-LISTEN", "UNIX-RECV", "UNIX-RECVFROM", "UNIX-SEND",
	"UNIX-SENDTO",
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct census {
	const char *names[1000];
	size_t count;
	unsigned groups, phases;
};

static void count_name(struct census *census, const char *name)
{
	assert_true(census->count < COUNT(census->names));
	for (size_t i = 0; i < census->count; i++) {
		if (text_same_word(census->names[i], name))
			fail_msg("%s is there twice", name);
	}
	census->names[census->count++] = name;
}

static void count_type(const struct address_type *type, void *context)
{
	struct census *census = context;

	count_name(census, type->name);
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		count_name(census, type->aliases[i]);
	census->groups |= type->groups;
	census->phases |= type->phases;
}

static void test_names_are_unique(void **state)
{
	struct census census = { .count = 0 };

	(void)state;
	registry_visit(count_type, &census);
	assert_true(census.count >= COUNT(address_names));
	for (size_t i = 0; i < census.count; i++) {
		if (registry_is_absent(census.names[i]))
			fail_msg("%s is there and called absent", census.names[i]);
	}
}

static void check_row(const struct address_type *type, void *context)
{
	(void)context;
	assert_non_null(type->summary);
	assert_true(type->summary[0] >= 'a' && type->summary[0] <= 'z');
	assert_true(type->summary[strlen(type->summary) - 1] != '.');
	assert_non_null(type->syntax);
	assert_non_null(type->example);
	assert_int_equal(type->use & ~(unsigned)USE_BOTH, 0);
	assert_int_not_equal(type->use, 0);
	assert_int_not_equal(type->groups, 0);
	assert_true(type->param_min <= type->param_max);
	assert_int_equal((type->traits & TRAIT_LISTENS) != 0, type->listen != NULL);
	if ((type->open != NULL) + (type->start != NULL) + (type->listen != NULL) != 1)
		fail_msg("%s can't be opened in one way", type->name);
	if ((type->traits & TRAIT_PROGRAM) != 0 && type->become == NULL)
		fail_msg("%s can't put a program in our place", type->name);
	if ((type->param_max == 0) != (type->syntax[0] == '\0'))
		fail_msg("%s: parameters and syntax disagree", type->name);
	assert_ptr_equal(registry_find(type->name), type);
}

static void test_rows_are_complete(void **state)
{
	(void)state;
	registry_visit(check_row, NULL);
}

/* Creates an address and says whether the checks let it pass. */
static bool accepted(const char *text, const struct address_type **type, struct error *error)
{
	struct spec *spec = spec_parse(text, error);
	struct address *address = spec != NULL ? address_create(spec, false, error) : NULL;
	bool result = address != NULL;

	if (result)
		*type = address->type;
	address_free(address);
	spec_free(spec);
	return result;
}

static void check_example(const struct address_type *type, void *context)
{
	const struct address_type *found = NULL;
	struct error error = ERROR_EMPTY;

	(void)context;
	if (!accepted(type->example, &found, &error))
		fail_msg("%s: the example %s: %s", type->name, type->example, error.message);
	if (found != type)
		fail_msg("%s: the example %s is a %s", type->name, type->example, found->name);
}

static void test_examples(void **state)
{
	(void)state;
	registry_visit(check_example, NULL);
}

/* A wrong number of parameters is refused by the row alone, with the usage in the message. */
static void check_params(const struct address_type *type, void *context)
{
	struct error error = ERROR_EMPTY;
	const struct address_type *found;
	struct text text = TEXT_EMPTY;

	(void)context;
	text_add_string(&text, type->name);
	for (size_t i = 0; i <= type->param_max; i++)
		text_add_string(&text, ":1");
	if (!(type->traits & TRAIT_COMMAND) &&
		(strcmp(type->name, "TEXT") != 0 || type->param_max < 1000)) {
		assert_false(accepted(text.data, &found, &error));
		assert_non_null(strstr(error.message, "wrong number of parameters"));
		assert_non_null(strstr(error.message, "usage: "));
		error_clear(&error);
	}
	if (type->param_min > 0) {
		assert_false(accepted(type->name, &found, &error));
		assert_non_null(strstr(error.message, "wrong number of parameters"));
		error_clear(&error);
	}
	text_free(&text);
}

static void test_parameter_counts(void **state)
{
	(void)state;
	registry_visit(check_params, NULL);
}

static void test_known_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(address_names); i++) {
		const struct address_type *type = registry_find(address_names[i]);
		char *lower = memory_string(address_names[i]);

		if (type == NULL)
			fail_msg("%s is missing", address_names[i]);
		for (char *p = lower; *p != '\0'; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
		assert_ptr_equal(registry_find(lower), type);
		free(lower);
	}
}

static void test_unknown_names(void **state)
{
	struct error error = ERROR_EMPTY;
	const struct address_type *type;

	(void)state;
	assert_null(registry_find(""));
	assert_null(registry_find("TC"));
	assert_null(registry_find("TCP-LISTENN"));
	assert_false(registry_is_absent("TCP-LISTENN"));
	assert_string_equal(registry_nearest("TCP-LISTNE"), "TCP-LISTEN");
	assert_null(registry_nearest("complete-nonsense-word"));
	assert_false(accepted("TCP-LISTNE:80", &type, &error));
	assert_string_equal(error.message, "unknown device/address \"TCP-LISTNE\"");
	assert_non_null(strstr(error.hint, "TCP-LISTEN"));
	assert_int_equal(error.column, 0);
	assert_int_equal(error.width, 10);
	error_clear(&error);
}

/* An option that no address takes could never be used. */
static void check_option(const struct option *option, void *context)
{
	const struct census *census = context;

	assert_non_null(option->summary);
	if ((option->groups & (census->groups | GROUPS_EVERYWHERE)) == 0)
		fail_msg("no address takes the option %s", option->name);
	if (option_is_absent(option->name))
		fail_msg("the option %s is there and called absent", option->name);
	for (size_t i = 0; option->aliases != NULL && option->aliases[i] != NULL; i++)
		assert_ptr_equal(option_find(option->aliases[i]), option);
	assert_ptr_equal(option_find(option->name), option);
}

static void test_options_belong_somewhere(void **state)
{
	struct census census = { .count = 0 };

	(void)state;
	registry_visit(count_type, &census);
	option_visit(check_option, &census);
}

/* One use of an option on one type of address. */
struct trial {
	const struct option *option;
	bool passes;
};

/* Whether the type takes the option at all, and passes the phase in which it acts. */
static void try_type(const struct address_type *type, void *context)
{
	struct trial *trial = context;
	struct option_scope scope = { .name = type->name,
		.groups = type->groups,
		.phases = type->phases };
	struct error error = ERROR_EMPTY;
	struct spec *spec;
	struct options *options;
	struct text text = TEXT_EMPTY;

	if (trial->passes)
		return;
	text_print(&text, "%s,%s", type->name, trial->option->name);
	spec = spec_parse(text.data, &error);
	assert_non_null(spec);
	options = options_create(spec, &scope, &error);
	/* a value may be missing; what counts is that the option is not refused as such */
	trial->passes = options != NULL ||
		(strstr(error.message, "not supported") == NULL &&
			strstr(error.message, "never act") == NULL);
	options_free(options);
	spec_free(spec);
	error_clear(&error);
	text_free(&text);
}

static void try_option(const struct option *option, void *context)
{
	struct trial trial = { .option = option, .passes = false };

	(void)context;
	registry_visit(try_type, &trial);
	if (!trial.passes)
		fail_msg("the option %s acts on no address", option->name);
}

static void test_options_act_somewhere(void **state)
{
	(void)state;
	option_visit(try_option, NULL);
}

/* An unnamed pipe has no path: nothing may look for one. */
static void test_pipe_without_path(void **state)
{
	const struct address_type *type = NULL;
	struct error error = ERROR_EMPTY;

	(void)state;
	assert_true(accepted("PIPE,nonblock", &type, &error));
	assert_string_equal(type->name, "PIPE");
	assert_true(accepted("PIPE", &type, &error));
	assert_false(accepted("PIPE:", &type, &error));
	error_clear(&error);
	assert_false(accepted("PIPE:a\\0b", &type, &error));
	error_clear(&error);
}

/* Warnings of options that mean nothing on this system are not for the terminal. */
static int group_setup(void **state)
{
	static const struct log_settings settings = {
		.program = "test_registry",
		.level = LOG_LEVEL_FATAL,
	};
	struct error error = ERROR_EMPTY;

	(void)state;
	return log_open(&settings, &error);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_parameter_counts),
		cmocka_unit_test(test_known_names),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_options_belong_somewhere),
		cmocka_unit_test(test_options_act_somewhere),
		cmocka_unit_test(test_pipe_without_path),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
