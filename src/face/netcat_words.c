#include "face/netcat_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "face/netcat_options.h"
#include "face/netcat_ports.h"
#include "face/netcat_quote.h"

/* Whether packets are sent, which have no end. */
bool netcat_is_datagram(const struct netcat_request *request)
{
	return request->protocol == NETCAT_UDP && !netcat_is_secret(request);
}

/* Whether packets of all peers are taken, and none can be answered. */
bool netcat_hears_all(const struct netcat_request *request)
{
	if (!request->listens || !netcat_is_datagram(request) || netcat_runs(request))
		return false;
	return request->unix_sockets || (request->keeps && !netcat_is_room(request));
}

/* Whether the process becomes the program with the socket in its hands: nothing has to be done to the data then. */
bool netcat_becomes(const struct netcat_request *request)
{
	return netcat_runs(request) && !netcat_is_datagram(request) &&
		request->family != NETCAT_NCAT && request->hex_file == NULL &&
		request->raw_file == NULL && !request->telnet && !request->crlf &&
		request->pause == NETCAT_UNSET && request->packets == NETCAT_UNSET &&
		!netcat_is_secret(request);
}

/* Appends a word, which becomes the line's. */
static void netcat_add_word(struct netcat_line *line, char *word)
{
	line->words = memory_grow(line->words, &line->room, line->count + 2, sizeof(*line->words));
	line->words[line->count++] = word;
	line->words[line->count] = NULL;
}

static void netcat_add(struct netcat_line *line, const char *word)
{
	netcat_add_word(line, memory_string(word));
}

/* An option and its value, a word each, or one word if the option is a long one. */
static void netcat_add_value(struct netcat_line *line, const char *option, const char *value)
{
	if (option[1] == '-') {
		netcat_add_word(line, memory_print("%s=%s", option, value));
		return;
	}
	netcat_add(line, option);
	netcat_add(line, value);
}

static void netcat_add_time(struct netcat_line *line, const char *option, int64_t time)
{
	char *text = netcat_seconds(time);

	netcat_add_value(line, option, text);
	free(text);
}

/* Who speaks, and how much of it is heard. */
static void netcat_add_messages(const struct netcat_request *request, struct netcat_line *line)
{
	const char *words = request->family == NETCAT_NCAT ? "ncat"
		: request->family == NETCAT_TRADITIONAL	   ? "traditional"
							   : "openbsd";

	netcat_add_value(line, "-lp", request->family == NETCAT_NCAT ? "Ncat" : request->name);
	netcat_add_value(line, "--messages", words);
	if (request->verbose > 0)
		netcat_add(line, "-dd");
	if (request->ready_fd != NULL)
		netcat_add_value(line, "--ready-fd", request->ready_fd);
}

/* Whether it isn't said by which IP version one listens: by both then, as ncat does, or as the name is resolved. */
static bool netcat_is_both(const struct netcat_request *request)
{
	bool number = request->host != NULL &&
		(strchr(request->host, ':') != NULL ||
			request->host[strspn(request->host, "0123456789.")] == '\0');

	if (!request->listens || !netcat_is_ip(request) || request->ip != 0)
		return false;
	return request->host != NULL ? !number : request->family == NETCAT_NCAT;
}

/* How long is waited for what. */
static void netcat_add_times(const struct netcat_request *request, struct netcat_line *line)
{
	bool datagram = netcat_is_datagram(request);

	if (netcat_becomes(request))
		return;
	if (request->family == NETCAT_OPENBSD && request->wait != NETCAT_UNSET)
		netcat_add_time(line, "-T", request->wait);
	if (request->idle != NETCAT_UNSET)
		netcat_add_time(line, "-T", request->idle);
	if (request->idle != NETCAT_UNSET ||
		(request->family == NETCAT_TRADITIONAL && request->listens &&
			request->protocol == NETCAT_TCP && request->wait != NETCAT_UNSET))
		netcat_add(line, "--timeout-fails");
	if (netcat_is_room(request) || netcat_hears_all(request))
		return;
	if (request->quit >= 0)
		netcat_add_time(line, "-t", request->quit);
	else if (request->family == NETCAT_TRADITIONAL && request->wait != NETCAT_UNSET)
		netcat_add_time(line, "-t", request->wait);
	else if (datagram &&
		(request->family != NETCAT_NCAT || request->quit != NETCAT_UNSET ||
			request->listens))
		netcat_add_value(line, "-t", "+inf");
}

/* Copies of the data. */
static void netcat_add_dumps(const struct netcat_request *request, struct netcat_line *line)
{
	struct text pattern = TEXT_EMPTY;

	if (request->hex_file != NULL) {
		netcat_add(line, "-v");
		netcat_add(line, "-x");
		netcat_add_value(line, "--dump-to", request->hex_file);
	}
	if (request->raw_file == NULL)
		return;
	quote_pattern(&pattern, request->raw_file);
	netcat_add_value(line, "-r", pattern.data);
	netcat_add_value(line, "-R", pattern.data);
	text_free(&pattern);
}

