/* The command lines of nettool that do what a netcat's command line asks for. */
#ifndef FACE_NETCAT_WORDS_H
#define FACE_NETCAT_WORDS_H

#include "face/netcat_request.h"

/* The words of one command line, which ends in NULL. */
struct netcat_line {
	char **words;
	size_t count;
	size_t room;
};

struct netcat_lines {
	struct netcat_line *list;
	size_t count;
	size_t room;
};

int netcat_translate(const struct netcat_request *request, struct netcat_lines *lines,
	struct error *error);
void netcat_lines_free(struct netcat_lines *lines);

/* The addresses in a line; the texts become the caller's. */
char *netcat_network(const struct netcat_request *request, const char *port, struct error *error);
char *netcat_program(const struct netcat_request *request);

/* What becomes of options that the address and the line must agree about. */
bool netcat_is_datagram(const struct netcat_request *request);
bool netcat_hears_all(const struct netcat_request *request);
bool netcat_becomes(const struct netcat_request *request);

#endif
