#include "face/socat_help.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/memory.h"
#include "cli/arguments.h"
#include "option/table.h"

/* The lines of a list, which come sorted by name whatever the order of the tables. */
struct socat_list {
	struct socat_line {
		const char *name; /* of the tables */
		char *line;
	} * lines;
	size_t count;
	size_t room;
	bool aliases;	   /* the other names have lines of their own */
	const char *inset; /* in front of those */
};

/* socat's command line: how it writes an option, and the row of ours that says what it does. */
static const struct socat_argument {
	const char *form;
	const char *row;
	const char *summary; /* N_(), where it isn't the row's */
} socat_arguments[] = {
	{ "-V", "-V", NULL },
	{ "-h|-?", "-h", N_("print help: the options and the addresses") },
	{ "-hh", "-h", N_("print help with the options of addresses") },
	{ "-hhh", "-h", N_("print help with all other names of addresses and options") },
	{ "-d[ddd]", "-d", NULL },
	{ "-d0|1|2|3|4", "-d", N_("set at once how much is told") },
	{ "-D", "-D", NULL },
	{ "--experimental", "--experimental", NULL },
	{ "--statistics", "--statistics", NULL },
	{ "-ly[facility]", "-ly", NULL },
	{ "-lf<logfile>", "-lf", NULL },
	{ "-ls", "-ls", NULL },
	{ "-lm[facility]", "-lm", NULL },
	{ "-lp<progname>", "-lp", NULL },
	{ "-lu", "-lu", NULL },
	{ "-lh", "-lh", NULL },
	{ "-v", "-v", NULL },
	{ "-x", "-x", NULL },
	{ "-r <file>", "-r", NULL },
	{ "-R <file>", "-R", NULL },
	{ "-b<size_t>", "-b", NULL },
	{ "-s", "-s", NULL },
	{ "-S<sigmask>", "-S", NULL },
	{ "-t<timeout>", "-t", NULL },
	{ "-T<timeout>", "-T", NULL },
	{ "-u", "-u", NULL },
	{ "-U", "-U", NULL },
	{ "-g", "-g", NULL },
	{ "-L <lockfile>", "-L", NULL },
	{ "-W <lockfile>", "-W", NULL },
	{ "-0", "-0", NULL },
	{ "-4", "-4", NULL },
	{ "-6", "-6", NULL },
};

/* Whether socat has this option of the command line. */
bool socat_has_argument(const char *name)
{
	for (size_t i = 0; i < sizeof(socat_arguments) / sizeof(*socat_arguments); i++) {
		if (strcmp(socat_arguments[i].row, name) == 0)
			return true;
	}
	return false;
}

/* The order in which socat names groups. Groups that are missing here follow behind these. */
static const unsigned socat_group_order[] = { GROUP_FD, GROUP_FIFO, GROUP_CHR, GROUP_BLK, GROUP_REG,
	GROUP_SOCKET, GROUP_READLINE, GROUP_NAMED, GROUP_OPEN, GROUP_EXEC, GROUP_FORK, GROUP_LISTEN,
	GROUP_SHELL, GROUP_CHILD, GROUP_RETRY, GROUP_RANGE, GROUP_TERMIOS, GROUP_PTY, GROUP_PARENT,
	GROUP_UNIX, GROUP_IP4, GROUP_IP6, GROUP_UDP, GROUP_TCP, GROUP_SCTP, GROUP_DCCP,
	GROUP_UDPLITE };

/*
 * Where socat's word for a type says more than our kind of value does, it follows from what is
 * made of the value, or from how it is checked.
 */
static const struct socat_type {
	option_apply *apply;
	int (*check)(const char *value, char **reason);
	const char *word;
} socat_types[] = {
	{ apply_terminal_character, NULL, "BYTE" },
	{ apply_terminal_bits, NULL, "UNSIGNED-INT" },
	{ apply_terminal_speed, NULL, "UNSIGNED-INT" },
	{ apply_terminal_word, NULL, "INT:ULONG" },
	{ apply_sockopt_byte, NULL, "BYTE" },
	{ apply_sockopt_linger, NULL, "STRUCT-LINGER" },
	{ apply_ioctl_pointer, NULL, "INT:INTP" },
	{ apply_truncate, NULL, "OFF64_T" },
	{ apply_seek, NULL, "OFF64_T" },
#if HAVE_STRUCT_IP_MREQN && HAVE_STRUCT_GROUP_SOURCE_REQ
	{ apply_ip_membership, NULL, "STRUCT-IP_MREQN" },
	{ apply_ip_source_membership, NULL, "IP-MREQ-SOURCE" },
	{ apply_ipv6_join, NULL, "STRUCT-IP_MREQN" },
	{ apply_ipv6_source_join, NULL, "GROUP_SOURCE_REQ" },
	{ apply_multicast_interface, NULL, "IP4NAME" },
#endif
	{ NULL, check_name_server, "IP4SOCK" },
	{ NULL, check_user, "UID_T" },
};

/* socat's word for a whole number of this range, whose value is stored. */
static const char *socat_number_word(const struct option *option)
{
	if (option->range.low == 0 && option->range.high == USHRT_MAX)
		return "UNSIGNED-SHORT";
	if (option->range.low == 0 && option->range.high == UINT32_MAX)
		return "UNSIGNED-INT";
	if (option->range.low == 0 && option->range.high == INT64_MAX)
		return "SIZE_T";
	return option_kind_word(option->kind);
}

