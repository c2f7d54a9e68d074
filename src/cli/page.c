#include "cli/page.h"

#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "cli/catalogue.h"
#include "option/option.h"

#define PAGE_WIDTH 78

/* When options of a phase act, for people. */
static const char *const page_phases[PHASE_COUNT] = {
	[PHASE_INIT] = N_("before anything else"),
	[PHASE_EARLY] = N_("before the entry is looked for"),
	[PHASE_PREOPEN] = N_("before it is opened"),
	[PHASE_OPEN] = N_("in the call that opens it"),
	[PHASE_PASTOPEN] = N_("once it is open"),
	[PHASE_PRESOCKET] = N_("before the socket is made"),
	[PHASE_SOCKET] = N_("in the call that makes the socket"),
	[PHASE_PASTSOCKET] = N_("once there is a socket"),
	[PHASE_BIGEN] = N_("before there is a child process"),
	[PHASE_PASTBIGEN] = N_("in the child process, first"),
	[PHASE_PREBIND] = N_("before the socket is bound"),
	[PHASE_BIND] = N_("in the call that binds the socket"),
	[PHASE_LISTEN] = N_("when the socket listens"),
	[PHASE_CONNECT] = N_("in the call that connects"),
	[PHASE_CONNECTED] = N_("once the connection stands"),
	[PHASE_ACCEPT] = N_("when a connection is accepted"),
	[PHASE_PASTACCEPT] = N_("for each accepted connection"),
	[PHASE_OFFSET] = N_("while data passes"),
	[PHASE_FD] = N_("once there is a descriptor"),
	[PHASE_PASTFORK] = N_("after the child process was made"),
	[PHASE_LATE] = N_("just before data passes"),
	[PHASE_LATE2] = N_("at the very last, just before data passes"),
	[PHASE_PREEXEC] = N_("before the program is started"),
};

/* Words in lines of a page, each behind the margin. */
struct page_list {
	struct text *out;
	size_t column;
	unsigned groups; /* options of these are listed, addresses that take them */
};

static void page_word(struct page_list *list, const char *word)
{
	size_t length = strlen(word);

	if (list->column > 0 && list->column + 1 + length > PAGE_WIDTH) {
		text_add_char(list->out, '\n');
		list->column = 0;
	}
	text_add_string(list->out, list->column == 0 ? "  " : " ");
	text_add_string(list->out, word);
	list->column += (list->column == 0 ? 2 : 1) + length;
}

static void page_list_end(struct page_list *list)
{
	if (list->column > 0)
		text_add_char(list->out, '\n');
}

/* A line with the other names of something, if it has any. */
static void page_aliases(const char *const *aliases, struct text *out)
{
	struct page_list list = { .out = out };

	if (aliases == NULL || aliases[0] == NULL)
		return;
	text_add_string(out, _("\nAlso called:\n"));
	for (size_t i = 0; aliases[i] != NULL; i++)
		page_word(&list, aliases[i]);
	page_list_end(&list);
}

static void page_list_option(const struct option *option, void *context)
{
	struct page_list *list = context;

	if (option->groups & list->groups)
		page_word(list, option->name);
}

/* The page of an address. */
static void page_address(const struct address_type *type, struct text *out)
{
	static const char *const uses[] = { "", N_("It can only be read.\n"),
		N_("It can only be written.\n"), "" };
	struct page_list own = { .out = out, .groups = type->groups };
	struct page_list every = { .out = out, .groups = GROUPS_EVERYWHERE };
	char *syntax = catalogue_syntax(type);

	text_print(out, "%s\n  %s\n", syntax, _(type->summary));
	if (uses[type->use][0] != '\0')
		text_print(out, "  %s", _(uses[type->use]));
	text_print(out, _("\nFor example:\n  %s\n"), type->example);
	page_aliases(type->aliases, out);
	text_add_string(out, _("\nIts options; --help and the name of one tells more:\n"));
	option_visit(page_list_option, &own);
	page_list_end(&own);
	text_add_string(out, _("\nOptions of every address:\n"));
	option_visit(page_list_option, &every);
	page_list_end(&every);
	free(syntax);
}

static void page_list_address(const struct address_type *type, void *context)
{
	struct page_list *list = context;

	if (type->groups & list->groups)
		page_word(list, type->name);
}

/* The page of an option. */
static void page_option(const struct option *option, struct text *out)
{
	struct page_list takers = { .out = out, .groups = option->groups };
	char *usage = catalogue_usage(option);

	text_print(out, "%s\n  %s\n", usage, _(option->summary));
	if (option->range.low != 0 || option->range.high != 0)
		text_print(out, _("  Its numbers are from %jd to %jd.\n"), option->range.low,
			option->range.high);
	text_print(out, _("  It acts %s.\n"), _(page_phases[option->phase]));
	if (option->effect.symbol != NULL)
		text_print(out, _("  To the kernel it is %s.\n"), option->effect.symbol);
	page_aliases(option->aliases, out);
	if (option->groups & GROUPS_EVERYWHERE) {
		text_add_string(out, _("\nEvery address takes it.\n"));
	} else {
		text_add_string(out, _("\nThese addresses take it:\n"));
		registry_visit(page_list_address, &takers);
		page_list_end(&takers);
	}
	free(usage);
}

/* Says that nothing has that name, and what might have been meant. */
static int page_unknown(const char *word, struct error *error)
{
	const char *address = registry_nearest(word), *option = option_nearest(word, ~0u);

	if (registry_is_absent(word))
		return error_usage(error, _("address %s is not built in"), word);
	if (option_is_absent(word))
		return error_usage(error, _("option '%s' is not built in"), word);
	error_usage(error, _("there is no address and no option called \"%s\""), word);
	error_place(error, word, 0, strlen(word));
	if (address != NULL && option != NULL)
		error_hint(error, _("did you mean %s or %s?"), address, option);
	else if (address != NULL || option != NULL)
		error_hint(error, _("did you mean %s?"), address != NULL ? address : option);
	return -1;
}

/* Appends the page of an address, of an option, or of both where they share a name. */
int page_show(const char *word, struct text *out, struct error *error)
{
	const struct address_type *type = registry_find(strcmp(word, "-") == 0 ? "STDIO" : word);
	const struct option *option = option_find(word);

	if (type == NULL && option == NULL)
		return page_unknown(word, error);
	if (type != NULL)
		page_address(type, out);
	if (type != NULL && option != NULL)
		text_add_char(out, '\n');
	if (option != NULL)
		page_option(option, out);
	return 0;
}
