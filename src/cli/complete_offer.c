/* Candidates: whether one fits what is typed, how it is written, and where the words of a value come from. */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/intl.h"
#include "base/memory.h"
#include "cli/complete.h"
#include "cli/facility.h"
#include "option/option.h"

#define OFFER_ADDRESS "\\,'\"([{"
#define OFFER_WORD " \\'\"([{"
#define OFFER_NAMESPACES "/run/netns" /* where they are mounted by name */
#define OFFER_SHELL " \t\\'\"`$&|;<>()[]{}*?#!~"

/* Whether a name begins with what is typed; case counts where it makes another name. */
static bool offer_begins(const char *name, const char *typed, bool exact)
{
	for (; *typed != '\0'; name++, typed++) {
		char pair[2][2] = { { *name, '\0' }, { *typed, '\0' } };

		if (*name == '\0' || (*name != *typed && exact) ||
			!text_same_word(pair[0], pair[1]))
			return false;
	}
	return true;
}

/* Appends text with a backslash in front of each special character. */
static void offer_escape(struct text *out, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (strchr(special, *text) != NULL)
			text_add_char(out, '\\');
		text_add_char(out, *text);
	}
}

/* Appends text as an address has to have it: inside a quote that is open, or without any. */
static void offer_quote(const struct completion *completion, char quote, struct text *out,
	const char *text)
{
	const char inside[] = { '\\', completion->quote, '\0' };
	const char *special = quote == '"' ? "\\\"'([{" : quote != '\0' ? inside : OFFER_ADDRESS;

	for (; *text != '\0'; text++) {
		if (*text == '\n' || *text == '\t') {
			text_add_string(out, *text == '\n' ? "\\n" : "\\t");
			continue;
		}
		if (strchr(special, *text) != NULL ||
			(quote == '\0' && *text == ':' && completion->colons) ||
			(quote == '\0' && *text == '!' && text[1] == '!'))
			text_add_char(out, '\\');
		text_add_char(out, *text);
	}
}

/* Appends the end of a name in the form that its place asks for. */
static void offer_write(const struct completion *completion, enum complete_form form, char quote,
	struct text *out, const char *text)
{
	struct text word = TEXT_EMPTY;

	if (form == COMPLETE_WORD)
		offer_escape(&word, text, OFFER_WORD);
	else if (form == COMPLETE_SHELL)
		offer_escape(&word, text, OFFER_SHELL);
	else
		text_add_string(&word, text);
	if (word.length > 0 && completion->address && form != COMPLETE_PLAIN)
		offer_quote(completion, quote, out, word.data);
	else if (word.length > 0)
		text_add_string(out, word.data);
	text_free(&word);
}

/*
 * Offers name and tail behind what is settled, if what is typed so far begins like that. What was typed stays as
 * it was written, quotes and all. A tail says that the word goes on.
 */
void complete_offer(const struct completion *completion, enum complete_form form, const char *name,
	const char *tail, const char *summary)
{
	size_t length = strlen(completion->typed);
	bool same = strncmp(name, completion->typed, length) == 0;
	struct text line = TEXT_EMPTY;

	if (!offer_begins(name, completion->typed, form != COMPLETE_PLAIN))
		return;
	if (same)
		text_add(&line, completion->word, strlen(completion->word) - completion->dangles);
	else
		text_add(&line, completion->word, completion->head);
	offer_write(completion, form, same ? completion->quote : '\0', &line,
		same ? name + length : name);
	/* a folder leads on inside the quote, and so does a command */
	if (same && completion->quote != '\0' && form <= COMPLETE_NAME && strcmp(tail, "/") != 0)
		text_add_char(&line, completion->quote);
	text_add_string(&line, tail);
	/* a line has no room for these */
	if (line.length > 0 && strpbrk(line.data, "\n\t") == NULL)
		text_print(completion->out, "%s\t%s\n", line.data, summary);
	text_free(&line);
}

static void offer_users(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	const struct passwd *user;

	(void)place;
	(void)tail;
	setpwent();
	while ((user = getpwent()) != NULL)
		complete_offer(completion, COMPLETE_NAME, user->pw_name, "", _("user"));
	endpwent();
}

/* A <group> is one of users, or of members of a multicast, whose addresses nobody can guess. */
static void offer_groups(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	const struct group *group;

	(void)tail;
	if (!place->groups)
		return;
	setgrent();
	while ((group = getgrent()) != NULL)
		complete_offer(completion, COMPLETE_NAME, group->gr_name, "", _("group"));
	endgrent();
}

static void offer_facilities(const struct completion *completion,
	const struct complete_place *place, const char *tail)
{
	const char *name;

	(void)place;
	(void)tail;
	for (size_t i = 0; (name = facility_name(i)) != NULL; i++)
		complete_offer(completion, COMPLETE_PLAIN, name, "", _("syslog facility"));
}

/* The speeds of terminals are options too: b9600. */
static void offer_speed(const struct option *option, void *context)
{
	const char *digits = option->name + 1;

	if (option->name[0] == 'b' && digits[0] != '\0' &&
		strspn(digits, "0123456789") == strlen(digits))
		complete_offer(context, COMPLETE_PLAIN, digits, "", _("bits per second"));
}

static void offer_speeds(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	option_visit(offer_speed, (void *)completion);
}

/* The types of sockets, which are numbers. */
static void offer_socket_types(const struct completion *completion,
	const struct complete_place *place, const char *tail)
{
	static const struct {
		int type;
		char summary[32]; /* N_() */
	} types[] = {
		{ SOCK_STREAM, N_("a stream of bytes") },
		{ SOCK_DGRAM, N_("datagrams") },
		{ SOCK_RAW, N_("packets of the network layer") },
		{ SOCK_SEQPACKET, N_("packets that keep their order") },
	};

	(void)place;
	(void)tail;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		char *number = memory_print("%d", types[i].type);

		complete_offer(completion, COMPLETE_PLAIN, number, "", _(types[i].summary));
		free(number);
	}
}

