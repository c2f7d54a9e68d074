/* What "nc -h" prints: the letters of a face with the meanings that they have there, then the words. */
#include <string.h>

#include "base/intl.h"
#include "face/netcat_request.h"

/* A line for an option: its letter, its word, its value. */
static void netcat_help_line(const struct netcat_option *row, bool letter, struct text *out)
{
	struct text name = TEXT_EMPTY;

	if (letter)
		text_print(&name, "-%c%s", row->letter, row->word != NULL ? ", " : "");
	else
		text_add_string(&name, "    ");
	if (row->word != NULL)
		text_print(&name, "--%s", row->word);
	if (row->value != NULL)
		text_print(&name, " %s", row->value);
	text_print(out, "  %-30s %s\n", name.data, _(row->summary));
	text_free(&name);
}

/* Appends the usage of a face. */
void netcat_help(const struct netcat_request *request, struct text *out)
{
	const char *name = request->name;

	text_print(out,
		_("%s of nettool %s: the netcats' command line, translated into nettool's.\n\n"),
		name, PACKAGE_VERSION);
	text_print(out,
		_("Usage: %s [options] <host> <port>\n"
		  "       %s -l [options] [<address>] <port>\n"
		  "       %s -U [-l] [options] <path>\n"),
		name, name, name);
	text_add_string(out, _("\nOptions:\n"));
	for (const struct netcat_option *row = netcat_options; row->summary != NULL; row++) {
		bool letter = row->letter != '\0' &&
			netcat_find_letter(request->family, row->letter) == row;

		if (row->kind != NETCAT_ABSENT && (letter || row->word != NULL))
			netcat_help_line(row, letter, out);
	}
	text_print(out,
		_("\nWhat a command line stands for: %s --translate ...\n"
		  "More of it: nettool-nc(1)\n"),
		name);
}
