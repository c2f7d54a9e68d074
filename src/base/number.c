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
#include "base/log.h"
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

/* Puts what is allowed behind a reason and returns -1. Scripts that read socat's words get no more than those. */
static int number_explain(char **reason, const char *allowed)
{
	char *why = *reason;

	if (log_is_classic())
		return -1;
	*reason = memory_print("%s, %s", why, allowed);
	free(why);
	return -1;
}

/* Puts the range of a number behind a reason, unless every number is allowed, and returns -1. */
static int number_explain_range(char **reason, intmax_t low, intmax_t high)
{
	char *range = memory_print(_("%jd to %jd is allowed"), low, high);

	if (low != INTMAX_MIN || high != INTMAX_MAX)
		number_explain(reason, range);
	free(range);
	return -1;
}

/* Parses an integer within [low, high]. On failure *reason is a new string and *value is untouched. */
int number_parse(const char *text, intmax_t low, intmax_t high, intmax_t *value, char **reason)
{
	char *end;
	intmax_t number;

	errno = 0;
	number = strtoimax(text, &end, 0);
	if (number_check_end(text, end, reason) < 0) {
		if (text[0] == '0' && (*end == '8' || *end == '9'))
			return number_explain(reason, _("which is octal because it begins with 0"));
		return number_explain_range(reason, low, high);
	}
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

/* Finds how many nanoseconds the unit behind a time stands for, and moves *end behind it. Without one it is seconds. */
static double number_time_unit(char **end)
{
	static const struct {
		const char *word;
		double nanoseconds;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1e3 },
		{ "ms", 1e6 },
		{ "s", 1e9 },
		{ "m", 60e9 },
		{ "min", 60e9 },
		{ "h", 3600e9 },
		{ "d", 86400e9 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(*end, units[i].word) == 0) {
			*end += strlen(*end);
			return units[i].nanoseconds;
		}
	}
	return 1e9;
}

/*
 * Parses a time with an optional fraction, exponent and unit (500ms, 2s, 1m; seconds without one) into nanoseconds,
 * which saturate.
 */
int number_parse_seconds(const char *text, int64_t *nanoseconds, char **reason)
{
	char *end;
	double time;

	if (strchr("0123456789.+-", text[0]) == NULL || text[strspn(text, "+-")] == '\0') {
		*reason = memory_string(_("missing numerical value"));
		return number_explain(reason, _("a time such as 500ms, 2s or 1m is allowed"));
	}
	errno = 0;
	time = strtod(text, &end);
	if (end != text)
		time *= number_time_unit(&end);
	if (end != text && *end != '\0') {
		*reason = memory_print(_("trailing garbage \"%s\" behind the number, units are %s"),
			end, "us, ms, s, m, h, d");
		return -1;
	}
	if (number_check_end(text, end, reason) < 0)
		return -1;
	if (isnan(time)) {
		*reason = memory_string(_("not a time in seconds"));
		return -1;
	}
	if (time >= (double)INT64_MAX)
		*nanoseconds = INT64_MAX;
	else if (time <= (double)INT64_MIN)
		*nanoseconds = INT64_MIN;
	else
		*nanoseconds = (int64_t)time;
	return 0;
}

/* Parses a time as number_parse_seconds, but none that is negative. */
int number_parse_duration(const char *text, int64_t *nanoseconds, char **reason)
{
	int64_t time;

	if (number_parse_seconds(text, &time, reason) < 0)
		return -1;
	if (time < 0) {
		*reason = memory_string(_("out of range, a time of 0 seconds or more is allowed"));
		return -1;
	}
	*nanoseconds = time;
	return 0;
}

/* What may stand behind a number, and what it makes of it. The table ends in a factor of 0. */
struct number_unit {
	const char *word;
	double factor;
};

/* Parses a decimal number with an optional fraction and one of the units behind it. */
static int number_parse_unit(const char *text, const struct number_unit *units, const char *words,
	long double *value, char **reason)
{
	size_t sign = text[0] == '-' ? 1 : 0;
	size_t length = sign + strspn(text + sign, "0123456789.");
	char *end, *digits = memory_print("%.*s", (int)length, text);
	long double number = strtold(digits, &end);
	int result = number_check_end(digits, end, reason);

	free(digits);
	if (result < 0)
		return -1;
	for (; units->factor > 0; units++) {
		if (strcmp(text + length, units->word) != 0)
			continue;
		*value = number * (long double)units->factor;
		return 0;
	}
	*reason = memory_print(_("trailing garbage \"%s\" behind the number, units are %s"),
		text + length, words);
	return -1;
}

/* Parses a number of bytes within [low, high]: k, M, G and T count in thousands, Ki, Mi, Gi and Ti in 1024. */
int number_parse_size(const char *text, int64_t low, int64_t high, int64_t *bytes, char **reason)
{
	static const struct number_unit units[] = {
		{ "", 1 },
		{ "k", 1e3 },
		{ "K", 1e3 },
		{ "M", 1e6 },
		{ "G", 1e9 },
		{ "T", 1e12 },
		{ "Ki", 0x1p10 },
		{ "Mi", 0x1p20 },
		{ "Gi", 0x1p30 },
		{ "Ti", 0x1p40 },
		{ NULL, 0 },
	};
	long double value;

	if (text[0] == '\0' || strchr("0123456789.-", text[0]) == NULL) {
		*reason = memory_string(_("missing numerical value"));
		return number_explain_range(reason, low, high);
	}
	if (number_parse_unit(text, units, "k, M, G, T, Ki, Mi, Gi, Ti", &value, reason) < 0)
		return -1;
	if (value < (long double)low || value > (long double)high) {
		*reason = memory_print(_("out of range, %jd to %jd is allowed"), (intmax_t)low,
			(intmax_t)high);
		return -1;
	}
	*bytes = value >= (long double)INT64_MAX ? INT64_MAX : (int64_t)value;
	return 0;
}

/*
 * Parses an amount within [low, high]: an integer of any base, or a decimal number with the unit of a size behind it.
 * socat knows no units.
 */
int number_parse_amount(const char *text, intmax_t low, intmax_t high, intmax_t *value,
	char **reason)
{
	char *end, *other;
	int64_t size;

	if (number_parse(text, low, high, value, reason) == 0)
		return 0;
	strtoimax(text, &end, 0);
	if (log_is_classic() || end == text || *end == '\0')
		return -1;
	if (number_parse_size(text, low, high, &size, &other) == 0) {
		*value = size;
		free(*reason);
		return 0;
	}
	free(*reason);
	*reason = other;
	return -1;
}

/* Parses a percentage, with or without its sign, into millionths of the whole. */
int number_parse_percent(const char *text, int64_t *millionths, char **reason)
{
	static const struct number_unit units[] = {
		{ "", 1e4 },
		{ "%", 1e4 },
		{ NULL, 0 },
	};
	long double value;

	if (text[0] == '\0' || strchr("0123456789.-", text[0]) == NULL) {
		*reason = memory_string(_("missing numerical value"));
		/* xgettext:no-c-format */
		return number_explain(reason, _("0% to 100% is allowed"));
	}
	if (number_parse_unit(text, units, "%", &value, reason) < 0)
		return -1;
	if (value < 0 || value > 1e6L) {
		/* xgettext:no-c-format */
		*reason = memory_string(_("out of range, 0% to 100% is allowed"));
		return -1;
	}
	*millionths = (int64_t)(value + 0.5L);
	return 0;
}