static void offer_own(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)tail;
	if (place->family == AF_UNIX)
		complete_files(completion, COMPLETE_NAME, COMPLETE_ANY);
	else
		complete_own(completion, place);
}

/* A path; of a socket that is there already, if one connects to it. */
static void offer_path(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	bool socket = place->family == AF_UNIX && place->connects;

	(void)tail;
	complete_files(completion, COMPLETE_NAME, socket ? COMPLETE_SOCKET : COMPLETE_ANY);
}

static void offer_file(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	complete_files(completion, COMPLETE_NAME, COMPLETE_ANY);
}

static void offer_directory(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	complete_files(completion, COMPLETE_NAME, COMPLETE_FOLDER);
}

static void offer_namespace(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	complete_folder(completion, OFFER_NAMESPACES);
}

static void offer_program(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	complete_command(completion, COMPLETE_WORD);
}

static void offer_command(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	(void)place;
	(void)tail;
	complete_command(completion, COMPLETE_SHELL);
}

/* The kinds of values, in the words of the catalogue, and who knows what they may be. */
static const struct {
	char kind[20];
	void (*offer)(const struct completion *completion, const struct complete_place *place,
		const char *tail);
} offer_kinds[] = {
	{ "<address>", offer_own },
	{ "<bits per second>", offer_speeds },
	{ "<command>", offer_command },
	{ "<command-line>", offer_program },
	{ "<directories>", offer_directory },
	{ "<directory>", offer_directory },
	{ "<facility>", offer_facilities },
	{ "<file>", offer_file },
	{ "<group>", offer_groups },
	{ "<hops>", complete_hosts },
	{ "<host>", complete_hosts },
	{ "<hosts>", complete_hosts },
	{ "<interface>", complete_interfaces },
	{ "<local address>", offer_own },
	{ "<name>", complete_abstract },
	{ "<namespace>", offer_namespace },
	{ "<path>", offer_path },
	{ "<port>", complete_ports },
	{ "<program>", offer_program },
	{ "<protocol>", complete_protocols },
	{ "<proxy>", complete_hosts },
	{ "<shell-command>", offer_command },
	{ "<socket type>", offer_socket_types },
	{ "<user>", offer_users },
};

/* Offers what a <kind> of value may be here; kinds that nobody can guess offer nothing. */
static void offer_kind(const struct completion *completion, const char *kind,
	const struct complete_place *place, const char *tail)
{
	for (size_t i = 0; i < sizeof(offer_kinds) / sizeof(*offer_kinds); i++) {
		if (strcmp(offer_kinds[i].kind, kind) == 0)
			offer_kinds[i].offer(completion, place, tail);
	}
}

/* How long the first of several choices is, and how much stands between it and the next. */
static size_t offer_choice(const char *choices, size_t *between)
{
	static const char *const separators[] = { "|", ", ", " or " };
	size_t length = strlen(choices);

	*between = 0;
	for (size_t i = 0; i < sizeof(separators) / sizeof(*separators); i++) {
		const char *found = strstr(choices, separators[i]);

		if (found != NULL && (size_t)(found - choices) < length) {
			length = (size_t)(found - choices);
			*between = strlen(separators[i]);
		}
	}
	return length;
}

/* How many colons there are outside brackets; *last is where the text behind the last one begins. */
static size_t offer_colons(const char *text, size_t *last)
{
	size_t count = 0;
	int depth = 0;

	*last = 0;
	for (size_t i = 0; text[i] != '\0'; i++) {
		depth += (text[i] == '[') - (text[i] == ']');
		if (text[i] != ':' || depth > 0)
			continue;
		*last = i + 1;
		count++;
	}
	return count;
}

/* Offers what the part of a form such as <group>:<interface> may be that has been come to. */
static void offer_part(const struct completion *completion, const char *form,
	const struct complete_place *place, const char *tail)
{
	struct completion part = *completion;
	size_t settled, place_of, index = offer_colons(completion->typed, &settled);
	const char *start = form;
	char *kind;

	if (strchr(form, ':') == NULL)
		index = settled = 0;
	for (size_t i = 0; i <= index; i++) {
		start = strchr(i > 0 ? start + 1 : start, '<');
		if (start == NULL || strchr(start, '>') == NULL)
			return;
	}
	if (settled > 0) {
		offer_colons(completion->word + completion->head, &place_of);
		part.head += place_of;
		part.typed += settled;
	}
	kind = memory_copy(start, (size_t)(strchr(start, '>') + 1 - start));
	offer_kind(&part, kind, place, strchr(start, ':') != NULL ? ":" : tail);
	free(kind);
}

/*
 * Offers each of the words that a value may be: "begin|wait", "ip4, ip6, unix or <number>". What stands in <> is
 * the kind of a word, and the summary is that of the words.
 */
void complete_values(const struct completion *completion, const char *values,
	const struct complete_place *place, const char *tail, const char *summary)
{
	while (values != NULL && *values != '\0') {
		size_t between, length = offer_choice(values, &between);
		char *value = memory_copy(values, length);

		if (strchr(value, '<') != NULL)
			offer_part(completion, value, place, tail);
		else if (value[0] != '[' && value[0] != '.')
			complete_offer(completion, COMPLETE_PLAIN, value, tail, summary);
		free(value);
		values += length + between;
	}
}
