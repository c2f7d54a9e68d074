#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND INT64_C(1000000000) /* times are nanoseconds in an int64_t */

int number_parse(const char *text, intmax_t low, intmax_t high, intmax_t *value, char **reason);
int number_parse_octal(const char *text, unsigned *mode, char **reason);
int number_parse_seconds(const char *text, int64_t *nanoseconds, char **reason);
int number_parse_duration(const char *text, int64_t *nanoseconds, char **reason);
int number_parse_amount(const char *text, intmax_t low, intmax_t high, intmax_t *value,
	char **reason);
int number_parse_size(const char *text, int64_t low, int64_t high, int64_t *bytes, char **reason);
int number_parse_percent(const char *text, int64_t *millionths, char **reason);

#endif