/* socat's word for what value an option takes. */
static const char *socat_type_word(const struct option *option)
{
	if (option->kind == OPTION_CONST || option->kind == OPTION_BOOL)
		return option_kind_word(option->kind);
	for (size_t i = 0; i < sizeof(socat_types) / sizeof(*socat_types); i++) {
		const struct socat_type *type = &socat_types[i];

		if (type->apply != NULL && type->apply == option->effect.apply)
			return type->word;
		if (type->check != NULL && type->check == option->check)
			return type->word;
	}
	if (option->kind == OPTION_INT && option->effect.apply == NULL)
		return socat_number_word(option);
	return option_kind_word(option->kind);
}

/* Appends the words of groups in socat's order. */
static void socat_groups(unsigned groups, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof(socat_group_order) / sizeof(*socat_group_order); i++) {
		if (!(groups & socat_group_order[i]))
			continue;
		text_add_string(out, comma);
		option_groups_words(socat_group_order[i], out);
		groups &= ~socat_group_order[i];
		comma = ",";
	}
	if (groups != 0) {
		text_add_string(out, comma);
		option_groups_words(groups, out);
	}
}

/* Adds a line to a list, which owns the line and not the name. */
static void socat_list_add(struct socat_list *list, const char *name, char *line)
{
	list->lines = memory_grow(list->lines, &list->room, list->count + 1, sizeof(*list->lines));
	list->lines[list->count++] = (struct socat_line){ name, line };
}

/* Adds a line for each other name, if the list has them. */
static void socat_list_aliases(struct socat_list *list, const char *const *aliases,
	const char *phrase, const char *name)
{
	for (; list->aliases && aliases != NULL && *aliases != NULL; aliases++)
		socat_list_add(list, *aliases,
			memory_print("%s%s %s %s", list->inset, *aliases, phrase, name));
}

static int socat_line_compare(const void *a, const void *b)
{
	return strcmp(((const struct socat_line *)a)->name, ((const struct socat_line *)b)->name);
}

/* Prints a list in the order of its names, and frees it. */
static void socat_list_print(struct socat_list *list, struct text *out)
{
	if (list->count > 0)
		qsort(list->lines, list->count, sizeof(*list->lines), socat_line_compare);
	for (size_t i = 0; i < list->count; i++) {
		text_print(out, "      %s\n", list->lines[i].line);
		free(list->lines[i].line);
	}
	free(list->lines);
}

static void socat_help_address(const struct address_type *type, void *context)
{
	const char *syntax = type->syntax;
	struct text line = TEXT_EMPTY;

	text_print(&line, "%s%s%s\tgroups=", type->name,
		syntax[0] == '\0' || syntax[0] == '[' ? "" : ":", syntax);
	socat_groups(type->groups, &line);
	socat_list_add(context, type->name, text_take(&line));
	socat_list_aliases(context, type->aliases, "is an alias name for", type->name);
}

static void socat_help_option(const struct option *option, void *context)
{
	struct text line = TEXT_EMPTY;

	text_print(&line, "%s\tgroups=", option->name);
	socat_groups(option->groups, &line);
	text_print(&line, "\tphase=%s\ttype=%s", option_phase_word(option->phase),
		socat_type_word(option));
	socat_list_add(context, option->name, text_take(&line));
	socat_list_aliases(context, option->aliases, "is an alias for", option->name);
}

/* The row of our table that an option of socat's command line stands for. */
static const struct argument *socat_help_row(const char *name)
{
	const struct argument *row = argument_table;

	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	return row;
}

/* Prints the options of the command line. */
static void socat_help_arguments(const char *program, struct text *out)
{
	text_print(out,
		"%s by %s\nUsage:\n%s [options] <bi-address> <bi-address>\n"
		"   options:\n",
		program, PACKAGE_STRING, program);
	for (size_t i = 0; i < sizeof(socat_arguments) / sizeof(*socat_arguments); i++) {
		const struct socat_argument *argument = &socat_arguments[i];
		const struct argument *row = socat_help_row(argument->row);
		const char *summary = argument->summary != NULL ? argument->summary : row->summary;

		if (row->name != NULL)
			text_print(out, "      %-14s %s\n", argument->form, _(summary));
	}
}

/* Prints help in socat's layout; depth counts the h. */
void socat_help(const char *program, int depth, struct text *out)
{
	struct socat_list addresses = { .aliases = depth >= 3, .inset = "   " };
	struct socat_list options = { .aliases = depth >= 3, .inset = "" };

	socat_help_arguments(program, out);
	text_add_string(out,
		"   bi-address:\n"
		"      <single-address>!!<single-address>\n"
		"      <single-address>\n"
		"   single-address:\n"
		"      <address-head>[,<opts>]\n"
		"   address-head:\n");
	registry_visit(socat_help_address, &addresses);
	socat_list_aliases(&addresses, NAMES("-"), "is an alias name for", "STDIO");
	socat_list_print(&addresses, out);
	if (depth >= 3)
		text_add_string(out,
			"         <num> is a short form for FD:<num>\n"
			"         <filename> is a short form for GOPEN:<filename>\n");
	if (depth < 2)
		return;
	text_add_string(out,
		"   opts:\n"
		"      <opt>{,<opts>}:\n"
		"   opt:\n");
	option_visit(socat_help_option, &options);
	socat_list_print(&options, out);
}
