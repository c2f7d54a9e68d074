/*
 * Commands taken apart. Words are never read beyond the text and never longer than it; a list of them,
 * protected word by word, is taken apart into the very same list; and what --check shows of two lists differs
 * wherever they differ.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "spec/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* What is split was in the text, no more. */
static void check_list(const struct words *words, const char *text)
{
	size_t all = 0;

	require(words->count > 0);
	require(words->list[words->count] == NULL);
	for (size_t i = 0; i < words->count; i++) {
		require(words->list[i] != NULL);
		all += strlen(words->list[i]) + 1;
	}
	require(all <= strlen(text) + 1);
}

static bool same(const struct words *a, const struct words *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	}
	return true;
}

/* Appends a word behind a blank so that it is read again: between quotes, or a backslash before what matters. */
static void protect(const char *word, char quote, struct text *out)
{
	static const char codes[] = "\nn\tt\rr\ff\bb\aa\vv";

	text_add_char(out, ' ');
	if (quote != '\0' || *word == '\0')
		text_add_char(out, quote != '\0' ? quote : '"');
	for (const char *p = word; *p != '\0'; p++) {
		const char *code = *p < ' ' ? strchr(codes, *p) : NULL;

		if (code != NULL || strchr(" \\\"'()[]{}", *p) != NULL)
			text_add_char(out, '\\');
		text_add_char(out, code != NULL ? code[1] : *p);
	}
	if (quote != '\0' || *word == '\0')
		text_add_char(out, quote != '\0' ? quote : '"');
}

static void check_again(const struct words *words, char quote)
{
	struct text out = TEXT_EMPTY;
	struct words again;
	char *reason = NULL;

	for (size_t i = 0; i < words->count; i++)
		protect(words->list[i], quote, &out);
	require(words_split(out.data, &again, &reason) == 0);
	require(same(words, &again));
	words_free(&again);
	text_free(&out);
}

/* Reads what words_dump wrote: an end of a word is "] [" or the end of all. */
static void check_dump(const struct words *words)
{
	static const char names[] = "a\ab\bt\tn\nv\vf\fr\r";
	struct text out = TEXT_EMPTY, word = TEXT_EMPTY;
	struct words again = { NULL, 0 };
	const char *p;

	words_dump(words, &out);
	require(out.data[0] == '[');
	again.list = memory_zero(words->count + 1, sizeof(*again.list));
	for (p = out.data + 1;; p++) {
		require(*p != '\0' && ((unsigned char)*p >= ' ') && *p != 0x7f);
		if (*p == ']' && (p[1] == '\0' || strncmp(p, "] [", 3) == 0)) {
			require(again.count < words->count);
			again.list[again.count++] = text_take(&word);
			if (p[1] == '\0')
				break;
			p += 2;
			continue;
		}
		if (*p != '\\') {
			text_add_char(&word, *p);
			continue;
		}
		p++;
		if (*p == 'x') {
			char digits[3] = { p[1], p[2], '\0' };

			text_add_char(&word, (char)strtoul(digits, NULL, 16));
			p += 2;
		} else {
			const char *name = strchr(names, *p);

			text_add_char(&word, name != NULL ? name[1] : *p);
		}
	}
	require(same(words, &again));
	words_free(&again);
	text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_copy(data, size);
	struct words words;
	char *reason = NULL;

	if (words_split(text, &words, &reason) < 0) {
		require(reason != NULL && reason[0] != '\0');
		require(words.list == NULL && words.count == 0);
		free(reason);
	} else {
		require(reason == NULL);
		check_list(&words, text);
		check_again(&words, '\0');
		check_again(&words, '\'');
		check_again(&words, '"');
		check_dump(&words);
		words_free(&words);
	}
	free(text);
	return 0;
}
