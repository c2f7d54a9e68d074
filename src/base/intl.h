/*
 * Marks what users read: _() is translated where it stands, N_() is translated where it is printed. The locale is
 * set up when the first message needs it; a run without messages never does.
 */
#ifndef BASE_INTL_H
#define BASE_INTL_H

#include <config.h>

void intl_start(void);
const char *intl_translate(const char *text) __attribute__((format_arg(1)));

#define _(text) intl_translate(text)
#define N_(text) text

#endif
