#include "cli/page.h"

#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "cli/catalogue.h"
#include "cli/section.h"
#include "option/option.h"

#define PAGE_WIDTH 78

/* Words in lines of a page, each behind the margin. */
struct page_list {
	struct text *out;
	size_t column;
	unsigned groups;	       /* options of these are listed, addresses that take them */
	const struct section *section; /* whose options are listed */
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

/* Adds an option of the section if the address takes it; the first one brings the title. */
static void page_list_option(const struct option *option, void *context)
{
	struct page_list *list = context;
	unsigned groups = option->groups & (list->groups | GROUPS_EVERYWHERE);

	if (groups == 0 || section_of(option, groups) != list->section)
		return;
	if (list->column == 0)
		text_print(list->out, _("\n%s:\n"), _(list->section->title));
	page_word(list, option->name);
}

/* The page of an address. */
static void page_address(const struct address_type *type, struct text *out)
{
	static const char *const uses[] = { "", N_("It can only be read."),
		N_("It can only be written."), "" };
	char *syntax = catalogue_syntax(type);

	text_print(out, "%s\n  %s\n", syntax, _(type->summary));
	if (uses[type->use][0] != '\0')
		text_print(out, "  %s\n", _(uses[type->use]));
	text_print(out, _("\nFor example:\n  %s\n"), type->example);
	page_aliases(type->aliases, out);
	text_add_string(out, _("\nIts options; --help and the name of one tells more.\n"));
	for (const struct section *section = sections; section->word[0] != '\0'; section++) {
		struct page_list list = { .out = out, .groups = type->groups, .section = section };

		option_visit(page_list_option, &list);
		page_list_end(&list);
	}
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
	char *usage = catalogue_usage(option), *example = section_example(option);

	text_print(out, "%s\n  %s\n", usage, _(option->summary));
	if (option->range.low != 0 || option->range.high != 0)
		text_print(out, _("  Its numbers are from %jd to %jd.\n"), option->range.low,
			option->range.high);
	text_print(out, _("  It acts %s.\n"), _(catalogue_phase(option)));
	if (option->effect.symbol != NULL)
		text_print(out, _("  To the kernel it is %s.\n"), option->effect.symbol);
	text_print(out, _("\nFor example:\n  %s\n"), example);
	page_aliases(option->aliases, out);
	if (option->groups & GROUPS_EVERYWHERE) {
		text_add_string(out, _("\nEvery address takes it.\n"));
	} else {
		text_add_string(out, _("\nThese addresses take it:\n"));
		registry_visit(page_list_address, &takers);
		page_list_end(&takers);
	}
	free(usage);
	free(example);
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
