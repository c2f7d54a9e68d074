/* Reads the command line of a netcat, as getopt does: letters in clusters, options and operands in any order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "face/netcat_request.h"

/* An option as the user wrote it, for messages: -w or --wait. */
struct netcat_written {
	const struct netcat_option *row;
	char name[32];
};

static const char *netcat_tool(const struct netcat_option *row)
{
	if (row->families & NETCAT_OPENBSD)
		return "nc.openbsd";
	return row->families & NETCAT_TRADITIONAL ? "nc.traditional" : "ncat";
}

static void *netcat_field(struct netcat_request *request, const struct netcat_option *row)
{
	return (char *)request + row->offset;
}

/* Appends a text, which stays its owner's. */
void netcat_list_add(struct netcat_list *list, const char *item)
{
	list->items = memory_grow(list->items, &list->room, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = item;
}

/* Parses a number or a time into *number. Returns -1 with a reason, a new string. */
static int netcat_number(const struct netcat_option *row, const char *value, int64_t *number,
	char **reason)
{
	intmax_t integer = 0;
	int result;

	if (row->kind == NETCAT_NUMBER) {
		result = row->high > UINT16_MAX
			? number_parse_amount(value, row->low, row->high, &integer, reason)
			: number_parse(value, row->low, row->high, &integer, reason);
		*number = integer;
		return result;
	}
	result = number_parse_seconds(value, number, reason);
	if (result == 0 && (*number < row->low || *number > row->high)) {
		*reason = memory_string(row->low > 0
				? _("out of range, a time of more than 0 seconds is allowed")
				: _("out of range, a time of 0 seconds or more is allowed"));
		return -1;
	}
	return result;
}

static int netcat_take_number(struct netcat_request *request, const struct netcat_written *option,
	const char *value, struct error *error)
{
	int64_t number;
	char *reason;

	if (netcat_number(option->row, value, &number, &reason) == 0) {
		*(int64_t *)netcat_field(request, option->row) = number;
		return 0;
	}
	error_usage(error, _("option %s %s: %s"), option->name, value, reason);
	free(reason);
	return -1;
}

/* One of several that exclude each other. */
static int netcat_take_choice(struct netcat_request *request, const struct netcat_written *option,
	struct error *error)
{
	int64_t *field = netcat_field(request, option->row);

	if (*field != 0 && *field != option->row->low)
		return error_usage(error, _("option %s: another protocol has been chosen already"),
			option->name);
	*field = option->row->low;
	return 0;
}

/* Stores an option. Returns -1 with the error filled. */
static int netcat_take(struct netcat_request *request, const struct netcat_written *option,
	const char *value, struct error *error)
{
	const struct netcat_option *row = option->row;
	void *field = netcat_field(request, row);

	switch (row->kind) {
	case NETCAT_FLAG:
		*(bool *)field = true;
		return 0;
	case NETCAT_COUNT:
		*(int64_t *)field += 1;
		return 0;
	case NETCAT_TEXT:
		*(const char **)field = value;
		return 0;
	case NETCAT_LIST:
		netcat_list_add(field, value);
		return 0;
	case NETCAT_SET:
		*(int64_t *)field = row->low;
		return 0;
	case NETCAT_CHOICE:
		return netcat_take_choice(request, option, error);
	case NETCAT_NUMBER:
	case NETCAT_SECONDS:
	case NETCAT_UNITS:
		return netcat_take_number(request, option, value, error);
	case NETCAT_ABSENT:
		break;
	}
	return error_usage(error, _("option %s of %s has no meaning here: %s"), option->name,
		netcat_tool(row), _(row->summary));
}

static int netcat_no_value(const struct netcat_written *option, struct error *error)
{
	return error_usage(error, _("option %s needs a value: %s"), option->name,
		option->row->value);
}

/* Takes a word such as -lvp9000. Returns how many words it was with its value, or -1. */
static int netcat_letters(struct netcat_request *request, const char *word, const char *next,
	struct error *error)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		struct netcat_written option = { netcat_find_letter(request->family, *p),
			{ '-', *p } };
		bool attached = p[1] != '\0';

		if (option.row == NULL) {
			error_usage(error, _("unknown option \"-%c\"; use option \"-h\" for help"),
				*p);
			error_place(error, word, (size_t)(p - word), 1);
			return -1;
		}
		if (option.row->value == NULL) {
			if (netcat_take(request, &option, NULL, error) < 0)
				return -1;
			continue;
		}
		if (!attached && next == NULL)
			return netcat_no_value(&option, error);
		if (netcat_take(request, &option, attached ? p + 1 : next, error) < 0)
			return -1;
		return attached ? 1 : 2;
	}
	return 1;
}

/* Takes a word such as --wait=3. Returns how many words it was with its value, or -1. */
static int netcat_word(struct netcat_request *request, const char *word, const char *next,
	struct error *error)
{
	size_t length = strcspn(word + 2, "=");
	const char *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
	struct netcat_written option = { netcat_find_word(word + 2, length, error), "--" };
	int words = 1;

	if (option.row == NULL)
		return -1;
	for (size_t i = 0; option.row->word[i] != '\0' && i + 3 < sizeof(option.name); i++)
		option.name[i + 2] = option.row->word[i];
	if (option.row->value == NULL && value != NULL)
		return error_usage(error, _("option %s takes no value"), option.name);
	if (option.row->value != NULL && value == NULL) {
		if (next == NULL)
			return netcat_no_value(&option, error);
		value = next;
		words = 2;
	}
	return netcat_take(request, &option, value, error) < 0 ? -1 : words;
}

/* The family that a name belongs to. */
static enum netcat_family netcat_family(const char *name)
{
	if (strcmp(name, "ncat") == 0)
		return NETCAT_NCAT;
	return strcmp(name, "nc.traditional") == 0 ? NETCAT_TRADITIONAL : NETCAT_OPENBSD;
}

/* A request in which nothing is asked for yet. */
void netcat_request_init(struct netcat_request *request, const char *name)
{
	*request = (struct netcat_request){
		.name = name,
		.family = netcat_family(name),
	};
	for (const struct netcat_option *row = netcat_options; row->summary != NULL; row++) {
		if (row->kind == NETCAT_NUMBER || row->kind == NETCAT_SECONDS ||
			row->kind == NETCAT_UNITS)
			*(int64_t *)netcat_field(request, row) = NETCAT_UNSET;
	}
}

/* Frees the lists of a request; the texts belong to the command line. */
void netcat_request_free(struct netcat_request *request)
{
	free(request->operands.items);
	free(request->ports.items);
	free(request->hops.items);
	free(request->allow.items);
	free(request->allow_files.items);
	free(request->deny.items);
	free(request->deny_files.items);
}

/* Reads the words of the command line into a request. Returns -1 with the error filled. */
int netcat_parse(struct netcat_request *request, int argc, char **argv, struct error *error)
{
	bool options = true;
	int i = 1;

	while (i < argc) {
		const char *word = argv[i];
		int words = 1;

		if (!options || word[0] != '-' || word[1] == '\0')
			netcat_list_add(&request->operands, word);
		else if (strcmp(word, "--") == 0)
			options = false;
		else if (word[1] == '-')
			words = netcat_word(request, word, argv[i + 1], error);
		else
			words = netcat_letters(request, word, argv[i + 1], error);
		if (words < 0)
			return -1;
		i += words;
	}
	return 0;
}
