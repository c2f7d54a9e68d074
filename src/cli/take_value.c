#include "cli/take_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/number.h"
#include "base/text.h"

/* Says what is wrong with a value, and frees the reason. */
static int take_refuse(const struct argument *row, const char *value, char *reason,
	struct error *error)
{
	error_usage(error, row->name[1] == '-' ? _("option %s=%s: %s") : _("option %s %s: %s"),
		row->name, value, reason);
	free(reason);
	return -1;
}

int take_number(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error)
{
	char *reason;

	if (number_parse(value, low, high, number, &reason) == 0)
		return 0;
	return take_refuse(row, value, reason, error);
}

int take_seconds(const struct argument *row, const char *value, int64_t *time, struct error *error)
{
	char *reason;
	int result = log_is_classic() ? number_parse_seconds(value, time, &reason)
				      : number_parse_duration(value, time, &reason);

	return result < 0 ? take_refuse(row, value, reason, error) : 0;
}

/* Takes an amount: a number of any base, or a decimal one with a unit. */
int take_size(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error)
{
	char *reason;

	if (number_parse_amount(value, low, high, number, &reason) == 0)
		return 0;
	return take_refuse(row, value, reason, error);
}

/* Says that a value is none of the choices, and which one might have been meant. */
static int take_refuse_choice(const struct argument *row, const char *value, struct error *error)
{
	char *near = near_choice(value, row->choices, '|'), *text;

	error_usage(error, _("option %s=%s: %s is allowed"), row->name, value, row->choices);
	if (near != NULL) {
		text = memory_print("%s=%s", row->name, value);
		error_place(error, text, strlen(row->name) + 1, strlen(value));
		error_hint(error, _("did you mean %s?"), near);
		free(text);
	}
	free(near);
	return -1;
}

/* Finds a word among the choices of a row. Returns which one it is, or -1 with the error filled. */
int take_choice(const struct argument *row, const char *value, struct error *error)
{
	const char *choice = row->choices;

	for (int i = 0; *choice != '\0'; i++) {
		size_t length = strcspn(choice, "|");

		if (strlen(value) == length && strncmp(value, choice, length) == 0)
			return i;
		choice += length + (choice[length] == '|');
	}
	return take_refuse_choice(row, value, error);
}
