/*
 * What an option is. One row says everything: its names, what value it takes, where it belongs, when it acts
 * and how. Parsing, range errors, help, the manual, completion and application all read that row; the rows
 * themselves are data in table_*.c.
 *
 * An option has one of two kinds of effect. Either it is applied to a descriptor in its phase (a socket
 * option, a lock, an ioctl), or its value is stored in a settings block that the opener reads.
 */
#ifndef OPTION_OPTION_H
#define OPTION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intl.h"
#include "spec/spec.h"

/* To which addresses an option belongs. An address type lists the groups it takes. */
enum option_group {
	GROUP_FD = 1u << 0,
	GROUP_FIFO = 1u << 1,
	GROUP_CHR = 1u << 2,
	GROUP_BLK = 1u << 3,
	GROUP_REG = 1u << 4,
	GROUP_SOCKET = 1u << 5,
	GROUP_NAMED = 1u << 6,
	GROUP_OPEN = 1u << 7,
	GROUP_TERMIOS = 1u << 8,
	GROUP_UNIX = 1u << 9,
	GROUP_IP4 = 1u << 10,
	GROUP_IP6 = 1u << 11,
	GROUP_TCP = 1u << 12,
	GROUP_UDP = 1u << 13,
	GROUP_SCTP = 1u << 14,
	GROUP_DCCP = 1u << 15,
	GROUP_UDPLITE = 1u << 16,
	GROUP_LISTEN = 1u << 17,
	GROUP_CHILD = 1u << 18,
	GROUP_RANGE = 1u << 19,
	GROUP_RETRY = 1u << 20,
	GROUP_ALL = 1u << 21, /* every address has these three */
	GROUP_APPL = 1u << 22,
	GROUP_PROCESS = 1u << 23,
	GROUP_EXEC = 1u << 24,
	GROUP_FORK = 1u << 25,
	GROUP_SHELL = 1u << 26,
	GROUP_PTY = 1u << 27,
	GROUP_PARENT = 1u << 28,
	GROUP_READLINE = 1u << 29,
	GROUP_CHAT = 1u << 30,
	GROUP_OPENSSL = 1u << 31,
};

#define GROUPS_EVERYWHERE (GROUP_ALL | GROUP_APPL | GROUP_PROCESS)

/* When an option acts, in socat's words; the order in which an opener passes through them. */
enum option_phase {
	PHASE_INIT,
	PHASE_EARLY,
	PHASE_PREOPEN,
	PHASE_OPEN,
	PHASE_PASTOPEN,
	PHASE_PRESOCKET,
	PHASE_SOCKET,
	PHASE_PASTSOCKET,
	PHASE_BIGEN,
	PHASE_PASTBIGEN,
	PHASE_PREBIND,
	PHASE_BIND,
	PHASE_LISTEN,
	PHASE_CONNECT,
	PHASE_CONNECTED,
	PHASE_ACCEPT,
	PHASE_PASTACCEPT,
	PHASE_OFFSET,
	PHASE_FD,
	PHASE_PASTFORK,
	PHASE_LATE,
	PHASE_LATE2,
	PHASE_PREEXEC,
	PHASE_SPECIFIC, /* when whoever it is for asks for it */
	PHASE_COUNT,
};

/* What value an option takes. */
enum option_kind {
	OPTION_CONST,	     /* none */
	OPTION_BOOL,	     /* none or 1: on, 0: off */
	OPTION_INT,	     /* a whole number within the row's range; none means 1 */
	OPTION_INT_OR_EMPTY, /* the same, and "name=" stores OPTION_EMPTY */
	OPTION_MODE,	     /* permission bits, octal */
	OPTION_USER,	     /* a user's name or number */
	OPTION_GROUP,	     /* a group's name or number */
	OPTION_SECONDS,	     /* a time such as 0.5, 500ms, 1m; stored as nanoseconds */
	OPTION_SIZE,	     /* bytes with units: 64k, 1M, 1Gi, within the row's range */
	OPTION_PERCENT,	     /* 0 to 100 with decimals, stored as millionths of the whole */
	OPTION_STRING,
	OPTION_STRING_OR_NONE, /* "name" alone stores "" */
	OPTION_DATA,	       /* bytes in data notation */
	OPTION_INT_INT,	       /* number:number */
	OPTION_INT_DATA,       /* number:data */
	OPTION_INT_STRING,     /* number:text */
	OPTION_INT_INT_INT,    /* number:number:number */
	OPTION_INT_INT_DATA,   /* number:number:data */
	OPTION_INT_INT_STRING, /* number:number:text */
	OPTION_KIND_COUNT,
};

#define OPTION_EMPTY INT_MIN

/* In the place of a constant that this system doesn't have. */
#define OPTION_MISSING (-1)

