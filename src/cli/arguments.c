#include "cli/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/near.h"

#define ARGUMENTS_OF_NETCAT "lnpzwkeqcNoCiIOPXMZ" /* letters that have no meaning here */

/* The row that a word of the command line begins with: the longest name that fits. */
static const struct argument *arguments_find(const char *word)
{
	const struct argument *found = NULL;
	size_t best = 0;

	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		size_t length = strlen(row->name);
		bool is_long = row->name[1] == '-';

		if (strncmp(word, row->name, length) != 0 || length <= best)
			continue;
		if (is_long && word[length] != '\0' && word[length] != '=')
			continue;
		found = row;
		best = length;
	}
	return found;
}

/* Says that there is no such option, and which one might have been meant. */
static int arguments_unknown(const char *word, struct error *error)
{
	size_t length = strcspn(word, "=");
	char *name = memory_copy(word, length);
	struct near near;

	error_usage(error, _("unknown option \"%s\"; use option \"-h\" for help"), word);
	near_start(&near, name);
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		if (row->name[1] == '-' && length > strlen("-xx"))
			near_offer(&near, row->name);
	}
	free(name);
	if (word[1] == ' ') {
		error_hint(error,
			_("each address is a word of its own: quotes around both make one"));
	} else if (near.best != NULL) {
		error_place(error, word, 0, length);
		error_hint(error, _("did you mean %s?"), near.best);
	} else if (word[1] != '-' && strchr(ARGUMENTS_OF_NETCAT, word[1]) != NULL) {
		error_hint(error, _("options of netcat stand behind nc: nettool nc %s"), word);
	}
	return -1;
}

/* Takes one option and the word behind it, if that is its value. Returns how many words it was, or -1. */
static int arguments_take(struct arguments *arguments, const char *word, const char *next,
	struct error *error)
{
	const struct argument *row = arguments_find(word);
	const char *value;
	int words = 1;

	if (row == NULL)
		return arguments_unknown(word, error);
	value = word + strlen(row->name);
	if (row->name[1] == '-' && *value == '=')
		value++;
	else if (row->name[1] == '-')
		value = NULL;
	if (row->value == NULL && value != NULL && *value != '\0') {
		if (row->name[1] == '-')
			return error_usage(error, _("option %s takes no value"), row->name);
		return error_usage(error,
			_("Do not merge single character options, i.e. use \"%s -%c\" instead of \"%s\""),
			row->name, value[0], word);
	}
	if (row->value != NULL && row->value[0] != '[' &&
		(value == NULL || (*value == '\0' && value[-1] != '='))) {
		if (next == NULL)
			return error_usage(error, _("option %s needs a value: %s"), row->name,
				row->choices != NULL ? row->choices : row->value);
		value = next;
		words = 2;
	}
	return row->take(arguments, row, value, error) < 0 ? -1 : words;
}

/* Whether a word is the first address already: "-" and what may follow it there. */
static bool arguments_is_address(const char *word)
{
	if (word[0] != '-')
		return true;
	return word[1] == '\0' || word[1] == ',' || word[1] == ':' ||
		strncmp(word + 1, "!!", 2) == 0;
}

/* Reads a command line into what the program is to do. The words stay the caller's. */
int arguments_read(struct arguments *arguments, int argc, char **argv, struct error *error)
{
	int i = 1;

	while (i < argc && !arguments_is_address(argv[i]) && arguments->task != TASK_COMPLETE) {
		int words = arguments_take(arguments, argv[i], argv[i + 1], error);

		if (words < 0)
			return -1;
		i += words;
	}
	arguments->rest = argv + i;
	arguments->rest_count = argc - i;
	return 0;
}
