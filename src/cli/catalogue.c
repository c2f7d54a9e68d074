#include "cli/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/section.h"
#include "option/option.h"

/* Where a listing goes and how it looks. */
struct catalogue {
	struct text *out;
	enum list_format format;
	size_t count;
};

/* Appends a list of names. */
static void catalogue_names(struct text *out, const char *const *names, const char *between)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		text_print(out, "%s%s", i > 0 ? between : "", names[i]);
}

static void catalogue_json_string(struct text *out, const char *string)
{
	json_string(out, string, strlen(string));
}

static void catalogue_json_names(struct text *out, const char *const *names)
{
	text_add_char(out, '[');
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (i > 0)
			text_add_string(out, ", ");
		catalogue_json_string(out, names[i]);
	}
	text_add_char(out, ']');
}

/* NAME:<parameters> as the user writes it; the caller owns it. */
char *catalogue_syntax(const struct address_type *type)
{
	const char *syntax = type->syntax;

	if (syntax[0] == '\0' || syntax[0] == '[')
		return memory_print("%s%s", type->name, syntax);
	return memory_print("%s:%s", type->name, syntax);
}

static void catalogue_address_json(struct catalogue *catalogue, const struct address_type *type,
	const char *syntax, const char *groups)
{
	static const char *const uses[] = { "", "r", "w", "rw" };
	struct text *out = catalogue->out;

	text_add_string(out, catalogue->count == 0 ? "  {\"name\": " : ",\n  {\"name\": ");
	catalogue_json_string(out, type->name);
	text_add_string(out, ", \"aliases\": ");
	catalogue_json_names(out, type->aliases);
	text_add_string(out, ", \"syntax\": ");
	catalogue_json_string(out, syntax);
	text_print(out, ", \"use\": \"%s\", \"groups\": ", uses[type->use]);
	catalogue_json_string(out, groups);
	text_add_string(out, ", \"summary\": ");
	catalogue_json_string(out, type->summary);
	text_add_string(out, ", \"example\": ");
	catalogue_json_string(out, type->example);
	text_add_char(out, '}');
}

static void catalogue_address(const struct address_type *type, void *context)
{
	static const char *const uses[] = { "", "r", "w", "rw" };
	struct catalogue *catalogue = context;
	struct text *out = catalogue->out;
	struct text groups = TEXT_EMPTY, names = TEXT_EMPTY;
	char *syntax = catalogue_syntax(type);

	option_groups_words(type->groups, &groups);
	catalogue_names(&names, type->aliases, ",");
	switch (catalogue->format) {
	case LIST_TABLE:
		text_print(out, "%-28s %s\n", syntax, _(type->summary));
		break;
	case LIST_TSV:
		text_print(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", type->name,
			names.length > 0 ? names.data : "", syntax, uses[type->use], groups.data,
			type->summary, type->example);
		break;
	case LIST_JSON:
		catalogue_address_json(catalogue, type, syntax, groups.data);
		break;
	case LIST_MDOC:
		break;
	}
	catalogue->count++;
	text_free(&groups);
	text_free(&names);
	free(syntax);
}

/* Appends all addresses. */
void catalogue_addresses(enum list_format format, struct text *out)
{
	struct catalogue catalogue = { .out = out, .format = format };

	if (format == LIST_MDOC) {
		catalogue_mdoc_addresses(out);
		return;
	}
	if (format == LIST_TSV)
		text_add_string(out, "name\taliases\tsyntax\tuse\tgroups\tsummary\texample\n");
	if (format == LIST_JSON)
		text_add_string(out, "[\n");
	registry_visit(catalogue_address, &catalogue);
	if (format == LIST_JSON)
		text_add_string(out, "\n]\n");
}

