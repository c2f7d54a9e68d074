/*
 * An address type is one row that ends the file which implements it; an address is a checked text of such a
 * type, ready to be opened. Kin (TCP, TCP4, TCP6) differ by data in their rows.
 */
#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/intl.h"
#include "io/endpoint.h"
#include "io/opening.h"
#include "option/options.h"
#include "option/settings.h"
#include "socket/kind.h"
#include "spec/spec.h"

/* In which directions an address can be, or is, used. */
enum address_use {
	USE_READ = 1 << 0,
	USE_WRITE = 1 << 1,
	USE_BOTH = USE_READ | USE_WRITE,
};

/* What the checks know of an address without looking at its name. */
enum address_trait {
	TRAIT_STDIO = 1 << 0,	    /* uses our standard input or output */
	TRAIT_LISTENS = 1 << 1,	    /* waits for somebody to come */
	TRAIT_DATAGRAM = 1 << 2,    /* keeps message boundaries */
	TRAIT_HALF_CLOSES = 1 << 3, /* can tell its peer that the data has ended */
	TRAIT_BYTES = 1 << 4,	    /* its parameters may hold NUL bytes, or it looks itself */
	TRAIT_INHERITS = 1 << 5, /* its first parameter is a descriptor that must be open already */
	TRAIT_SINGLE = 1 << 8,	 /* each of its endpoints is one datagram */
	TRAIT_PROGRAM = 1 << 6,	 /* starts a program, which is what its options change */
	TRAIT_COMMAND = 1 << 7,	 /* its parameters are one text, colons and all */
	TRAIT_TALKS = 1 << 9,	 /* a line is edited there, at a terminal */
	TRAIT_CONNECTS = 1 << 10, /* somebody may wait at the other end, which --scan tells */
};

struct address;

/* How an address is to be opened. */
struct address_context {
	unsigned use;		       /* enum address_use */
	int listen_family;	       /* for passive addresses without a family of their own */
	int prefer_family;	       /* whose results come first when a name has several */
	struct resolve_memory *memory; /* of names that were looked up, or NULL */
	bool other_listens;	       /* the address on the other side waits for somebody */
	bool other_talks;	       /* on the other side a line is edited */
	bool alone;		       /* nobody else waits, so opening may take its time */
	bool window; /* a pseudo terminal gets the size of ours before anybody looks at it */
};

struct address_type {
	const char *name;
	const char *const *aliases;
	const char *syntax; /* its parameters: "<host>:<port>", "[:<path>]", "" */
	size_t param_min, param_max;
	const char *summary; /* N_() */
	const char *example;
	unsigned use;
	unsigned traits;
	unsigned groups;
	unsigned phases; /* that the opener passes through */
	struct socket_kind socket;
	const char *shell; /* that runs the command: its path, or the $VARIABLE that has it */
	/* Checks what can be known without a system call; may be NULL. */
	int (*check)(const struct address *address, struct error *error);
	/* Opens the endpoint; an address that listens has listen instead, one that connects has start. */
	int (*open)(const struct address *address, const struct address_context *context,
		struct endpoint *endpoint, struct error *error);
	struct acceptor *(*listen)(const struct address *address,
		const struct address_context *context, struct error *error);
	struct opening *(*start)(const struct address *address,
		const struct address_context *context, struct error *error);
	/* Reads what all connections share, so that it needn't be done for each of them; may be NULL. */
	int (*prepare)(const struct address *address, struct error *error);
	/* Begins what has to be done with a connection that was accepted before it can be used; may be NULL. */
	struct opening *(*greet)(const struct address *address, struct endpoint *endpoint,
		struct error *error);
	/* Looks up the names that opening needs, into context->memory; may be NULL. */
	int (*look_up)(const struct address *address, const struct address_context *context,
		struct error *error);
	/* Waits, if the options want that, until somebody is at the other end; may be NULL. */
	int (*wait)(const struct address *address, const struct endpoint *endpoint,
		struct error *error);
	/* Puts a program in the place of this process; of addresses with option nofork. */
	int (*become)(const struct address *address, int rfd, int wfd, struct error *error);
};

/* One half of an address of the command line, or the whole of it. */
struct address {
	const struct address_type *type;
	const struct spec *spec;
	struct options *options;
	char *text; /* this half as the user wrote it, for messages */
};

#define PHASE_BIT(phase) (1u << (phase))
#define PHASES_DESCRIPTOR \
	(PHASE_BIT(PHASE_FD) | PHASE_BIT(PHASE_LATE) | PHASE_BIT(PHASE_LATE2) | \
		PHASE_BIT(PHASE_OPEN))
#define PHASES_SOCKET \
	(PHASES_DESCRIPTOR | PHASE_BIT(PHASE_PASTSOCKET) | PHASE_BIT(PHASE_PREBIND) | \
		PHASE_BIT(PHASE_CONNECTED) | PHASE_BIT(PHASE_LISTEN))

/* The value of a parameter that check has found to be there. */
static inline const char *address_param(const struct address *address, size_t index)
{
	return address->spec->params[index].data;
}

/* What the checks let pass. */
enum address_leniency {
	ADDRESS_ANY_GROUP = 1 << 0,   /* options of other addresses */
	ADDRESS_SKIPS_WRONG = 1 << 1, /* options that are wrong: they are told, and left out */
};

struct address *address_create(const struct spec *spec, unsigned leniency, struct error *error);
void address_free(struct address *address);
int address_check_target(const struct address *address, struct error *error);
int address_check_port(const struct address *address, size_t index, struct error *error);
int address_check_descriptor(const struct address *address, struct error *error);
int address_finish(const void *context, int fd, int type, struct endpoint *endpoint,
	struct error *error);
struct opening *address_start(const struct address *address, const struct address_context *context,
	struct error *error);
int address_look_up(const struct address *address, const struct address_context *context,
	struct error *error);
int address_dial(const struct address *address, const struct address_context *context,
	struct socket_kind *kind, struct error *error);
int address_apply(const struct address *address, int fd, bool inherited, struct error *error);

#endif
