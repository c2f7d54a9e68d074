/* What completion offers: each candidate is a whole word, on a line with its summary behind a tab. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* A word that is being completed. What its last piece says has lost its quotes and backslashes. */
struct completion {
	struct text *out;
	const char *word;  /* what is typed of it */
	size_t head;	   /* how much of that is settled */
	const char *typed; /* what the piece behind it says so far */
	char quote;	   /* that is open in the piece, or NUL */
	bool dangles;	   /* the piece ends in a backslash that waits for its character */
	bool address;	   /* the piece belongs to an address, and obeys its grammar */
	bool colons;	   /* a colon would end the piece */
};

/* What stands around a value: which hosts, ports and files are meant. */
struct complete_place {
	int family; /* of addresses; AF_UNSPEC: IPv4 and IPv6 */
	int protocol;
	bool local;    /* hosts and ports of our own are meant */
	bool connects; /* the socket is there already */
	bool groups;   /* a <group> is one of users */
};

/* How a candidate has to be written. */
enum complete_form {
	COMPLETE_PLAIN, /* as it is */
	COMPLETE_NAME,	/* a text in which anything may stand */
	COMPLETE_WORD,	/* a word of a command that is run without a shell */
	COMPLETE_SHELL, /* a word of a command for a shell */
};

/* complete.c */
void complete_words(char **words, int count, bool (*offers)(const char *argument),
	struct text *out);
void complete_sort(struct text *out);
void complete_word_init(struct completion *completion, const char *word, size_t head,
	struct text *out);

/* complete_offer.c */
void complete_offer(const struct completion *completion, enum complete_form form, const char *name,
	const char *tail, const char *summary);
void complete_values(const struct completion *completion, const char *values,
	const struct complete_place *place, const char *tail, const char *summary);

/* complete_address.c */
void complete_address(const char *word, struct text *out);

/* complete_files.c */
enum complete_file {
	COMPLETE_ANY,
	COMPLETE_FOLDER,
	COMPLETE_SOCKET,
	COMPLETE_PROGRAM,
};

void complete_files(const struct completion *completion, enum complete_form form,
	enum complete_file wanted);
void complete_folder(const struct completion *completion, const char *folder);
void complete_command(const struct completion *completion, enum complete_form form);

/* complete_network.c */
void complete_hosts(const struct completion *completion, const struct complete_place *place,
	const char *tail);
void complete_own(const struct completion *completion, const struct complete_place *place);
void complete_ports(const struct completion *completion, const struct complete_place *place,
	const char *tail);
void complete_interfaces(const struct completion *completion, const struct complete_place *place,
	const char *tail);
void complete_protocols(const struct completion *completion, const struct complete_place *place,
	const char *tail);
void complete_abstract(const struct completion *completion, const struct complete_place *place,
	const char *tail);

#endif