struct option_value {
	intmax_t numbers[3]; /* count by kind; the id of a user or group; nanoseconds */
	const char *string;  /* as written, unquoted; never NULL */
	unsigned char *data; /* of the kinds with data, owned */
	size_t length;	     /* of data, or of string */
};

struct option;
struct options;

/* An option as the user gave it to one address. */
struct option_use {
	const struct option *option;
	const struct spec_option *spec;
	struct option_value value;
};

/* What an option acts on in its phase. */
struct option_target {
	int fd;
	bool inherited; /* the descriptor is shared with other processes */
};

typedef int option_apply(const struct option_use *use, const struct option_target *target,
	struct error *error);

/* A struct of settings that options fill and openers read. */
struct settings_block {
	size_t size;
	const void *defaults;
};

struct option_effect {
	option_apply *apply; /* NULL for an option whose value is stored */
	int level;	     /* of a socket option */
	int number;	     /* socket option, open flag, lock, ioctl request ... */
	unsigned mask;	     /* of a field of bits, such as CSIZE */
	const char *symbol;  /* the names of the constants, for messages and --explain */
	const struct settings_block *block;
	size_t offset; /* of the stored member */
	size_t size;
	size_t clear_offset; /* STORE_BITS: the member for bits switched off; 0: no bits */
};

struct option {
	const char *name;
	const char *const *aliases; /* ends in NULL, or is NULL */
	enum option_kind kind;
	struct {
		intmax_t low, high;
	} range; /* of each number; both 0: any int */
	unsigned groups;
	enum option_phase phase;
	const char *summary; /* N_() */
	const char *values;  /* what stands behind '=', where the kind doesn't tell */
	struct option_effect effect;
	int (*check)(const char *value, char **reason); /* more, before anything is opened */
};

#define NAMES(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}

/* The effects. SOCKOPT and its kin name the constants once and keep their spelling. */
#define SOCKOPT(level_, name_) \
	{ \
		.apply = apply_sockopt, .level = level_, .number = name_, \
		.symbol = #level_ ", " #name_ \
	}
#define SOCKOPT_BY(function, level_, name_) \
	{ \
		.apply = function, .level = level_, .number = name_, .symbol = #level_ ", " #name_ \
	}
#define OPEN_FLAG(flag) \
	{ \
		.apply = apply_open_flag, .number = flag, .symbol = #flag \
	}
#define CALL(function) \
	{ \
		.apply = function \
	}
#define CALL_WITH(function, constant) \
	{ \
		.apply = function, .number = (int)(constant), .symbol = #constant \
	}
#define STORE(block_, member) \
	{ \
		.block = &block_##_block, .offset = offsetof(struct block_##_settings, member), \
		.size = sizeof(((struct block_##_settings *)0)->member) \
	}
#define STORE_WITH(block_, member, constant) /* stored, and useless without the constant */ \
	{ \
		.block = &block_##_block, .offset = offsetof(struct block_##_settings, member), \
		.size = sizeof(((struct block_##_settings *)0)->member), .number = constant, \
		.symbol = #constant \
	}
#define STORE_CONSTANT(block_, member, constant) \
	{ \
		.block = &block_##_block, .offset = offsetof(struct block_##_settings, member), \
		.size = sizeof(((struct block_##_settings *)0)->member), .number = constant \
	}
#define STORE_BITS(block_, set, clear, bits) \
	{ \
		.block = &block_##_block, .offset = offsetof(struct block_##_settings, set), \
		.size = sizeof(((struct block_##_settings *)0)->set), \
		.clear_offset = offsetof(struct block_##_settings, clear), .number = bits \
	}

/* The tables. Each ends in a row without a name. */
extern const struct option *const option_tables[];

const struct option *option_find(const char *name);
bool option_is_called(const struct option *option, const char *name);
const char *option_nearest(const char *name, unsigned groups);
bool option_is_absent(const char *name); /* absent.c */
const char *option_missing(const struct option *option);
const char *option_constant(const struct option_effect *effect);
const char *option_symbol(int level, int number);
const char *option_example(const struct option *option); /* example.c */
const char *option_kind_word(enum option_kind kind);
const char *option_phase_word(enum option_phase phase);
void option_groups_words(unsigned groups, struct text *out);

/* Calls visit for every option in every table that this system can apply. */
void option_visit(void (*visit)(const struct option *option, void *context), void *context);

/* value.c */
int option_value_parse(const struct option *option, const struct spec_option *spec,
	struct option_value *value, char **reason);
void option_value_free(struct option_value *value);
size_t option_number_count(enum option_kind kind);
int option_user_find(const char *text, intmax_t *id, char **reason);
int option_group_find(const char *text, intmax_t *id, char **reason);

#endif
