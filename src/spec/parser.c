#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "spec/lexer.h"
#include "spec/spec.h"

static void spec_word_free(struct spec_word *word)
{
	free(word->data);
	word->data = NULL;
}

/* Replaces what a word says and keeps where it stands. */
static void spec_word_set(struct spec_word *word, const char *data)
{
	free(word->data);
	word->data = memory_string(data);
	word->length = strlen(data);
}

static struct spec_word *spec_add_param(struct spec *spec)
{
	spec->params = memory_grow(spec->params, &spec->param_room, spec->param_count + 1,
		sizeof(*spec->params));
	spec->params[spec->param_count] = (struct spec_word){ 0 };
	return &spec->params[spec->param_count++];
}

/* The short forms: a number is FD:number, a word with a slash is GOPEN:path, "-" is STDIO. */
static void spec_expand(struct spec *spec)
{
	struct spec_word *word = &spec->keyword;
	const char *keyword = NULL;

	if (memchr(word->data, '/', word->length) != NULL) {
		keyword = "GOPEN";
	} else if (word->length > 0 && strspn(word->data, "0123456789") == word->length) {
		keyword = "FD";
	} else if (strcmp(word->data, "-") == 0) {
		spec_word_set(word, "STDIO");
		return;
	}
	if (keyword == NULL)
		return;
	*spec_add_param(spec) = *word;
	word->data = NULL;
	spec_word_set(word, keyword);
}

/* Reads the options of one half. Empty ones are passed over. Returns what ended the half. */
static enum lexer_end spec_parse_options(struct spec *spec, struct lexer *lexer,
	struct error *error)
{
	enum lexer_end end = LEXER_END_COMMA;

	while (end == LEXER_END_COMMA) {
		struct spec_option option = { 0 };

		end = lexer_word(lexer, LEXER_STOP_EQUALS, &option.name, error);
		if (end == LEXER_END_EQUALS)
			end = lexer_word(lexer, LEXER_STOP_NONE, &option.value, error);
		if (end == LEXER_END_BAD) {
			spec_word_free(&option.name);
			return end;
		}
		if (option.name.length == 0 && option.value.data == NULL) {
			spec_word_free(&option.name);
			continue;
		}
		spec->options = memory_grow(spec->options, &spec->option_room,
			spec->option_count + 1, sizeof(*spec->options));
		spec->options[spec->option_count++] = option;
	}
	return end;
}

/* Reads one half of an address. Returns NULL with the error filled on failure. */
static struct spec *spec_parse_half(struct lexer *lexer, bool is_writer, struct error *error)
{
	struct spec *spec = memory_zero(1, sizeof(*spec));
	enum lexer_end end;

	spec->text = memory_string(lexer->text);
	spec->column = lexer->at;
	end = lexer_word(lexer, LEXER_STOP_COLON, &spec->keyword, error);
	if (end != LEXER_END_BAD) {
		if (spec->keyword.length == 0) {
			error_usage(error,
				_("unknown device/address \"\": the address has no keyword"));
			error_place(error, lexer->text, spec->column, 1);
			if (spec->column > 0)
				error_hint(error,
					_("!! stands between the two halves of an address; in a text it "
					  "needs quotes"));
			end = LEXER_END_BAD;
		} else if (memchr(spec->keyword.data, '\0', spec->keyword.length) != NULL) {
			error_usage(error, _("the keyword of an address cannot hold a NUL byte"));
			error_place(error, lexer->text, spec->keyword.column, spec->keyword.width);
			end = LEXER_END_BAD;
		} else {
			spec_expand(spec);
		}
	}
	while (end == LEXER_END_COLON)
		end = lexer_word(lexer, LEXER_STOP_COLON, spec_add_param(spec), error);
	if (end == LEXER_END_COMMA)
		end = spec_parse_options(spec, lexer, error);
	if (end == LEXER_END_DUAL && is_writer) {
		error_usage(error, _("a dual address has two halves, this one has more"));
		error_place(error, lexer->text, lexer->at - 2, 2);
		end = LEXER_END_BAD;
	} else if (end == LEXER_END_DUAL) {
		spec->writer = spec_parse_half(lexer, true, error);
		end = spec->writer != NULL ? LEXER_END_TEXT : LEXER_END_BAD;
	}
	if (end == LEXER_END_BAD) {
		spec_free(spec);
		return NULL;
	}
	return spec;
}

/*
 * Takes an address text apart. The result is owned by the caller; on failure it is NULL and the error points
 * at the place in the text.
 */
struct spec *spec_parse(const char *text, struct error *error)
{
	struct lexer lexer = { .text = text, .at = 0 };

	return spec_parse_half(&lexer, false, error);
}

/* Frees a spec and its writing half. */
void spec_free(struct spec *spec)
{
	if (spec == NULL)
		return;
	spec_free(spec->writer);
	spec_word_free(&spec->keyword);
	for (size_t i = 0; i < spec->param_count; i++)
		spec_word_free(&spec->params[i]);
	for (size_t i = 0; i < spec->option_count; i++) {
		spec_word_free(&spec->options[i].name);
		spec_word_free(&spec->options[i].value);
	}
	free(spec->params);
	free(spec->options);
	free(spec->text);
	free(spec);
}