/* The two addresses. One that goes on listening has to be the first, and so has the socket that a program gets. */
static void netcat_add_addresses(const struct netcat_request *request, struct netcat_line *line,
	char *network)
{
	bool first = request->keeps || netcat_is_room(request) || netcat_runs(request);
	bool receives = request->no_input || request->receive_only || netcat_hears_all(request);
	bool room = request->chat || request->broker;

	if (request->pass_fd) {
		netcat_add(line, "--pass-fd");
		netcat_add_word(line, network);
		return;
	}
	if (receives && !room)
		netcat_add(line, first ? "-u" : "-U");
	else if (request->send_only)
		netcat_add(line, first ? "-U" : "-u");
	if (first)
		netcat_add_word(line, network);
	if (!receives || !room)
		netcat_add_word(line, netcat_program(request));
	if (!first)
		netcat_add_word(line, network);
}

static struct netcat_line *netcat_add_line(struct netcat_lines *lines)
{
	lines->list = memory_grow(lines->list, &lines->room, lines->count + 1,
		sizeof(*lines->list));
	lines->list[lines->count] = (struct netcat_line){ NULL, 0, 0 };
	netcat_add(&lines->list[lines->count], "nettool");
	return &lines->list[lines->count++];
}

/* One connection, or one listener. */
static int netcat_add_transfer_line(const struct netcat_request *request, const char *port,
	struct netcat_lines *lines, struct error *error)
{
	char *network = netcat_network(request, port, error);
	struct netcat_line *line;

	if (network == NULL)
		return -1;
	line = netcat_add_line(lines);
	netcat_add_messages(request, line);
	if (request->scans) {
		/* whether there is TLS is seen by a handshake, after which nothing is said */
		netcat_add(line, "-u");
		netcat_add(line, "/dev/null");
		netcat_add_word(line, network);
		return 0;
	}
	if (netcat_is_both(request))
		netcat_add(line, "-0");
	netcat_add_times(request, line);
	netcat_add_dumps(request, line);
	netcat_add_addresses(request, line, network);
	return 0;
}

/* The address of a scan; a range is written forwards, whichever way round it was given. */
static char *netcat_scanned(const struct netcat_request *request, const char *text,
	struct error *error)
{
	struct netcat_ports range;
	char *forwards, *network;

	if (netcat_ports(request, text, 1, &range, error) < 0)
		return NULL;
	if (range.first == range.last)
		return netcat_network(request, text, error);
	forwards = memory_print("%d-%d", range.first, range.last);
	network = netcat_network(request, forwards, error);
	free(forwards);
	return network;
}

/* All ports in one scan. */
static int netcat_add_scan_line(const struct netcat_request *request, struct netcat_lines *lines,
	struct error *error)
{
	struct netcat_line *line = netcat_add_line(lines);

	netcat_add_messages(request, line);
	netcat_add(line, "--scan");
	if (request->pause != NETCAT_UNSET)
		netcat_add_time(line, "--scan-pause", request->pause);
	if (request->random)
		netcat_add(line, "--scan-random");
	for (size_t i = 0; i < request->ports.count; i++) {
		char *network = netcat_scanned(request, request->ports.items[i], error);

		if (network == NULL)
			return -1;
		netcat_add_word(line, network);
	}
	return 0;
}

/* A line for each port of a range, one after the other. */
static int netcat_add_range(const struct netcat_request *request, const char *text,
	struct netcat_lines *lines, struct error *error)
{
	int low = request->listens ? 0 : 1;
	struct netcat_ports range;

	if (netcat_ports(request, text, low, &range, error) < 0)
		return -1;
	if (range.first == range.last && strspn(text, "0123456789-") != strlen(text))
		return netcat_add_transfer_line(request, text, lines, error);
	for (int port = range.first; port <= range.last; port++) {
		char *number = memory_print("%d", port);
		int result = netcat_add_transfer_line(request, number, lines, error);

		free(number);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* Brings lines into a random order. */
static void netcat_shuffle(struct netcat_lines *lines)
{
	for (size_t i = lines->count; i > 1; i--) {
		size_t other = (size_t)random() % i;
		struct netcat_line line = lines->list[i - 1];

		lines->list[i - 1] = lines->list[other];
		lines->list[other] = line;
	}
}

/*
 * Writes a request that has been checked in nettool's words: a line, or one for each port that is connected to. Returns
 * -1 with the error filled. netcat_lines_free has its work in any case.
 */
int netcat_translate(const struct netcat_request *request, struct netcat_lines *lines,
	struct error *error)
{
	size_t count = request->pass_fd && request->ports.count > 1 ? 1 : request->ports.count;

	if (request->scans && !netcat_is_secret(request))
		return netcat_add_scan_line(request, lines, error);
	if (request->unix_sockets)
		return netcat_add_transfer_line(request, NULL, lines, error);
	for (size_t i = 0; i < count; i++) {
		if (netcat_add_range(request, request->ports.items[i], lines, error) < 0)
			return -1;
	}
	if (request->random)
		netcat_shuffle(lines);
	return 0;
}

/* Frees the lines with their words. */
void netcat_lines_free(struct netcat_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		for (size_t k = 0; k < lines->list[i].count; k++)
			free(lines->list[i].words[k]);
		free(lines->list[i].words);
	}
	free(lines->list);
	*lines = (struct netcat_lines){ NULL, 0, 0 };
}
