#include "spec/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/intl.h"
#include "base/memory.h"
#include "spec/lexer.h"

/* A backslash acts wherever it stands, so that what is wrong with one is found in advance. */
static const char *words_bad_escape(const char *text)
{
	for (const char *p = strchr(text, '\\'); p != NULL; p = strchr(p + 2, '\\')) {
		if (p[1] == '\0')
			return _("nothing follows the last backslash of the command");
		if (p[1] == '0')
			return _("\\0 in the command is a NUL byte, which no argument can hold");
	}
	return NULL;
}

/* Whether a character is part of a name or of a word in some language, as far as a byte tells. */
static bool words_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c & 0x80) != 0;
}

/* Finds the end of a region in which nothing but a backslash is special, or NULL. */
static const char *words_plain_end(const char *start)
{
	for (const char *p = start + 1; *p != '\0'; p += *p == '\\' ? 2 : 1) {
		if (*p == *start)
			return p;
	}
	return NULL;
}

/* Finds the end of a region in which others nest, or NULL. */
static const char *words_nested_end(const char *start)
{
	struct text closers = TEXT_EMPTY;
	bool after_letter = false;
	const char *p;

	text_add_char(&closers, lexer_closer(*start));
	for (p = start + 1; *p != '\0'; p++) {
		char top = closers.data[closers.length - 1];
		bool apostrophe = *p == '\'' && top == '"' && after_letter;

		after_letter = words_is_letter(*p);
		if (*p == '\\') {
			p++;
			after_letter = words_is_letter(lexer_escaped(*p));
		} else if (*p == top) {
			closers.length--;
			if (closers.length == 0)
				break;
		} else if (lexer_closer(*p) != '\0' && top != '\'' && !apostrophe) {
			text_add_char(&closers, lexer_closer(*p));
		}
	}
	text_free(&closers);
	return *p != '\0' ? p : NULL;
}

/* Finds the character that ends the region beginning here; NULL if its quote is never closed. */
static const char *words_region_end(const char *start)
{
	const char *end = *start != '\'' ? words_nested_end(start) : NULL;

	if (end != NULL)
		return end;
	if (*start == '\'' || *start == '"')
		return words_plain_end(start);
	return start + strlen(start) - 1;
}

/* Appends text from start up to end, with the backslashes taken away. */
static void words_copy(struct text *word, const char *start, const char *end)
{
	while (start < end) {
		bool escape = *start == '\\';

		text_add_char(word, escape ? lexer_escaped(start[1]) : *start);
		start += escape ? 2 : 1;
	}
}

/* Reads one word, and moves on to what follows it. Returns it, owned by the caller, or NULL with a reason. */
static char *words_next(const char **text, char **reason)
{
	struct text word = TEXT_EMPTY;
	const char *p = *text;

	while (*p != '\0' && *p != ' ') {
		const char *start = p;
		bool quote = *p == '\'' || *p == '"';

		if (lexer_closer(*p) == '\0') {
			p += *p == '\\' ? 2 : 1;
			words_copy(&word, start, p);
			continue;
		}
		p = words_region_end(start);
		if (p == NULL) {
			*reason = memory_print(_("%c is never closed in the command"), *start);
			text_free(&word);
			return NULL;
		}
		p++;
		words_copy(&word, start + quote, p - quote);
	}
	*text = p;
	return text_take(&word);
}

/*
 * Takes a command apart. The words are the caller's, to be freed with words_free; on failure there are none,
 * and the reason is a new string.
 */
int words_split(const char *text, struct words *words, char **reason)
{
	const char *bad = words_bad_escape(text);
	size_t room = 0;

	*words = (struct words){ NULL, 0 };
	if (bad != NULL) {
		*reason = memory_string(bad);
		return -1;
	}
	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		char *word = words_next(&text, reason);

		if (word == NULL) {
			words_free(words);
			return -1;
		}
		words->list = memory_grow(words->list, &room, words->count + 2,
			sizeof(*words->list));
		words->list[words->count++] = word;
		words->list[words->count] = NULL;
	}
	if (words->count == 0) {
		*reason = memory_string(_("the command has no words"));
		return -1;
	}
	return 0;
}

/* Frees the words and leaves none. */
void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
	*words = (struct words){ NULL, 0 };
}

/*
 * Appends the words as [these] [two]. A backslash is doubled and what a terminal might obey is escaped, and so
 * is a bracket in a word that looks like the end of one: no two lists of words look the same.
 */
void words_dump(const struct words *words, struct text *out)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *p = words->list[i];

		text_add_string(out, i > 0 ? " [" : "[");
		while (*p != '\0') {
			size_t plain = strcspn(p, "\\]");

			escape_terminal(out, p, plain);
			p += plain;
			if (*p == '\0')
				break;
			if (*p == '\\' || strncmp(p, "] [", 3) == 0)
				text_add_char(out, '\\');
			text_add_char(out, *p++);
		}
		text_add_char(out, ']');
	}
}
