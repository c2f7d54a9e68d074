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
char lexer_closer(char c)
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

/* The character that a backslash and c stand for. */
char lexer_escaped(char c)
{
	static const char names[] = "n\nt\tr\rf\fb\ba\av\v";

	for (const char *p = names; *p != '\0'; p += 2) {
		if (*p == c)
			return p[1];
	}
	return c == '0' ? '\0' : c;
}

/* Reads the character behind a backslash; a text that ends in a backslash is an error. */
static int lexer_escape(struct lexer *lexer, struct text *out, struct error *error)
{
	char c = lexer->text[lexer->at + 1];

	if (c == '\0') {
		error_usage(error,
			_("unexpected end of address: nothing follows the last backslash"));
		error_place(error, lexer->text, lexer->at, 1);
		return -1;
	}
	lexer->at += 2;
	text_add_char(out, lexer_escaped(c));
	return 0;
}

/*
 * Copies a region with all that nests in it, if it may. The outermost quotes of a word vanish, brackets and
 * whatever stands inside them or inside "..." stay. A quote that is never closed is an error; a bracket is not,
 * unless a quote around it stays open with it.
 */
static int lexer_region_nested(struct lexer *lexer, bool nested, struct text *out,
	struct error *error)
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
		char c = lexer->text[lexer->at], closer = closers.data[closers.length - 1];
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
		if (c == closer)
			closers.length--;
		else if (nested && closer != '\'' && lexer_closer(c) != '\0')
			text_add_char(&closers, lexer_closer(c));
		if (!outermost || closers.length > 0 || !lexer_is_quote(opener))
			text_add_char(out, c);
		lexer->at++;
	}
	text_free(&closers);
	return result;
}

/* Copies a region. Inside "..." that would have no end otherwise, as in "l'hiver", nothing nests. */
static int lexer_region(struct lexer *lexer, struct text *out, struct error *error)
{
	char opener = lexer->text[lexer->at];
	size_t start = lexer->at, length = out->length;

	if (lexer_region_nested(lexer, opener != '\'', out, error) == 0)
		return 0;
	if (opener != '"')
		return -1;
	error_clear(error);
	lexer->at = start;
	text_cut(out, length);
	return lexer_region_nested(lexer, false, out, error);
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
