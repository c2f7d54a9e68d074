#ifndef SPEC_LEXER_H
#define SPEC_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "spec/spec.h"

struct lexer {
	const char *text;
	size_t at;
};

/* What ended a word. */
enum lexer_end {
	LEXER_END_TEXT,
	LEXER_END_COLON,
	LEXER_END_COMMA,
	LEXER_END_EQUALS,
	LEXER_END_DUAL,
	LEXER_END_BAD,
};

/* What a word ends at, apart from ',' and "!!", which end every word. */
enum lexer_stop {
	LEXER_STOP_NONE = 0,
	LEXER_STOP_COLON = 1,
	LEXER_STOP_EQUALS = 2,
};

char lexer_closer(char c);
char lexer_escaped(char c);
enum lexer_end lexer_word(struct lexer *lexer, unsigned stops, struct spec_word *word,
	struct error *error);

#endif
