/* The value of an option, from the text behind '=' by the rules of the option's kind. */
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "option/data.h"
#include "option/option.h"

/* How many numbers a value of the kind holds or starts with. */
size_t option_number_count(enum option_kind kind)
{
	switch (kind) {
	case OPTION_CONST:
	case OPTION_STRING:
	case OPTION_STRING_OR_NONE:
	case OPTION_DATA:
		return 0;
	case OPTION_INT_INT:
	case OPTION_INT_INT_DATA:
	case OPTION_INT_INT_STRING:
		return 2;
	case OPTION_INT_INT_INT:
		return 3;
	default:
		return 1;
	}
}

/* Whether a value of the kind is, or ends in, bytes in data notation. */
static bool value_has_data(enum option_kind kind)
{
	return kind == OPTION_DATA || kind == OPTION_INT_DATA || kind == OPTION_INT_INT_DATA;
}

/* Puts what is allowed behind a reason and returns -1. */
static int value_explain(char **reason, const char *allowed)
{
	char *why = *reason;

	*reason = memory_print("%s; %s", why, allowed);
	free(why);
	return -1;
}

/* Whether the text is a number and nothing else. */
static bool value_is_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Finds a user by name or number. On failure *reason is a new string. */
int option_user_find(const char *text, intmax_t *id, char **reason)
{
	const struct passwd *user;

	if (text[0] == '\0') {
		*reason = memory_string(_("missing numerical value or name of a user"));
		return -1;
	}
	if (value_is_digits(text))
		return number_parse(text, 0, UINT32_MAX - 1, id, reason);
	user = getpwnam(text);
	if (user == NULL) {
		*reason = memory_string(_("there is no such user, a name or a number is allowed"));
		return -1;
	}
	*id = (intmax_t)user->pw_uid;
	return 0;
}

/* Finds a group by name or number. On failure *reason is a new string. */
int option_group_find(const char *text, intmax_t *id, char **reason)
{
	const struct group *group;

	if (text[0] == '\0') {
		*reason = memory_string(_("missing numerical value or name of a group"));
		return -1;
	}
	if (value_is_digits(text))
		return number_parse(text, 0, UINT32_MAX - 1, id, reason);
	group = getgrnam(text);
	if (group == NULL) {
		*reason = memory_string(_("there is no such group, a name or a number is allowed"));
		return -1;
	}
	*id = (intmax_t)group->gr_gid;
	return 0;
}

/* Whether the row leaves it to the kind which numbers there are. */
static bool value_is_unbounded(const struct option *option)
{
	return option->range.low == 0 && option->range.high == 0;
}

#define VALUE_SMALL 65535 /* who takes no larger number takes no unit of thousands */

/* Parses the number of an option that takes one, within the row's range. */
static int value_int(const struct option *option, const char *text, struct option_value *value,
	char **reason)
{
	bool any = value_is_unbounded(option);
	intmax_t low = any ? INT_MIN : option->range.low, high = any ? INT_MAX : option->range.high;

	return high > VALUE_SMALL ? number_parse_amount(text, low, high, &value->numbers[0], reason)
				  : number_parse(text, low, high, &value->numbers[0], reason);
}

/* Parses a switch: whatever is not 0 is on. */
static int value_bool(const char *text, struct option_value *value, char **reason)
{
	intmax_t number;

	if (number_parse(text, INTMAX_MIN, INTMAX_MAX, &number, reason) < 0)
		return value_explain(reason, _("1 for on and 0 for off are allowed"));
	value->numbers[0] = number != 0;
	return 0;
}

/* Parses permission bits. */
static int value_mode(const char *text, struct option_value *value, char **reason)
{
	unsigned mode;

	if (number_parse_octal(text, &mode, reason) < 0)
		return -1;
	value->numbers[0] = mode;
	return 0;
}

/* Parses a time, which can't be negative. */
static int value_seconds(const char *text, struct option_value *value, char **reason)
{
	int64_t time = 0;
	int result = number_parse_duration(text, &time, reason);

	value->numbers[0] = time;
	return result;
}

/* Parses a number with a unit behind it: a size within the row's range, or a percentage. */
static int value_unit(const struct option *option, const char *text, struct option_value *value,
	char **reason)
{
	int64_t number = 0;
	int result;

	if (option->kind == OPTION_PERCENT)
		result = number_parse_percent(text, &number, reason);
	else
		result = number_parse_size(text, option->range.low, option->range.high, &number,
			reason);
	value->numbers[0] = number;
	return result;
}

/* Parses bytes in data notation. */
static int value_data(const char *text, size_t length, struct option_value *value, char **reason)
{
	const char *why;
	size_t bad_at;

	if (data_parse(text, length, &value->data, &value->length, &bad_at, &why) == 0)
		return 0;
	*reason = memory_print(_("syntax error in data at \"%s\": %s"), text + bad_at, why);
	return -1;
}

