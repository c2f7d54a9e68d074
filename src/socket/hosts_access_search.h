/*
 * What the files of hosts_access share: the text of the tables (hosts_access_text.c) and patterns
 * for hosts with the two ends of a connection (hosts_access_pattern.c), below the rules.
 */
#ifndef SOCKET_HOSTS_ACCESS_SEARCH_H
#define SOCKET_HOSTS_ACCESS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define HOSTS_FILES_MAX 64 /* pattern files per query, which also ends those that name themselves */
#define HOSTS_NAME_MAX 1025 /* bytes that a host name takes, with its NUL */
#define HOSTS_BLANKS " \t\r\n"
#define HOSTS_SEPARATORS ", \t\r\n"

/* What became of a pattern, a list, a rule or a table; the first two are the values of a bool. */
enum hosts_match {
	HOSTS_NO,
	HOSTS_YES,
	HOSTS_BROKEN, /* it can't be judged; the reason says why */
};

enum hosts_name {
	HOSTS_NAME_UNASKED,
	HOSTS_NAME_KNOWN,
	HOSTS_NAME_UNKNOWN,
	HOSTS_NAME_FALSE, /* there is one, but it doesn't lead back to the address */
};

/* One end of the connection. IPv4 in an IPv6 coat is stored as IPv4. */
struct hosts_end {
	int family; /* AF_INET, AF_INET6, or AF_UNSPEC for what has no such address */
	unsigned char address[16];
	unsigned int scope;
	unsigned int port;
	enum hosts_name name_state;
	char name[HOSTS_NAME_MAX];
};

/* A piece of a table; not terminated. */
struct hosts_piece {
	const char *text;
	size_t length;
};

struct hosts_search {
	const char *daemon;
	struct hosts_end peer;
	struct hosts_end local;
	const char *path; /* the table at work, and the line where the rule begins */
	unsigned long line;
	int files_left;
	char *reason;
};

/* hosts_access_text.c */
__attribute__((format(printf, 2, 3))) void hosts_remark(struct hosts_search *s, const char *format,
	...);
enum hosts_match hosts_broken(struct hosts_search *s, struct hosts_piece piece, const char *why);
bool hosts_same(struct hosts_piece piece, const char *word);
bool hosts_made_of(struct hosts_piece piece, const char *characters);
bool hosts_copy(char *buffer, size_t size, struct hosts_piece piece);
bool hosts_next(struct hosts_piece *list, const char *separators, struct hosts_piece *word);
struct hosts_piece hosts_trim(struct hosts_piece piece);
bool hosts_glob(struct hosts_piece pattern, const char *text);
bool hosts_number(struct hosts_piece piece, unsigned int limit, unsigned int *value);
enum hosts_match hosts_load(struct hosts_search *s, const char *path, char **data, size_t *length);
bool hosts_next_line(char **at, char *end, struct hosts_piece *line, unsigned long *number);
bool hosts_is_idle(struct hosts_piece line);

/* hosts_access_pattern.c */
void hosts_set_end(struct hosts_end *end, const struct sockaddr *address, socklen_t length);
enum hosts_match hosts_match_host(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern);

#endif
