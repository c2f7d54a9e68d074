/* The other address: a program for the peer, or standard input and output. */
#include <stdlib.h>
#include <string.h>

#include "face/netcat_options.h"
#include "face/netcat_quote.h"
#include "face/netcat_words.h"

/* The words of -e: ncat splits at blanks, and a backslash keeps what follows; to the old netcat it is all one word. */
static void netcat_add_words(const struct netcat_request *request, struct text *out)
{
	const char *p = request->program;
	struct text command = TEXT_EMPTY;

	if (request->family == NETCAT_TRADITIONAL) {
		quote_word(&command, p, strlen(p));
		p = "";
	}
	for (p += strspn(p, " \t\n"); *p != '\0'; p += strspn(p, " \t\n")) {
		struct text word = TEXT_EMPTY;

		while (*p != '\0' && strchr(" \t\n", *p) == NULL) {
			p += p[0] == '\\' && p[1] != '\0';
			text_add_char(&word, *p++);
		}
		if (command.length > 0)
			text_add_char(&command, ' ');
		quote_word(&command, word.data, word.length);
		text_free(&word);
	}
	quote_parameter(out, command.data != NULL ? command.data : "");
	text_free(&command);
}

/* The program that the peer talks to. */
static void netcat_add_program(const struct netcat_request *request, struct text *out)
{
	if (request->shell_command != NULL) {
		text_add_string(out, "SYSTEM:");
		quote_parameter(out, request->shell_command);
	} else {
		text_add_string(out, "EXEC:");
		netcat_add_words(request, out);
	}
	netcat_option(out, netcat_becomes(request) ? "nofork" : "ends-all", NULL);
}

/* Standard input and output. Where everybody hears everybody, the server itself only speaks. */
static void netcat_add_standard(const struct netcat_request *request, struct text *out)
{
	text_add_string(out, request->chat || request->broker ? "STDIN" : "-");
}

/* The address that the network is joined to. The text is the caller's. */
char *netcat_program(const struct netcat_request *request)
{
	struct text out = TEXT_EMPTY;

	if (netcat_runs(request))
		netcat_add_program(request, &out);
	else
		netcat_add_standard(request, &out);
	if (!request->no_input && !request->receive_only && !netcat_becomes(request))
		netcat_option_time(&out, "pause", request->pause);
	if (request->chat || request->broker)
		text_add_string(&out, "!!OPEN:/dev/null");
	return text_take(&out);
}
