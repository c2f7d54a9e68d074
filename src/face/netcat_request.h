/*
 * What a netcat's command line asks for, before it is put into nettool's words. There are three families of netcats,
 * and each face has an order in which it asks them what a letter means.
 */
#ifndef FACE_NETCAT_REQUEST_H
#define FACE_NETCAT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum netcat_family {
	NETCAT_OPENBSD = 1,
	NETCAT_TRADITIONAL = 2,
	NETCAT_NCAT = 4,
};

enum netcat_protocol {
	NETCAT_TCP,
	NETCAT_UDP,
	NETCAT_SCTP,
	NETCAT_DCCP,
	NETCAT_VSOCK,
};

#define NETCAT_UNSET INT64_MIN /* a number or time that wasn't given */

/* Texts in their order; the texts are not the list's. */
struct netcat_list {
	const char **items;
	size_t count;
	size_t room;
};

/* Numbers are NETCAT_UNSET, texts NULL, and everything else false where nothing was said. Times are nanoseconds. */
struct netcat_request {
	const char *name; /* as what the program was called */
	enum netcat_family family;
	bool help, version, translate;

	/* where to */
	int64_t ip; /* 4 or 6 */
	int64_t protocol;
	bool unix_sockets;
	bool listens, keeps, scans;
	struct netcat_list operands;
	const char *host;	  /* or the path of a UNIX socket */
	struct netcat_list ports; /* as they were written, ranges too */
	const char *peer_host;	  /* who alone may connect */
	const char *peer_port;
	const char *source, *source_port;
	struct netcat_list hops;
	int64_t hop_pointer;

	/* the socket */
	bool broadcast, debug, keepalive, numeric;
	int64_t receive_buffer, send_buffer, ttl, min_ttl;
	const char *tos;

	/* how long */
	int64_t wait;	      /* -w of nc: until connected, and of silence */
	int64_t connect_wait; /* -w of ncat */
	int64_t idle;
	int64_t quit; /* once standard input has ended; negative: never */
	int64_t pause;

	/* what passes */
	bool no_input, send_only, receive_only, shut, no_shutdown, random;
	bool crlf, telnet, pass_fd;
	int64_t packets;
	const char *shell_command, *program;
	const char *hex_file, *raw_file;
	bool append;

	/* who may, and how many */
	bool chat, broker;
	int64_t max_connections;
	struct netcat_list allow, allow_files, deny, deny_files;

	/* TLS */
	bool ssl, ssl_verify;
	const char *ssl_certificate, *ssl_key, *ssl_trust, *ssl_ciphers, *ssl_name, *ssl_alpn;

	/* proxies */
	const char *proxy, *proxy_protocol, *proxy_user;
	const char *http_proxy, *proxy_type, *proxy_auth, *proxy_dns;

	int64_t verbose;
	const char *ready_fd;
};

enum netcat_kind {
	NETCAT_FLAG,
	NETCAT_COUNT,
	NETCAT_TEXT,
	NETCAT_LIST,
	NETCAT_NUMBER,
	NETCAT_SECONDS,
	NETCAT_UNITS,  /* seconds, or ms, s, m, h behind the number */
	NETCAT_SET,    /* low is stored */
	NETCAT_CHOICE, /* low is stored, and nothing else may have been chosen */
	NETCAT_ABSENT, /* summary says why */
};

/* An option of one or more netcats. */
struct netcat_option {
	char letter;	   /* NUL: it has none */
	const char *word;  /* NULL: it has none */
	const char *value; /* what it takes; NULL: nothing */
	unsigned families; /* who knows the letter; words are known to all faces */
	enum netcat_kind kind;
	size_t offset; /* in struct netcat_request */
	int64_t low, high;
	const char *summary; /* N_() */
};

extern const struct netcat_option netcat_options[];

const struct netcat_option *netcat_find_letter(enum netcat_family family, char letter);
const struct netcat_option *netcat_find_word(const char *word, size_t length, struct error *error);

void netcat_request_init(struct netcat_request *request, const char *name);
void netcat_request_free(struct netcat_request *request);
void netcat_list_add(struct netcat_list *list, const char *item);
int netcat_parse(struct netcat_request *request, int argc, char **argv, struct error *error);
int netcat_operands(struct netcat_request *request, struct error *error);
bool netcat_is_secret(const struct netcat_request *request);
int netcat_check(const struct netcat_request *request, struct error *error);
void netcat_help(const struct netcat_request *request, struct text *out);

/* What several files ask of a request. */
static inline bool netcat_runs(const struct netcat_request *request)
{
	return request->shell_command != NULL || request->program != NULL;
}

static inline bool netcat_is_room(const struct netcat_request *request)
{
	return request->chat || request->broker ||
		(request->keeps && request->family == NETCAT_NCAT && !netcat_runs(request));
}

static inline bool netcat_is_ip(const struct netcat_request *request)
{
	return !request->unix_sockets && request->protocol != NETCAT_VSOCK;
}

#endif
