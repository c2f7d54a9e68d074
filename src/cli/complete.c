/*
 * Candidates for a shell's completion. The shell hands over the words of the command line up to the cursor;
 * each candidate is a whole word, on a line with its summary behind a tab.
 */
#include "cli/complete.h"

#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/memory.h"
#include "cli/arguments.h"
#include "option/options.h"

struct completion {
	struct text *out;
	const char *word; /* what is typed so far */
	const char *head; /* the part of it that stays */
	unsigned groups;
};

/* Offers head and name and tail together, if what is typed so far begins like that. */
static void complete_offer(const struct completion *completion, const char *name, const char *tail,
	const char *summary)
{
	char *candidate = memory_print("%s%s%s", completion->head, name, tail);
	size_t length = strlen(completion->word);
	bool fits = strlen(candidate) >= length;

	for (size_t i = 0; fits && i < length; i++) {
		char pair[2][2] = { { candidate[i], '\0' }, { completion->word[i], '\0' } };

		fits = text_same_word(pair[0], pair[1]);
	}
	if (fits)
		text_print(completion->out, "%s\t%s\n", candidate, summary);
	free(candidate);
}

static void complete_type(const struct address_type *type, void *context)
{
	const char *tail = type->param_min > 0 ? ":" : "";

	complete_offer(context, type->name, tail, _(type->summary));
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		complete_offer(context, type->aliases[i], tail, _(type->summary));
}

static void complete_option(const struct option *option, void *context)
{
	const struct completion *completion = context;
	bool takes = option->kind != OPTION_CONST && option->kind != OPTION_BOOL;

	if (option->groups & completion->groups)
		complete_offer(completion, option->name, takes ? "=" : "", _(option->summary));
}

/* Options of the address that the word begins with. */
static void complete_options(struct completion *completion, size_t comma)
{
	size_t length = strcspn(completion->word, ":,");
	char *keyword = memory_copy(completion->word, length);
	char *head = memory_copy(completion->word, comma + 1);
	const struct address_type *type = registry_find(keyword);

	if (type == NULL && strchr(keyword, '/') != NULL)
		type = registry_find("GOPEN");
	if (type != NULL) {
		completion->head = head;
		completion->groups = type->groups | GROUPS_EVERYWHERE;
		option_visit(complete_option, completion);
	}
	free(keyword);
	free(head);
}

/* Options of the command line, and the words that some of them take. */
static void complete_arguments(const struct completion *completion)
{
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		const char *choice = row->choices;

		complete_offer(completion, row->name, row->choices != NULL ? "=" : "",
			_(row->summary));
		while (choice != NULL && *choice != '\0') {
			size_t length = strcspn(choice, "|");
			char *tail = memory_print("=%.*s", (int)length, choice);

			if (strchr(completion->word, '=') != NULL)
				complete_offer(completion, row->name, tail, _(row->summary));
			free(tail);
			choice += length + (choice[length] == '|');
		}
	}
}

/* Prints candidates for the last of the words. */
void complete_words(char **words, int count, struct text *out)
{
	struct completion completion = { .out = out,
		.word = count > 0 ? words[count - 1] : "",
		.head = "" };
	const char *comma = strrchr(completion.word, ',');

	if (completion.word[0] == '-' && completion.word[1] != ',')
		complete_arguments(&completion);
	if (comma != NULL)
		complete_options(&completion, (size_t)(comma - completion.word));
	else if (completion.word[0] != '-')
		registry_visit(complete_type, &completion);
}
