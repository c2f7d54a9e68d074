/*
 * Candidates for a shell's completion. The shell hands over the words of the command line up to the cursor;
 * each candidate is a whole word, on a line with its summary behind a tab. Where the name of a file is wanted
 * the summary is "<file>" and the candidate is the part of the word in front of that name: the rest is the
 * shell's own business.
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

/* The part of the word that is being completed now. */
static const char *complete_tail(const struct completion *completion)
{
	return completion->word + strlen(completion->head);
}

/* Whether a word begins with so many bytes of another, regardless of case. */
static bool complete_begins(const char *word, const char *with, size_t length)
{
	bool fits = strlen(word) >= length;

	for (size_t i = 0; fits && i < length; i++) {
		char pair[2][2] = { { word[i], '\0' }, { with[i], '\0' } };

		fits = text_same_word(pair[0], pair[1]);
	}
	return fits;
}

/* Offers head and name and tail together, if what is typed so far begins like that. */
static void complete_offer(const struct completion *completion, const char *name, const char *tail,
	const char *summary)
{
	char *candidate = memory_print("%s%s%s", completion->head, name, tail);

	if (complete_begins(candidate, completion->word, strlen(completion->word)))
		text_print(completion->out, "%s\t%s\n", candidate, summary);
	free(candidate);
}

/* How long the first of several choices is, and how much stands between it and the next. */
static size_t complete_choice(const char *choices, size_t *between)
{
	static const char *const separators[] = { "|", ", ", " or " };
	size_t length = strlen(choices);

	*between = 0;
	for (size_t i = 0; i < sizeof(separators) / sizeof(*separators); i++) {
		const char *found = strstr(choices, separators[i]);

		if (found != NULL && (size_t)(found - choices) < length) {
			length = (size_t)(found - choices);
			*between = strlen(separators[i]);
		}
	}
	return length;
}

/* Offers each of the words that a value may be; what stands in <> or [] only describes one. */
static void complete_choices(const struct completion *completion, const char *name,
	const char *choices, const char *summary)
{
	while (choices != NULL && *choices != '\0') {
		size_t between, length = complete_choice(choices, &between);
		char *tail = memory_print("=%.*s", (int)length, choices);

		if (choices[0] != '<' && choices[0] != '[')
			complete_offer(completion, name, tail, summary);
		free(tail);
		choices += length + between;
	}
}

/* Says that the name of a file stands behind the first bytes of the word. */
static void complete_files(const struct completion *completion, size_t head)
{
	text_print(completion->out, "%.*s\t<file>\n", (int)head, completion->word);
}

static bool complete_is_file(const char *what)
{
	return what != NULL && (strcmp(what, "<file>") == 0 || strcmp(what, "<path>") == 0);
}

static void complete_type(const struct address_type *type, void *context)
{
	const char *tail = type->param_min > 0 ? ":" : "";

	complete_offer(context, type->name, tail, _(type->summary));
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		complete_offer(context, type->aliases[i], tail, _(type->summary));
}

/* Offers an option under one of its names, and its values once there is a '='. */
static void complete_option_name(const struct completion *completion, const struct option *option,
	const char *name)
{
	bool takes = option->kind != OPTION_CONST && option->kind != OPTION_BOOL &&
		option->kind != OPTION_STRING_OR_NONE;
	const char *typed = complete_tail(completion);
	const char *equals = strchr(typed, '=');
	size_t length = strlen(name);

	if (equals == NULL)
		complete_offer(completion, name, takes ? "=" : "", _(option->summary));
	else if ((size_t)(equals - typed) != length || !complete_begins(name, typed, length))
		return;
	else if (complete_is_file(option->values))
		complete_files(completion, (size_t)(equals + 1 - completion->word));
	else if (option->kind == OPTION_BOOL)
		complete_choices(completion, name, "0|1", _(option->summary));
	else
		complete_choices(completion, name, option->values, _(option->summary));
}

/* The other names of an option only help those who have begun to type one. */
static void complete_option(const struct option *option, void *context)
{
	const struct completion *completion = context;

	if (!(option->groups & completion->groups))
		return;
	complete_option_name(completion, option, option->name);
	if (*complete_tail(completion) == '\0')
		return;
	for (size_t i = 0; option->aliases != NULL && option->aliases[i] != NULL; i++)
		complete_option_name(completion, option, option->aliases[i]);
}

