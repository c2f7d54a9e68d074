/*
 * The command of an EXEC, taken apart into words. This is the second of two unquotings: the address text has
 * been through the lexer, which took one pair of quotes and one backslash from everything. No shell is involved.
 *
 * The grammar, as socat has it:
 *   - Blanks separate words; many are as good as one. A tab or a newline is text.
 *   - A backslash takes the special meaning off the next character and vanishes, or makes a control character
 *     of it as in an address, everywhere.
 *   - '...' and "..." keep together what is inside and vanish; a pair with nothing inside is an empty word.
 *   - (...) [...] {...} keep together what is inside and stay, quotes inside stay too. One that is never
 *     closed keeps the rest of the text together.
 *   - Quotes and brackets nest in "..." as in brackets, and stay; in '...' nothing does. Where nesting leaves
 *     the "..." without an end they are text. An apostrophe behind a letter, as in "l'hiver", is text too.
 */
#ifndef SPEC_WORDS_H
#define SPEC_WORDS_H

#include <stddef.h>

#include "base/text.h"

struct words {
	char **list; /* ends in NULL */
	size_t count;
};

int words_split(const char *text, struct words *words, char **reason);
void words_free(struct words *words);
void words_dump(const struct words *words, struct text *out);

#endif
