/*
 * Reads one word at a time off an address text. There is one rule for everything nested: a region opened by
 * a quote or a bracket runs to the character that closes it, and its content is kept or loses its quotes
 * depending on where the region stands. Regions are tracked on a stack of closing characters.
 */
#include "spec/lexer.h"

#include <stdlib.h>
#include <string.h>

#include "base/intl.h"

/* The character that closes a region, or NUL if c opens none. */
static char lexer_closer(char c)
{
	static const char pairs[] = "\"\"''()[]{}";

	for (const char *p = pairs; *p != '\0'; p += 2) {
		if (*p == c)
			return p[1];
	}
	return '\0';
}

static bool lexer_is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Reads the character behind a backslash; a text that ends in a backslash is an error. */
static int lexer_escape(struct lexer *lexer, struct text *out, struct error *error)
{
	static const char names[] = "n\nt\tr\rf\fb\ba\av\v";
	char c = lexer->text[lexer->at + 1];

	if (c == '\0') {
		error_usage(error,
			_("unexpected end of address: nothing follows the last backslash"));
		error_place(error, lexer->text, lexer->at, 1);
		return -1;
	}
	lexer->at += 2;
	for (const char *p = names; *p != '\0'; p += 2) {
		if (*p == c) {
			text_add_char(out, p[1]);
			return 0;
		}
	}
	text_add_char(out, c == '0' ? '\0' : c);
	return 0;
}

/*
 * Copies a region with all that nests in it. The outermost quotes of a word vanish, brackets and whatever
 * stands inside them or inside "..." stay. A quote that is never closed is an error; a bracket is not,
 * unless a quote around it stays open with it.
 */
static int lexer_region(struct lexer *lexer, struct text *out, struct error *error)
{
	struct text closers = TEXT_EMPTY;
	size_t start = lexer->at;
	char opener = lexer->text[start];
	int result = 0;

	text_add_char(&closers, lexer_closer(opener));
	if (!lexer_is_quote(opener))
		text_add_char(out, opener);
	lexer->at++;
	while (closers.length > 0) {
		char c = lexer->text[lexer->at];
		bool outermost = closers.length == 1;

		if (c == '\0') {
			if (lexer_is_quote(opener)) {
				error_usage(error,
					_("unexpected end of address: %c is never closed"), opener);
				error_place(error, lexer->text, start, 1);
				result = -1;
			}
			break;
		}
		if (c == '\\') {
			if (lexer_escape(lexer, out, error) < 0) {
				result = -1;
				break;
			}
			continue;
		}
		if (c == closers.data[closers.length - 1])
			closers.length--;
		else if (opener != '\'' && lexer_closer(c) != '\0')
			text_add_char(&closers, lexer_closer(c));
		if (!outermost || closers.length > 0 || !lexer_is_quote(opener))
			text_add_char(out, c);
		lexer->at++;
	}
	text_free(&closers);
	return result;
}

/*
 * Reads a word up to a separator, which is consumed. The word's data is owned by the caller; on LEXER_END_BAD
 * there is none.
 */
enum lexer_end lexer_word(struct lexer *lexer, unsigned stops, struct spec_word *word,
	struct error *error)
{
	struct text out = TEXT_EMPTY;
	size_t start = lexer->at;
	enum lexer_end end = LEXER_END_TEXT;
	size_t skip = 0;

	for (;;) {
		char c = lexer->text[lexer->at];
		int result = 0;

		if (c == '\0')
			break;
		if (c == ',') {
			end = LEXER_END_COMMA;
			skip = 1;
			break;
		}
		if (c == '!' && lexer->text[lexer->at + 1] == '!') {
			end = LEXER_END_DUAL;
			skip = 2;
			break;
		}
		if ((c == ':' && (stops & LEXER_STOP_COLON)) ||
			(c == '=' && (stops & LEXER_STOP_EQUALS))) {
			end = c == ':' ? LEXER_END_COLON : LEXER_END_EQUALS;
			skip = 1;
			break;
		}
		if (c == '\\') {
			result = lexer_escape(lexer, &out, error);
		} else if (lexer_closer(c) != '\0') {
			result = lexer_region(lexer, &out, error);
		} else {
			text_add_char(&out, c);
			lexer->at++;
		}
		if (result < 0) {
			text_free(&out);
			return LEXER_END_BAD;
		}
	}
	word->column = start;
	word->width = lexer->at - start;
	word->length = out.length;
	word->data = text_take(&out);
	lexer->at += skip;
	return end;
}
