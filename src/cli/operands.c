/* What stands behind the options, when it isn't two addresses. */
#include "cli/operands.h"

#include <stdlib.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

/* The type of the address that a word begins like, or NULL. */
static const struct address_type *operands_type(const char *word)
{
	char *keyword = memory_copy(word, strcspn(word, ":,!"));
	const struct address_type *type = registry_find(keyword);

	free(keyword);
	return type;
}

/* Whether a word is an address at this end of the talk, and wants one at the other end. */
static bool operands_is_terminal(const char *word)
{
	const struct address_type *type = operands_type(word);

	return word[0] == '-' || (type != NULL && (type->traits & TRAIT_STDIO));
}

/* Whether a word looks like an address. */
static bool operands_is_address(const char *word)
{
	size_t length = strcspn(word, ":,!");

	return operands_type(word) != NULL || strncmp(word, "-,", length + 1) == 0 ||
		strcmp(word, "-") == 0 || strchr(word, '/') != NULL ||
		strspn(word, "0123456789") == length;
}

/* Whether two words look like one address that a blank has cut in two. */
static bool operands_is_cut(const char *word, const char *next)
{
	const struct address_type *type = operands_type(word);

	if (type == NULL || type->param_max == 0 || operands_is_address(next))
		return false;
	return next[0] != '-' || (type->traits & TRAIT_COMMAND);
}

/* An option behind an address, or NULL. */
static const char *operands_late_option(const struct arguments *arguments)
{
	for (int i = 1; i < arguments->rest_count; i++) {
		if (arguments->rest[i][0] == '-' && !operands_is_address(arguments->rest[i]))
			return arguments->rest[i];
	}
	return NULL;
}

/* A blank may have cut one address in two: the hint shows it in one piece. */
static void operands_hint_blank(const struct arguments *arguments, struct error *error)
{
	for (int i = 0; i + 1 < arguments->rest_count; i++) {
		const char *word = arguments->rest[i], *next = arguments->rest[i + 1];
		size_t length = strlen(word);
		bool comma = length > 0 && (word[length - 1] == ',' || next[0] == ',');
		bool colon = length > 0 && word[length - 1] == ':';

		if (comma || colon) {
			error_hint(error, _("an address has no blank: %s%s"), word, next);
			return;
		}
		if (operands_is_cut(word, next)) {
			error_hint(error, _("quotes keep an address with blanks together: '%s %s'"),
				word, next);
			return;
		}
	}
}

/* How many parameters that an address needs a word doesn't have. */
static size_t operands_missing(const char *word)
{
	const struct address_type *type = operands_type(word);
	size_t count = 0;

	if (type == NULL || strpbrk(word, ",!") != NULL)
		return 0;
	for (const char *colon = strchr(word, ':'); colon != NULL; colon = strchr(colon + 1, ':'))
		count++;
	return count < type->param_min ? type->param_min - count : 0;
}

/* Blanks may stand where colons have to: the hint shows the address. */
static void operands_hint_colons(const struct arguments *arguments, struct error *error)
{
	int surplus = arguments->rest_count - 2;

	for (int i = 0; i + surplus < arguments->rest_count; i++) {
		struct text text = TEXT_EMPTY;

		if (operands_missing(arguments->rest[i]) != (size_t)surplus)
			continue;
		text_add_string(&text, arguments->rest[i]);
		for (int j = 1; j <= surplus; j++)
			text_print(&text, ":%s", arguments->rest[i + j]);
		error_hint(error,
			strchr(text.data, ' ') == NULL
				? _("a colon stands in front of each parameter: %s")
				: _("a colon stands in front of each parameter: '%s'"),
			text.data);
		text_free(&text);
		return;
	}
}

/* Whether a word is nothing but digits. */
static bool operands_is_number(const char *word)
{
	return word[0] != '\0' && strspn(word, "0123456789") == strlen(word);
}

/* A host and a port behind each other may be meant as one address. */
static void operands_hint_host(const struct arguments *arguments, struct error *error)
{
	for (int i = 0; i + 1 < arguments->rest_count && error->hint == NULL; i++) {
		const char *host = arguments->rest[i], *port = arguments->rest[i + 1];

		if (!operands_is_address(host) && host[0] != '-' && strpbrk(host, ":,! ") == NULL &&
			operands_is_number(port))
			error_hint(error, _("did you mean TCP:%s:%s?"), host, port);
	}
}

/* A host and a port that aren't joined to an address are what netcat takes. */
void operands_hint_netcat(const struct arguments *arguments, struct error *error)
{
	const char *host = arguments->rest[0], *port = arguments->rest[1];

	if (arguments->rest_count == 2 && !operands_is_address(host) &&
		strpbrk(host, ":,! ") == NULL && strspn(port, "0123456789") == strlen(port))
		error_hint(error, _("netcat's words stand behind nc: nettool nc %s %s"), host,
			port);
}

/* Not as many addresses as there have to be: perhaps a blank has cut one in two. */
int operands_wrong_count(const struct arguments *arguments, struct error *error)
{
	const char *word = arguments->rest[0];

	error_usage(error,
		_("exactly 2 addresses required (there are %d); use option \"-h\" for help"),
		arguments->rest_count);
	if (arguments->rest_count == 0 && operands_is_number(log_program()))
		error_hint(error, _("netcat's words stand behind nc: nettool nc %s %s"), "-lp",
			log_program());
	else if (arguments->rest_count == 0)
		error_hint(error, _("two addresses are joined: nettool - TCP:localhost:9090"));
	else if (arguments->rest_count == 1 && operands_is_terminal(word))
		error_hint(error, _("the other one is missing: nettool %s TCP:localhost:9090"),
			word);
	else if (arguments->rest_count == 1)
		error_hint(error, _("the other one may be this terminal: nettool %s -"), word);
	else
		operands_hint_colons(arguments, error);
	if (error->hint == NULL)
		operands_hint_blank(arguments, error);
	if (error->hint == NULL)
		operands_hint_host(arguments, error);
	for (int i = 0; error->hint == NULL && i < arguments->rest_count; i++) {
		if (!operands_is_address(arguments->rest[i]) && arguments->rest[i][0] != '-')
			error_hint(error, _("\"%s\" is no address"), arguments->rest[i]);
	}
	if (error->hint == NULL && operands_late_option(arguments) != NULL)
		error_hint(error, _("options stand in front of the addresses: nettool %s ..."),
			operands_late_option(arguments));
	return -1;
}
