/*
 * Marks what users read: _() is translated where it stands, N_() is translated where it is printed, P_() has one
 * form for each number. The locale is set up when the first message needs it; a run without messages never does.
 */
#ifndef BASE_INTL_H
#define BASE_INTL_H

#include <stdbool.h>

#include <config.h>

#include "base/text.h"

void intl_start(void);
void intl_english(void);
const char *intl_translate(const char *text) __attribute__((format_arg(1)));
const char *intl_plural(const char *one, const char *many, unsigned long long number)
	__attribute__((format_arg(1), format_arg(2)));
const char *intl_reason(int number);
const char *intl_english_reason(int number);
bool intl_has_byte_letters(void);
void intl_add_utf8(struct text *out, const char *string);

#define _(text) intl_translate(text)
#define N_(text) text
#define P_(one, many, number) intl_plural(one, many, number)

#endif