/* name=<value>, or name alone where there is none; the caller owns it. */
char *catalogue_usage(const struct option *option)
{
	static const char *const values[] = {
		[OPTION_BOOL] = "[=0|1]",
		[OPTION_INT] = "[=<number>]",
		[OPTION_INT_OR_EMPTY] = "=[<number>]",
		[OPTION_MODE] = "=<mode>",
		[OPTION_USER] = "=<user>",
		[OPTION_GROUP] = "=<group>",
		[OPTION_SECONDS] = "=<seconds>",
		[OPTION_SIZE] = "=<bytes>",
		[OPTION_PERCENT] = "=<percent>",
		[OPTION_STRING] = "=<text>",
		[OPTION_STRING_OR_NONE] = "[=<text>]",
		[OPTION_DATA] = "=<data>",
		[OPTION_INT_INT] = "=<number>:<number>",
		[OPTION_INT_DATA] = "=<number>:<data>",
		[OPTION_INT_STRING] = "=<number>:<text>",
		[OPTION_INT_INT_INT] = "=<number>:<number>:<number>",
		[OPTION_INT_INT_DATA] = "=<number>:<number>:<data>",
		[OPTION_INT_INT_STRING] = "=<number>:<number>:<text>",
		[OPTION_KIND_COUNT] = NULL,
	};
	const char *value = values[option->kind];

	if (option->values != NULL && option->kind == OPTION_STRING_OR_NONE)
		return memory_print("%s[=%s]", option->name, option->values);
	if (option->values != NULL)
		return memory_print("%s=%s", option->name, option->values);
	return memory_print("%s%s", option->name, value != NULL ? value : "");
}

static void catalogue_option_json(struct catalogue *catalogue, const struct option *option,
	const char *usage, const char *groups, const char *example)
{
	struct text *out = catalogue->out;

	text_add_string(out, catalogue->count == 0 ? "  {\"name\": " : ",\n  {\"name\": ");
	catalogue_json_string(out, option->name);
	text_add_string(out, ", \"aliases\": ");
	catalogue_json_names(out, option->aliases);
	text_add_string(out, ", \"usage\": ");
	catalogue_json_string(out, usage);
	text_print(out, ", \"type\": \"%s\", \"phase\": \"%s\", \"groups\": ",
		option_kind_word(option->kind), option_phase_word(option->phase));
	catalogue_json_string(out, groups);
	text_add_string(out, ", \"summary\": ");
	catalogue_json_string(out, option->summary);
	text_add_string(out, ", \"example\": ");
	catalogue_json_string(out, example);
	text_add_char(out, '}');
}

static void catalogue_option(const struct option *option, void *context)
{
	struct catalogue *catalogue = context;
	struct text *out = catalogue->out;
	struct text groups = TEXT_EMPTY, names = TEXT_EMPTY;
	char *usage = catalogue_usage(option), *example = section_example(option);

	option_groups_words(option->groups, &groups);
	catalogue_names(&names, option->aliases, ",");
	switch (catalogue->format) {
	case LIST_TABLE:
		text_print(out, "%-32s %s\n", usage, _(option->summary));
		break;
	case LIST_TSV:
		text_print(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", option->name,
			names.length > 0 ? names.data : "", usage, option_kind_word(option->kind),
			option_phase_word(option->phase), groups.data, option->summary, example);
		break;
	case LIST_JSON:
		catalogue_option_json(catalogue, option, usage, groups.data, example);
		break;
	case LIST_MDOC:
		break;
	}
	catalogue->count++;
	text_free(&groups);
	text_free(&names);
	free(usage);
	free(example);
}

/* Appends all options of addresses. */
void catalogue_options(enum list_format format, struct text *out)
{
	struct catalogue catalogue = { .out = out, .format = format };

	if (format == LIST_MDOC) {
		catalogue_mdoc_options(out);
		return;
	}
	if (format == LIST_TSV)
		text_add_string(out,
			"name\taliases\tusage\ttype\tphase\tgroups\tsummary\texample\n");
	if (format == LIST_JSON)
		text_add_string(out, "[\n");
	option_visit(catalogue_option, &catalogue);
	if (format == LIST_JSON)
		text_add_string(out, "\n]\n");
}
