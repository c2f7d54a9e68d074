/*
 * Candidates for a shell's completion. The shell hands over the words of the command line up to the cursor, without
 * its quotes; each candidate is a whole word, on a line with its summary behind a tab. One that ends in ':', '=' or
 * '/' isn't finished. The shell shows them and puts its quotes around them, and knows nothing more.
 */
#include "cli/complete.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/memory.h"
#include "cli/arguments.h"
#include "option/option.h"

static const struct complete_place complete_anywhere = { .family = AF_UNSPEC };

static int complete_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the lines, and leaves each candidate once. */
void complete_sort(struct text *out)
{
	struct text sorted = TEXT_EMPTY;
	char **lines = NULL;
	size_t count = 0, room = 0;

	for (char *line = out->data; line != NULL && *line != '\0'; line = strchr(line, '\0') + 1) {
		char *end = strchr(line, '\n');

		if (end == NULL)
			break;
		*end = '\0';
		lines = memory_grow(lines, &room, count + 1, sizeof(*lines));
		lines[count++] = line;
	}
	if (count > 0)
		qsort(lines, count, sizeof(*lines), complete_compare);
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(lines[i], "\t") + 1;

		if (i == 0 || strncmp(lines[i], lines[i - 1], length) != 0)
			text_print(&sorted, "%s\n", lines[i]);
	}
	free(lines);
	text_free(out);
	*out = sorted;
}

/* A word of the command line of which so many bytes are settled; the rest is no address. */
void complete_word_init(struct completion *completion, const char *word, size_t head,
	struct text *out)
{
	*completion = (struct completion){
		.out = out,
		.word = word,
		.head = head,
		.typed = word + head,
	};
}

static void complete_name(const struct address_type *type, void *context)
{
	complete_offer(context, COMPLETE_PLAIN, type->name, "", _(type->summary));
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		complete_offer(context, COMPLETE_PLAIN, type->aliases[i], "", _(type->summary));
}

static void complete_option_name(const struct option *option, void *context)
{
	complete_offer(context, COMPLETE_PLAIN, option->name, "", _(option->summary));
}

/* Offers what --help tells about: addresses, and their options. */
static void complete_help(const char *word, size_t head, struct text *out)
{
	struct completion completion;

	complete_word_init(&completion, word, head, out);
	registry_visit(complete_name, &completion);
	option_visit(complete_option_name, &completion);
}

/* Whether a row's value has to be there: it may be the next word, or follow at once. */
static bool complete_needs_value(const struct argument *row)
{
	return row->value != NULL && row->value[0] != '[';
}

/* Offers values of an option of the command line. */
static void complete_argument_value(const struct argument *row, const char *word, size_t head,
	struct text *out)
{
	const char *values = row->choices != NULL ? row->choices : row->value;
	struct completion completion;

	complete_word_init(&completion, word, head, out);
	if (strcmp(row->value, "[=word]") == 0)
		complete_help(word, head, out);
	else if (strcmp(values, "[facility]") == 0)
		complete_values(&completion, "<facility>", &complete_anywhere, "", "");
	else if (strcmp(values, "[d...|0-4]") == 0)
		complete_values(&completion, "d|dd|ddd|0|1|2|3|4", &complete_anywhere, "",
			_(row->summary));
	else
		complete_values(&completion, values, &complete_anywhere, "", _(row->summary));
}

/* Offers options of the command line, and values of the one that stands there with its value at once. */
static void complete_arguments(const char *word, bool (*offers)(const char *argument),
	struct text *out)
{
	struct completion completion;

	complete_word_init(&completion, word, 0, out);
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		bool is_long = row->name[1] == '-';
		size_t length = strlen(row->name);

		if (offers != NULL && !offers(row->name))
			continue;
		complete_offer(&completion, COMPLETE_NAME, row->name,
			is_long && complete_needs_value(row) ? "=" : "", _(row->summary));
		if (row->value != NULL && strncmp(word, row->name, length) == 0 &&
			(is_long ? word[length] == '='
				 : word[length] != '\0' || !complete_needs_value(row)))
			complete_argument_value(row, word, length + is_long, out);
	}
}

/* The row whose value the next word is: an option that needs one and stands alone. */
static const struct argument *complete_waiting(const char *word)
{
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		if (complete_needs_value(row) && strcmp(row->name, word) == 0)
			return row;
	}
	return NULL;
}

/* Whether a word in front of the addresses is an option: "-" and "-,..." are addresses. */
static bool complete_is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && strchr(",:!", word[1]) == NULL;
}

/* Whether an option asks for help, about the word that may follow. */
static bool complete_is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strncmp(word, "-h", 2) == 0 ||
		strncmp(word, "-?", 2) == 0;
}

/*
 * Prints candidates for the last of the words. Where offers isn't NULL it says which options of the command line
 * there are.
 */
void complete_words(char **words, int count, bool (*offers)(const char *argument), struct text *out)
{
	const char *word = count > 0 ? words[count - 1] : "";
	const struct argument *waiting = NULL;
	bool scans = false, helps = false;
	int addresses = 0;

	for (int i = 0; i < count - 1; i++) {
		bool option = waiting == NULL && addresses == 0 && complete_is_option(words[i]);

		scans = scans || (option && strcmp(words[i], "--scan") == 0);
		helps = helps || (option && complete_is_help(words[i]) && offers == NULL);
		if (!option && waiting == NULL)
			addresses++;
		waiting = option ? complete_waiting(words[i]) : NULL;
	}
	if (waiting != NULL)
		complete_argument_value(waiting, word, 0, out);
	else if (addresses == 0 && word[0] == '-' && (word[1] == '\0' || complete_is_option(word)))
		complete_arguments(word, offers, out);
	else if (helps && addresses == 0)
		complete_help(word, 0, out);
	else if (!helps && (addresses < 2 || scans))
		complete_address(word, out);
}
