/* The address that is being typed: how far it has come, and what may stand there. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/memory.h"
#include "cli/complete.h"
#include "option/options.h"
#include "spec/lexer.h"

enum address_stage {
	STAGE_KEYWORD,
	STAGE_PARAMETER,
	STAGE_OPTION,
	STAGE_VALUE,
};

/* An address, as far as it is typed. */
struct address_typed {
	struct completion completion;
	const struct address_type *type;
	enum address_stage stage;
	size_t index;		     /* of the parameter */
	const struct option *option; /* whose value is typed */
	const struct option **given; /* options that stand there already */
	size_t given_count, given_room;
};

/* The type that a keyword means: the short forms of a path and of a number have none of their own. */
static const struct address_type *typed_type(const char *keyword)
{
	const struct address_type *type = registry_find(keyword);

	if (type == NULL && strchr(keyword, '/') != NULL)
		return registry_find("GOPEN");
	if (type == NULL && keyword[0] != '\0' && strspn(keyword, "0123456789") == strlen(keyword))
		return registry_find("FD");
	return type;
}

/* What ends a word at this stage. The parameters of a command are one text, colons and all. */
static unsigned typed_stops(const struct address_typed *typed)
{
	if (typed->stage == STAGE_OPTION)
		return LEXER_STOP_EQUALS;
	if (typed->stage == STAGE_KEYWORD)
		return LEXER_STOP_COLON;
	if (typed->stage == STAGE_PARAMETER &&
		(typed->type == NULL || !(typed->type->traits & TRAIT_COMMAND)))
		return LEXER_STOP_COLON;
	return LEXER_STOP_NONE;
}

/* Takes note of a word that has ended, and goes on to what its end leads to. */
static void typed_advance(struct address_typed *typed, const char *word, enum lexer_end end)
{
	if (typed->stage == STAGE_KEYWORD)
		typed->type = typed_type(word);
	if (typed->stage == STAGE_PARAMETER)
		typed->index++;
	if (typed->stage == STAGE_OPTION) {
		typed->option = option_find(word);
		typed->given = memory_grow(typed->given, &typed->given_room, typed->given_count + 1,
			sizeof(const struct option *));
		typed->given[typed->given_count++] = typed->option;
	}
	if (end == LEXER_END_COLON)
		typed->stage = STAGE_PARAMETER;
	else if (end == LEXER_END_EQUALS)
		typed->stage = STAGE_VALUE;
	else if (end == LEXER_END_COMMA)
		typed->stage = STAGE_OPTION;
	if (end == LEXER_END_DUAL) {
		typed->stage = STAGE_KEYWORD;
		typed->type = NULL;
		typed->index = typed->given_count = 0;
	}
}

/* Whether a text ends in a backslash that waits for its character. */
static bool typed_dangles(const char *text)
{
	size_t length = strlen(text), escapes = 0;

	while (escapes < length && text[length - 1 - escapes] == '\\')
		escapes++;
	return escapes % 2 == 1;
}

/* What the piece behind what is settled says, though it isn't finished: a quote that is open is closed for that. */
static char *typed_say(struct completion *completion)
{
	static const char quotes[] = { '\0', '"', '\'' };
	const char *piece = completion->word + completion->head;
	struct error error = ERROR_EMPTY;
	struct spec_word word = { 0 };

	completion->dangles = typed_dangles(piece);
	for (size_t i = 0; i < sizeof(quotes) && word.data == NULL; i++) {
		int length = (int)(strlen(piece) - completion->dangles);
		char *closed = memory_print("%.*s%c", length, piece, quotes[i]);
		struct lexer lexer = { .text = closed };

		completion->quote = quotes[i];
		if (lexer_word(&lexer, LEXER_STOP_NONE, &word, &error) == LEXER_END_BAD)
			error_clear(&error);
		free(closed);
	}
	return word.data != NULL ? word.data : memory_string("");
}

/* Reads the word up to the piece in which it ends. */
static void typed_read(struct address_typed *typed, const char *text)
{
	struct lexer lexer = { .text = text, .at = 0 };

	for (;;) {
		struct spec_word word = { 0 };
		struct error error = ERROR_EMPTY;
		size_t start = lexer.at;
		enum lexer_end end = lexer_word(&lexer, typed_stops(typed), &word, &error);

		if (end == LEXER_END_TEXT || end == LEXER_END_BAD) {
			error_clear(&error);
			free(word.data);
			typed->completion.head = start;
			return;
		}
		typed_advance(typed, word.data != NULL ? word.data : "", end);
		free(word.data);
	}
}

/* What hosts, ports and files mean at this address. */
static struct complete_place typed_place(const struct address_typed *typed)
{
	const struct address_type *type = typed->type;
	bool own = typed->option != NULL && typed->stage == STAGE_VALUE;

