/* Quotes: for the grammar of addresses, for the words of a command in one, and for a shell. */
#ifndef FACE_NETCAT_QUOTE_H
#define FACE_NETCAT_QUOTE_H

#include "base/text.h"

void quote_parameter(struct text *out, const char *value);
void quote_bracketed(struct text *out, const char *value);
void quote_word(struct text *out, const char *word, size_t length);
void quote_pattern(struct text *out, const char *path);
void quote_shell(struct text *out, const char *word);

#endif
