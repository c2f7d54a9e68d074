/*
 * Address texts. Whatever is accepted has a canonical text that is read again as the very same words,
 * and whatever is refused is refused for a reason that points into the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A word ends in a NUL and stands within the text. */
static void check_word(const struct spec_word *word, const char *text)
{
	require(word->data != NULL);
	require(word->data[word->length] == '\0');
	require(word->column <= strlen(text));
	require(word->width <= strlen(text) - word->column);
}

static void check_same_word(const struct spec_word *a, const struct spec_word *b)
{
	require((a->data == NULL) == (b->data == NULL));
	require(a->length == b->length);
	require(a->data == NULL || memcmp(a->data, b->data, a->length) == 0);
}

static void check_places(const struct spec *spec, const char *text)
{
	require(strcmp(spec->text, text) == 0);
	check_word(&spec->keyword, text);
	require(spec->keyword.length > 0);
	for (size_t i = 0; i < spec->param_count; i++)
		check_word(&spec->params[i], text);
	for (size_t i = 0; i < spec->option_count; i++) {
		check_word(&spec->options[i].name, text);
		if (spec->options[i].value.data != NULL)
			check_word(&spec->options[i].value, text);
	}
	if (spec->writer != NULL) {
		require(spec->writer->column >= spec->column + 2);
		require(spec->writer->writer == NULL);
		check_places(spec->writer, text);
	}
}

/* All words but the keyword, whose case the dump changes. */
static void check_same(const struct spec *a, const struct spec *b)
{
	require(a->param_count == b->param_count);
	for (size_t i = 0; i < a->param_count; i++)
		check_same_word(&a->params[i], &b->params[i]);
	require(a->option_count == b->option_count);
	for (size_t i = 0; i < a->option_count; i++) {
		check_same_word(&a->options[i].name, &b->options[i].name);
		check_same_word(&a->options[i].value, &b->options[i].value);
	}
	require((a->writer == NULL) == (b->writer == NULL));
	if (a->writer != NULL)
		check_same(a->writer, b->writer);
}

static void check_error(const struct error *error, const char *text)
{
	require(error->kind == ERROR_USAGE);
	require(error->message != NULL && error->message[0] != '\0');
	require(error->text != NULL && strcmp(error->text, text) == 0);
	require(error->column <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = ERROR_EMPTY;
	struct text dump = TEXT_EMPTY, again = TEXT_EMPTY;
	char *text = memory_copy(data, size);
	struct spec *spec = spec_parse(text, &error);
	struct spec *second;

	if (spec == NULL) {
		check_error(&error, text);
	} else {
		require(error.kind == ERROR_NONE);
		check_places(spec, text);
		spec_dump(spec, &dump);
		second = spec_parse(dump.data, &error);
		require(second != NULL);
		check_same(spec, second);
		spec_dump(second, &again);
		require(strcmp(dump.data, again.data) == 0);
		spec_free(second);
	}
	spec_free(spec);
	text_free(&dump);
	text_free(&again);
	error_clear(&error);
	free(text);
	return 0;
}