/* Parses one number in front of a colon, or the last one, and moves on behind it. */
static int value_part(const struct option *option, const char **text, bool last, intmax_t *number,
	char **reason)
{
	bool any = value_is_unbounded(option);
	size_t length = strcspn(*text, ":");
	bool colon = (*text)[length] == ':' && !last;
	char *part = colon ? memory_copy(*text, length) : memory_string(*text);
	int result = number_parse(part, any ? INT_MIN : option->range.low,
		any ? UINT32_MAX : option->range.high, number, reason);

	free(part);
	*text += colon ? length + 1 : strlen(*text);
	return result;
}

/* Parses number:number:... with the rest as the kind says. */
static int value_parts(const struct option *option, const struct spec_word *word,
	struct option_value *value, char **reason)
{
	size_t count = option_number_count(option->kind), colons = 0;
	bool rest = value_has_data(option->kind) || option->kind == OPTION_INT_STRING ||
		option->kind == OPTION_INT_INT_STRING;
	const char *text = word->data;

	for (const char *p = strchr(text, ':'); p != NULL; p = strchr(p + 1, ':'))
		colons++;
	if (colons < count - !rest) {
		*reason = memory_print(_("a part is missing, %s is needed"), option->values);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (value_part(option, &text, !rest && i + 1 == count, &value->numbers[i], reason) <
			0)
			return -1;
	}
	if (!rest)
		return 0;
	value->string = text;
	value->length = word->length - (size_t)(text - word->data);
	if (value_has_data(option->kind))
		return value_data(text, value->length, value, reason);
	return 0;
}

/* Takes an option without '=', where the kind allows one. */
static int value_missing(const struct option *option, struct option_value *value, char **reason)
{
	switch (option->kind) {
	case OPTION_CONST:
	case OPTION_STRING_OR_NONE:
		return 0;
	case OPTION_BOOL:
	case OPTION_INT:
	case OPTION_INT_OR_EMPTY:
		return value_int(option, "1", value, reason);
	case OPTION_MODE:
	case OPTION_SECONDS:
	case OPTION_SIZE:
	case OPTION_PERCENT:
		*reason = memory_string(_("missing numerical value"));
		return -1;
	default:
		*reason = option->values != NULL
			? memory_print(_("a value is missing, =%s is needed"), option->values)
			: memory_string(_("a value is missing"));
		return -1;
	}
}

/* Parses the text behind '=' by the option's kind. */
static int value_present(const struct option *option, const struct spec_word *word,
	struct option_value *value, char **reason)
{
	const char *text = word->data;

	value->string = text;
	value->length = word->length;
	switch (option->kind) {
	case OPTION_CONST:
		*reason = memory_string(_("it takes no value"));
		return -1;
	case OPTION_BOOL:
		return value_bool(text, value, reason);
	case OPTION_INT_OR_EMPTY:
		if (word->length == 0) {
			value->numbers[0] = OPTION_EMPTY;
			return 0;
		}
		return value_int(option, text, value, reason);
	case OPTION_INT:
		return value_int(option, text, value, reason);
	case OPTION_MODE:
		return value_mode(text, value, reason);
	case OPTION_USER:
		return option_user_find(text, &value->numbers[0], reason);
	case OPTION_GROUP:
		return option_group_find(text, &value->numbers[0], reason);
	case OPTION_SECONDS:
		return value_seconds(text, value, reason);
	case OPTION_SIZE:
	case OPTION_PERCENT:
		return value_unit(option, text, value, reason);
	case OPTION_STRING:
	case OPTION_STRING_OR_NONE:
		return 0;
	case OPTION_DATA:
		return value_data(text, word->length, value, reason);
	default:
		return value_parts(option, word, value, reason);
	}
}

/* Whether a value of the kind may hold NUL bytes. */
static bool value_may_hold_nul(enum option_kind kind)
{
	return value_has_data(kind) || kind == OPTION_INT_STRING || kind == OPTION_INT_INT_STRING;
}

/*
 * Parses the value that was given to an option, or finds out what giving none means. The value
 * refers to the spec, which has to outlive it, and is freed by option_value_free; on failure it
 * is empty and *reason is a new string.
 */
int option_value_parse(const struct option *option, const struct spec_option *spec,
	struct option_value *value, char **reason)
{
	const struct spec_word *word = &spec->value;
	int result;

	*value = (struct option_value){ .string = "" };
	if (word->data == NULL) {
		result = value_missing(option, value, reason);
	} else if (strlen(word->data) != word->length && !value_may_hold_nul(option->kind)) {
		*reason = memory_string(_("trailing garbage behind a NUL byte"));
		result = -1;
	} else {
		result = value_present(option, word, value, reason);
		if (result == 0 && option->check != NULL)
			result = option->check(word->data, reason);
	}
	if (result < 0)
		option_value_free(value);
	return result;
}

/* Frees what a value holds. */
void option_value_free(struct option_value *value)
{
	free(value->data);
	*value = (struct option_value){ .string = "" };
}
