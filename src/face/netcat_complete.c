/* What a netcat's command line may go on with: its options, their values, hosts, ports and paths. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/intl.h"
#include "base/memory.h"
#include "cli/complete.h"
#include "face/netcat.h"
#include "face/netcat_request.h"

/* Whether a word is one of options; "-" alone is an operand. */
static bool netcat_is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* The option of a word such as -lvp that takes the next word as its value, or NULL. */
static const struct netcat_option *netcat_waiting_letter(enum netcat_family family,
	const char *word)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		const struct netcat_option *row = netcat_find_letter(family, *p);

		if (row == NULL || row->value != NULL)
			return row != NULL && p[1] == '\0' ? row : NULL;
	}
	return NULL;
}

/* The option of a word such as --source-port that takes the next word as its value, or NULL. */
static const struct netcat_option *netcat_waiting_word(const char *word)
{
	struct error error = ERROR_EMPTY;
	const struct netcat_option *row = NULL;

	if (strchr(word, '=') == NULL && word[2] != '\0')
		row = netcat_find_word(word + 2, strlen(word + 2), &error);
	error_clear(&error);
	return row != NULL && row->value != NULL ? row : NULL;
}

/* Finds the option whose value the last word is. Says too whether options may still stand there. */
static const struct netcat_option *netcat_waiting(enum netcat_family family, char **words,
	int count, bool *options)
{
	const struct netcat_option *waiting = NULL;

	*options = true;
	for (int i = 0; i < count - 1; i++) {
		bool option = waiting == NULL && *options && netcat_is_option(words[i]);

		if (option && strcmp(words[i], "--") == 0)
			*options = option = false;
		waiting = !option	     ? NULL
			: words[i][1] == '-' ? netcat_waiting_word(words[i])
					     : netcat_waiting_letter(family, words[i]);
	}
	return waiting;
}

/* What hosts, ports and files mean to what is asked for so far. */
static struct complete_place netcat_place(const struct netcat_request *request)
{
	return (struct complete_place){
		.family = request->unix_sockets ? AF_UNIX
			: request->ip == 4	? AF_INET
			: request->ip == 6	? AF_INET6
						: AF_UNSPEC,
		.protocol = request->protocol == NETCAT_UDP ? IPPROTO_UDP
			: request->protocol == NETCAT_SCTP  ? IPPROTO_SCTP
			: request->protocol == NETCAT_DCCP  ? IPPROTO_DCCP
							    : IPPROTO_TCP,
		.local = request->listens,
		.connects = !request->listens,
	};
}

/* Offers an option by its letter, or by its word; behind an equals sign its values. */
static void netcat_complete_option(const struct completion *completion,
	const struct netcat_option *row, const struct netcat_request *request)
{
	const char *word = completion->word;
	struct complete_place place = netcat_place(request);
	char *name = memory_print("--%s", row->word != NULL ? row->word : "");
	size_t length = strlen(name);

	if (row->letter != '\0' && netcat_find_letter(request->family, row->letter) == row)
		complete_offer(completion, COMPLETE_NAME, (const char[]){ '-', row->letter, '\0' },
			"", _(row->summary));
	if (row->word != NULL)
		complete_offer(completion, COMPLETE_NAME, name, row->value != NULL ? "=" : "",
			_(row->summary));
	if (row->word != NULL && row->value != NULL && strncmp(word, name, length) == 0 &&
		word[length] == '=') {
		struct completion value;

		complete_word_init(&value, word, length + 1, completion->out);
		complete_values(&value, row->value, &place, "", _(row->summary));
	}
	free(name);
}

/* Offers an operand: a path, a host, a port, in the order in which the face wants them. */
static void netcat_complete_operand(const struct completion *completion,
	const struct netcat_request *request)
{
	struct complete_place place = netcat_place(request);
	size_t index = request->operands.count;

	if (request->unix_sockets && index == 0)
		complete_values(completion, "<path>", &place, "", "");
	if (request->unix_sockets || (request->listens && index > 1))
		return;
	if (index == 0)
		complete_values(completion, request->listens ? "<address>" : "<host>", &place, "",
			"");
	if (index > 0 || (request->listens && request->source_port == NULL))
		complete_values(completion, "<port>", &place, "", "");
}

/* Offers candidates for the last of the words; the command's own word stands in front of the first. */
void netcat_complete(const char *name, char **words, int count, struct text *out)
{
	const char *word = count > 0 ? words[count - 1] : "";
	const struct netcat_option *waiting;
	struct error error = ERROR_EMPTY;
	struct netcat_request request;
	struct completion completion;
	bool options;

	netcat_request_init(&request, name);
	waiting = netcat_waiting(request.family, words, count, &options);
	/* what is wrong so far will be told when the command runs */
	if (netcat_parse(&request, count > 0 ? count : 1, words - 1, &error) < 0)
		error_clear(&error);
	complete_word_init(&completion, word, 0, out);
	if (waiting != NULL) {
		struct complete_place place = netcat_place(&request);

		complete_values(&completion, waiting->value, &place, "", _(waiting->summary));
	} else if (options && word[0] == '-') {
		for (const struct netcat_option *row = netcat_options; row->summary != NULL;
			row++) {
			if (row->kind != NETCAT_ABSENT)
				netcat_complete_option(&completion, row, &request);
		}
	} else {
		netcat_complete_operand(&completion, &request);
	}
	netcat_request_free(&request);
}