/* Where the half of a dual address begins that the cursor is in. */
static size_t complete_half(const char *word)
{
	size_t start = 0;

	for (const char *mark = strstr(word, "!!"); mark != NULL; mark = strstr(mark + 2, "!!"))
		start = (size_t)(mark + 2 - word);
	return start;
}

/* The type of the address that begins at start, or NULL. */
static const struct address_type *complete_find(const char *start)
{
	char *keyword = memory_copy(start, strcspn(start, ":,"));
	const struct address_type *type = registry_find(keyword);

	if (type == NULL && strchr(keyword, '/') != NULL)
		type = registry_find("GOPEN");
	free(keyword);
	return type;
}

/* Options of the address that the word begins with. */
static void complete_options(struct completion *completion, const char *start, const char *comma)
{
	const struct address_type *type = complete_find(start);
	char *head = memory_copy(completion->word, (size_t)(comma + 1 - completion->word));

	if (type != NULL) {
		completion->head = head;
		completion->groups = type->groups | GROUPS_EVERYWHERE;
		option_visit(complete_option, completion);
		completion->head = "";
	}
	free(head);
}

/* An address: its options, its parameter if that is a path, or the keyword. */
static void complete_address(struct completion *completion)
{
	size_t half = complete_half(completion->word);
	const char *start = completion->word + half;
	const char *colon = strchr(start, ':'), *comma = strrchr(start, ',');
	const struct address_type *type = complete_find(start);
	char *head;

	if (comma != NULL) {
		complete_options(completion, start, comma);
	} else if (strchr("./~", start[0]) != NULL && start[0] != '\0') {
		complete_files(completion, half);
	} else if (colon != NULL) {
		if (type != NULL && strstr(type->syntax, "<path>") != NULL)
			complete_files(completion, (size_t)(colon + 1 - completion->word));
	} else if (strchr(start, '/') != NULL) {
		complete_files(completion, half);
	} else {
		head = memory_copy(completion->word, half);
		completion->head = head;
		registry_visit(complete_type, completion);
		completion->head = "";
		free(head);
	}
}

/* Whether a row's value may be the next word, or follow at once. */
static bool complete_needs_value(const struct argument *row)
{
	return row->value != NULL && row->value[0] != '[';
}

/* Options of the command line, and the words and files that some of them take. */
static void complete_arguments(const struct completion *completion)
{
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		bool is_long = row->name[1] == '-';
		size_t length = strlen(row->name);

		complete_offer(completion, row->name,
			is_long && complete_needs_value(row) ? "=" : "", _(row->summary));
		if (strchr(completion->word, '=') != NULL)
			complete_choices(completion, row->name, row->choices, _(row->summary));
		/* the name is attached, behind a long option with an equals sign */
		if (complete_is_file(row->value) &&
			strncmp(completion->word, row->name, length) == 0 &&
			completion->word[length] != '\0' &&
			(!is_long || completion->word[length] == '='))
			complete_files(completion, length + is_long);
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

/* Prints candidates for the last of the words. */
void complete_words(char **words, int count, struct text *out)
{
	struct completion completion = { .out = out,
		.word = count > 0 ? words[count - 1] : "",
		.head = "" };
	const struct argument *waiting = NULL;
	bool scans = false;
	int addresses = 0;

	for (int i = 0; i < count - 1; i++) {
		scans = scans || (addresses == 0 && strcmp(words[i], "--scan") == 0);
		if (waiting != NULL)
			waiting = NULL;
		else if (addresses > 0 || !complete_is_option(words[i]))
			addresses++;
		else
			waiting = complete_waiting(words[i]);
	}
	if (waiting != NULL && complete_is_file(waiting->value))
		complete_files(&completion, 0);
	if (waiting != NULL || (addresses > 1 && !scans))
		return;
	if (addresses == 0 && completion.word[0] == '-' &&
		(completion.word[1] == '\0' || complete_is_option(completion.word)))
		complete_arguments(&completion);
	else
		complete_address(&completion);
}
