/*
 * The one number parser. Numbers are decimal, 0x hexadecimal or 0 octal, as on socat's command line; the
 * words "missing numerical value" and "trailing garbage" are what scripts look for in its messages.
 */
#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"

/* Judges what strtol left over: nothing parsed, or something behind the number. */
static int number_check_end(const char *text, const char *end, char **reason)
{
	if (end == text)
		*reason = memory_string(_("missing numerical value"));
	else if (*end != '\0')
		*reason = memory_print(_("trailing garbage \"%s\" behind the number"), end);
	else
		return 0;
	return -1;
}

/* Parses an integer within [low, high]. On failure *reason is a new string and *value is untouched. */
int number_parse(const char *text, intmax_t low, intmax_t high, intmax_t *value, char **reason)
{
	char *end;
	intmax_t number;

	errno = 0;
	number = strtoimax(text, &end, 0);
	if (number_check_end(text, end, reason) < 0)
		return -1;
	if (errno == ERANGE || number < low || number > high) {
		*reason = memory_print(_("out of range, %jd to %jd is allowed"), low, high);
		return -1;
	}
	*value = number;
	return 0;
}

/* Parses permission bits, which are octal with or without a leading 0. */
int number_parse_octal(const char *text, unsigned *mode, char **reason)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 8);
	if (end == text && (text[0] == '8' || text[0] == '9')) {
		*reason = memory_string(_("not octal: the digits are 0 to 7"));
		return -1;
	}
	if (number_check_end(text, end, reason) < 0)
		return -1;
	if (errno == ERANGE || number > 07777 || strchr(text, '-') != NULL) {
		*reason = memory_string(_("not a file mode, 0 to 07777 in octal is allowed"));
		return -1;
	}
	*mode = (unsigned)number;
	return 0;
}

/* Parses seconds with an optional fraction or exponent into nanoseconds, which saturate. */
int number_parse_seconds(const char *text, int64_t *nanoseconds, char **reason)
{
	char *end;
	double seconds;

	if (text[0] != '\0' && strchr("0123456789.+-", text[0]) == NULL) {
		*reason = memory_string(_("missing numerical value"));
		return -1;
	}
	errno = 0;
	seconds = strtod(text, &end);
	if (number_check_end(text, end, reason) < 0)
		return -1;
	if (isnan(seconds)) {
		*reason = memory_string(_("not a time in seconds"));
		return -1;
	}
	if (seconds >= (double)INT64_MAX / (double)SECOND)
		*nanoseconds = INT64_MAX;
	else if (seconds <= (double)INT64_MIN / (double)SECOND)
		*nanoseconds = INT64_MIN;
	else
		*nanoseconds = (int64_t)(seconds * (double)SECOND);
	return 0;
}
