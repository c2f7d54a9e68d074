#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "spec/spec.h"

/* Expects the command of an address, as words are made of it, or as a shell gets it. */
static void expect_one(const char *text, bool shell, const char *wanted)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse(text, &error);
	char *command;

	if (spec == NULL)
		fail_msg("%s: %s", text, error.message);
	command = spec_command(spec, shell);
	if (command == NULL || strcmp(command, wanted) != 0)
		fail_msg("%s: is %s instead of %s", text, command, wanted);
	free(command);
	spec_free(spec);
}

static void expect(const char *text, const char *words, const char *shell)
{
	expect_one(text, false, words);
	expect_one(text, true, shell);
}

static void test_plain(void **state)
{
	(void)state;
	expect("EXEC:ls", "ls", "ls");
	expect("EXEC:ls -l /tmp", "ls -l /tmp", "ls -l /tmp");
	expect("EXEC:grep été,pty", "grep été", "grep été");
	expect("EXEC: ls ", " ls ", " ls ");
	expect("EXEC:", "", "");
	expect("EXEC:ls -l!!STDOUT", "ls -l", "ls -l");
}

static void test_none(void **state)
{
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse("SHELL,pty", &error);

	(void)state;
	assert_non_null(spec);
	assert_null(spec_command(spec, true));
	assert_null(spec_command(spec, false));
	spec_free(spec);
}

/* Colons separate the parameters of other addresses; in a command they are text. */
static void test_colons(void **state)
{
	(void)state;
	expect("EXEC:a:b", "a:b", "a:b");
	expect("EXEC:a::b:", "a::b:", "a::b:");
	expect("EXEC::", ":", ":");
	expect("EXEC:scp x host\\:y", "scp x host:y", "scp x host:y");
	expect("EXEC:PATH=/bin:/sbin ls,pty", "PATH=/bin:/sbin ls", "PATH=/bin:/sbin ls");
	expect("EXEC:'a:b':c", "a:b:c", "'a:b':c");
	expect("EXEC:a:'b:c'", "a:b:c", "a:'b:c'");
}

/* A backslash outside of quotes is the address's, for both. */
static void test_backslashes(void **state)
{
	(void)state;
	expect("EXEC:echo a\\,b", "echo a,b", "echo a,b");
	expect("EXEC:echo \\\\x", "echo \\x", "echo \\x");
	expect("EXEC:echo \\\\\\\\", "echo \\\\", "echo \\\\");
	expect("EXEC:printf a\\tb", "printf a\tb", "printf a\tb");
	expect("EXEC:echo \\\"a\\\"", "echo \"a\"", "echo \"a\"");
	expect("EXEC:echo \\'a\\'", "echo 'a'", "echo 'a'");
	expect("EXEC:a\\!\\!b", "a!!b", "a!!b");
}

/* Quotes around the whole command keep it together and vanish, so what is in them is an address's text. */
static void test_quotes_around_all(void **state)
{
	(void)state;
	expect("EXEC:'ls -l,x'", "ls -l,x", "ls -l,x");
	expect("EXEC:\"ls -l,x\"", "ls -l,x", "ls -l,x");
	expect("EXEC:'ls -l',pty", "ls -l", "ls -l");
	expect("EXEC:\"echo 'a, b'\"", "echo 'a, b'", "echo 'a, b'");
	expect("EXEC:'echo \"a, b\"'", "echo \"a, b\"", "echo \"a, b\"");
	expect("EXEC:\"echo \\\"a, b\\\"\"", "echo \"a, b\"", "echo \"a, b\"");
	expect("EXEC:''", "", "");
	expect("EXEC:\"echo l'hiver\"", "echo l'hiver", "echo l'hiver");
}

/* Quotes around a part are the shell's: it gets them as they were written. */
static void test_quotes_around_a_part(void **state)
{
	(void)state;
	expect("EXEC:echo 'a  b'", "echo a  b", "echo 'a  b'");
	expect("EXEC:echo \"a  b\"", "echo a  b", "echo \"a  b\"");
	expect("EXEC:echo 'a, b',pty", "echo a, b", "echo 'a, b'");
	expect("EXEC:'echo' 'a'", "echo a", "'echo' 'a'");
	expect("EXEC:\"my prog\" x", "my prog x", "\"my prog\" x");
	expect("EXEC:x\"\"y", "xy", "x\"\"y");
	expect("EXEC:echo \"$HOME\" \\, '$HOME'", "echo $HOME , $HOME", "echo \"$HOME\" , '$HOME'");
}

/* Inside quotes that the shell gets the backslashes are the shell's, too. */
static void test_backslashes_in_quotes(void **state)
{
	(void)state;
	expect("EXEC:printf 'a\\tb\\n'", "printf a\tb\n", "printf 'a\\tb\\n'");
	expect("EXEC:printf \"a\\tb\\n\"", "printf a\tb\n", "printf \"a\\tb\\n\"");
	expect("EXEC:echo \"a \\\" b\" c", "echo a \" b c", "echo \"a \\\" b\" c");
	expect("EXEC:echo \"\\\\\" c", "echo \\ c", "echo \"\\\\\" c");
	expect("EXEC:echo 'x\\\\' c", "echo x\\ c", "echo 'x\\\\' c");
}

/* Brackets keep commas together, and stay for both. */
static void test_brackets(void **state)
{
	(void)state;
	expect("EXEC:echo {a,b}", "echo {a,b}", "echo {a,b}");
	expect("EXEC:(a, b)", "(a, b)", "(a, b)");
	expect("EXEC:echo [\"a,b\"]", "echo [\"a,b\"]", "echo [\"a,b\"]");
	expect("EXEC:(echo 'a, b')", "(echo 'a, b')", "(echo 'a, b')");
	expect("EXEC:(printf '\\n')", "(printf '\n')", "(printf '\\n')");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_colons),
		cmocka_unit_test(test_backslashes),
		cmocka_unit_test(test_quotes_around_all),
		cmocka_unit_test(test_quotes_around_a_part),
		cmocka_unit_test(test_backslashes_in_quotes),
		cmocka_unit_test(test_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
