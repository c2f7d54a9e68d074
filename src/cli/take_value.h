/* What stands behind an option of the command line, read: numbers, times, sizes, words to choose from. */
#ifndef CLI_TAKE_VALUE_H
#define CLI_TAKE_VALUE_H

#include <stdint.h>

#include "cli/arguments.h"

int take_number(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error);
int take_seconds(const struct argument *row, const char *value, int64_t *time, struct error *error);
int take_size(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error);
int take_choice(const struct argument *row, const char *value, struct error *error);

#endif
