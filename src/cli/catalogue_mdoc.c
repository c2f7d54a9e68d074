/*
 * The catalogue as parts of the manual. In front of each item or list stands a mark by which doc/manual.awk finds it.
 * A sentence has a line of its own, so that the same script can put the French one in its place.
 */
#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "cli/catalogue.h"
#include "cli/section.h"

/* When options of a phase act, for people. */
static const char *const catalogue_phases[PHASE_COUNT] = {
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
	[PHASE_SPECIFIC] = N_("when the address needs it"),
};

/* When an option acts, in words. */
const char *catalogue_phase(const struct option *option)
{
	/* socat's table has them with what concerns the data, and they are asked for much earlier */
	if (option->phase == PHASE_OFFSET && (option->groups & GROUP_IP4))
		return N_("when a name is looked up");
	return catalogue_phases[option->phase];
}

/* Appends text so that mdoc takes no word of it for a macro or an escape, and no blank for the end of a word. */
static void catalogue_mdoc_word(struct text *out, const char *string, const char *blank)
{
	for (; *string != '\0'; string++) {
		if (*string == '\\')
			text_add_string(out, "\\e");
		else if (*string == '-')
			text_add_string(out, "\\-");
		else if (*string == '\'')
			text_add_string(out, "\\(aq");
		else if (*string == '"')
			text_add_string(out, "\\(dq");
		else if (*string == '(' && string[1] == ')')
			text_add_string(out, "(\\&");
		else if (*string == ' ')
			text_add_string(out, blank);
		else
			text_add_char(out, *string);
	}
}

/* Appends a summary as the sentence that the manual makes of it, with a capital letter, such as A or É. */
static void catalogue_mdoc_sentence(struct text *out, const char *summary)
{
	unsigned char first = (unsigned char)summary[0];

	if (first >= 'a' && first <= 'z') {
		text_add_char(out, (char)(first - 'a' + 'A'));
		summary++;
	} else if (first == 0xc3 && (unsigned char)summary[1] >= 0xa0) {
		text_add_char(out, (char)first);
		text_add_char(out, (char)((unsigned char)summary[1] - 0x20));
		summary += 2;
	}
	catalogue_mdoc_word(out, summary, " ");
	text_add_string(out, ".\n");
}

/* Appends words as arguments of a macro, with commas between them and a full stop behind the last. */
static void catalogue_mdoc_names(struct text *out, const char *macro, const char *const *names)
{
	if (names == NULL || names[0] == NULL)
		return;
	text_print(out, "%s\n.%s ", _("Also called"), macro);
	for (size_t i = 0; names[i] != NULL; i++) {
		text_add_string(out, i > 0 ? " , " : "");
		catalogue_mdoc_word(out, names[i], "\\ ");
	}
	text_add_string(out, " .\n");
}

/* Appends the words of groups as a sentence. */
static void catalogue_mdoc_groups(struct text *out, unsigned groups)
{
	struct text words = TEXT_EMPTY;

	option_groups_words(groups, &words);
	text_print(out, "%s\n", _("Groups:"));
	for (const char *c = words.data; c != NULL && *c != '\0'; c++) {
		text_add_char(out, *c);
		if (*c == ',')
			text_add_char(out, ' ');
	}
	text_add_string(out, ".\n");
	text_free(&words);
}

/* Appends an example in a line of its own. */
static void catalogue_mdoc_example(struct text *out, const char *example)
{
	text_add_string(out, ".Dl ");
	catalogue_mdoc_word(out, example, "\\ ");
	text_add_char(out, '\n');
}

static void catalogue_mdoc_address(const struct address_type *type, void *context)
{
	static const char *const uses[] = { "", N_("It can only be read."),
		N_("It can only be written."), "" };
	struct text *out = context;
	char *syntax = catalogue_syntax(type);

	text_print(out, ".\\\" @ADDRESS %s@\n.It Ic ", type->name);
	catalogue_mdoc_word(out, syntax, "\\ ");
	text_add_char(out, '\n');
	catalogue_mdoc_sentence(out, _(type->summary));
	catalogue_mdoc_names(out, "Ic", type->aliases);
	if (uses[type->use][0] != '\0')
		text_print(out, "%s\n", _(uses[type->use]));
	catalogue_mdoc_groups(out, type->groups & ~GROUPS_EVERYWHERE);
	catalogue_mdoc_example(out, type->example);
	free(syntax);
}

/* Appends all addresses, as items of a list. */
void catalogue_mdoc_addresses(struct text *out)
{
	registry_visit(catalogue_mdoc_address, out);
}

/* Appends an option as an item of a list. */
static void catalogue_mdoc_option(const struct option *option, struct text *out)
{
	char *usage = catalogue_usage(option), *example = section_example(option);

	text_add_string(out, ".It Cm ");
	catalogue_mdoc_word(out, usage, " ");
	text_add_char(out, '\n');
	catalogue_mdoc_sentence(out, _(option->summary));
	catalogue_mdoc_names(out, "Cm", option->aliases);
	text_print(out, "%s\n", _("It acts"));
	catalogue_mdoc_word(out, _(catalogue_phase(option)), " ");
	text_add_string(out, ".\n");
	if (option->effect.symbol != NULL)
		text_print(out, "%s\n.Dv %s .\n", _("To the kernel it is"), option->effect.symbol);
	catalogue_mdoc_groups(out, option->groups);
	catalogue_mdoc_example(out, example);
	free(usage);
	free(example);
}

/* The options of one section. */
struct catalogue_part {
	struct text *out;
	const struct section *section;
	size_t count;
};

/* Appends an option if its place is in this section; the first one brings the mark. */
static void catalogue_mdoc_part(const struct option *option, void *context)
{
	struct catalogue_part *part = context;

	if (section_of(option, option->groups) != part->section)
		return;
	if (part->count++ == 0)
		text_print(part->out, ".\\\" @OPTIONS %s@\n.Bl -tag -width Ds\n",
			part->section->word);
	catalogue_mdoc_option(option, part->out);
}

/* Appends all options of addresses, a list for each section. */
void catalogue_mdoc_options(struct text *out)
{
	for (const struct section *section = sections; section->word[0] != '\0'; section++) {
		struct catalogue_part part = { .out = out, .section = section };

		option_visit(catalogue_mdoc_part, &part);
		if (part.count > 0)
			text_add_string(out, ".El\n");
	}
}