	return (struct complete_place){
		.family = type->socket.family,
		.protocol = type->socket.protocol,
		.local = own || (type->traits & TRAIT_LISTENS) != 0,
		.connects = !own && (type->traits & TRAIT_CONNECTS) != 0,
		.groups = own && typed->option->kind == OPTION_GROUP,
	};
}

static void typed_offer_type(const struct address_type *type, void *context)
{
	const char *tail = type->param_min > 0 ? ":" : "";

	complete_offer(context, COMPLETE_PLAIN, type->name, tail, _(type->summary));
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		complete_offer(context, COMPLETE_PLAIN, type->aliases[i], tail, _(type->summary));
}

/* A keyword, or the path of a file. */
static void typed_offer_keyword(struct address_typed *typed)
{
	struct completion *completion = &typed->completion;
	const char *word = completion->typed;

	if (strchr(word, '/') != NULL || word[0] == '.' || word[0] == '~') {
		completion->colons = true;
		complete_files(completion, COMPLETE_NAME, COMPLETE_ANY);
	} else {
		registry_visit(typed_offer_type, completion);
	}
}

/* The kind of a parameter, as the syntax says: <host> of "<host>:<port>". NULL if there is no such parameter. */
static char *typed_kind(const struct address_type *type, size_t index)
{
	const char *start = strchr(type->syntax, '<');

	while (start != NULL && index-- > 0)
		start = strchr(start + 1, '<');
	return start != NULL ? memory_copy(start, strcspn(start, ">") + 1) : NULL;
}

static void typed_offer_parameter(struct address_typed *typed)
{
	const struct address_type *type = typed->type;
	struct complete_place place;
	char *kind;

	if (type == NULL || typed->index >= (type->param_max > 0 ? type->param_max : 1))
		return;
	kind = typed_kind(type, typed->index);
	place = typed_place(typed);
	typed->completion.colons = !(type->traits & TRAIT_COMMAND);
	if (kind != NULL)
		complete_values(&typed->completion, kind, &place,
			typed->index + 1 < type->param_min ? ":" : "", "");
	free(kind);
}

/* Whether an option stands there already. One with several parts, such as a membership, may be said again. */
static bool typed_is_given(const struct address_typed *typed, const struct option *option)
{
	if (option->values != NULL && strchr(option->values, ':') != NULL)
		return false;
	for (size_t i = 0; i < typed->given_count; i++) {
		if (typed->given[i] == option)
			return true;
	}
	return false;
}

/* Offers an option of the address. Its other names only help those who have begun to type one. */
static void typed_offer_option(const struct option *option, void *context)
{
	const struct address_typed *typed = context;
	const struct completion *completion = &typed->completion;
	const struct option_scope scope = { .groups = typed->type->groups,
		.phases = typed->type->phases };
	bool alone = option->kind == OPTION_CONST || option->kind == OPTION_BOOL ||
		option->kind == OPTION_STRING_OR_NONE;
	const char *tail = alone ? "" : "=";

	if (!options_takes(option, &scope) || typed_is_given(typed, option))
		return;
	complete_offer(completion, COMPLETE_PLAIN, option->name, tail, _(option->summary));
	if (completion->typed[0] == '\0' || option->aliases == NULL)
		return;
	for (size_t i = 0; option->aliases[i] != NULL; i++)
		complete_offer(completion, COMPLETE_PLAIN, option->aliases[i], tail,
			_(option->summary));
}

static void typed_offer_value(struct address_typed *typed)
{
	const struct option *option = typed->option;
	struct complete_place place;
	const char *values;

	if (option == NULL || typed->type == NULL)
		return;
	place = typed_place(typed);
	values = option->values;
	if (option->kind == OPTION_BOOL)
		values = "0|1";
	else if (values == NULL && option->kind == OPTION_USER)
		values = "<user>";
	else if (values == NULL && option->kind == OPTION_GROUP)
		values = "<group>";
	complete_values(&typed->completion, values, &place, "", _(option->summary));
}

/* Offers what the address may go on with: its keyword, a parameter, an option or an option's value. */
void complete_address(const char *word, struct text *out)
{
	struct address_typed typed = {
		.completion = { .out = out, .word = word, .address = true }
	};
	char *says;

	typed_read(&typed, word);
	says = typed_say(&typed.completion);
	typed.completion.typed = says;
	switch (typed.stage) {
	case STAGE_KEYWORD:
		typed_offer_keyword(&typed);
		break;
	case STAGE_PARAMETER:
		typed_offer_parameter(&typed);
		break;
	case STAGE_OPTION:
		if (typed.type != NULL)
			option_visit(typed_offer_option, &typed);
		break;
	case STAGE_VALUE:
		typed_offer_value(&typed);
		break;
	}
	free(typed.given);
	free(says);
}
