/*
 * What a command line asks for, checked before the first side effect: two addresses and how to join them. A
 * plan doesn't change once it is made, but for the file that is opened when it starts; what happens while it runs is
 * in struct session.
 */
#ifndef SESSION_PLAN_H
#define SESSION_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address/address.h"
#include "base/error.h"
#include "relay/relay.h"

/* One of the two addresses. A dual one has two halves: one is read, the other written. */
struct plan_side {
	char *text;
	struct spec *spec;
	struct address *reader;
	struct address *writer; /* the same as reader, unless the address is dual */
	unsigned use;		/* enum address_use: which directions run through it */
};

/* --progress: whether to show how far the transfer has come. */
enum plan_progress {
	PLAN_PROGRESS_UNASKED,
	PLAN_PROGRESS_NEVER,
	PLAN_PROGRESS_AUTO, /* on a terminal */
	PLAN_PROGRESS_ALWAYS,
};

struct pcapng;

struct plan {
	struct plan_side sides[2];
	struct relay_settings relay;
	size_t block;		  /* -b; 0: what suits the sides */
	unsigned dump;		  /* enum dump_form */
	const char *dump_file;	  /* --dump-to, NULL: standard error */
	int dump_fd;		  /* where dumps go; the plan's, unless it is standard error */
	const char *copies[2];	  /* -r and -R, by direction */
	const char *capture_file; /* --pcap, "-": standard output; or NULL */
	struct pcapng *capture;	  /* while it is open */
	const char *digest;	  /* --digest: which one; NULL: none */
	int64_t rate;		  /* --rate: bytes a second in each direction; 0: as many as go */
	struct weather_settings weather[2]; /* with --rate: of what is written to a side */
	bool statistics;
	bool statistics_json;
	enum plan_progress progress;
	int64_t size;  /* --size: how much is to come; 0: not said */
	bool describe; /* -D */
	bool alone;    /* nobody sits at the second address of a hub, which stalls */
	bool pass_fd; /* --pass-fd: the first address is opened and given away, there is no second one */
	bool sloppy;	/* -s */
	bool any_group; /* -g */
	bool classic;	/* where socat has rules of its own, they hold */
	int listen_family;
	int prefer_family;
	const char *lock; /* -L, -W */
	bool lock_wait;
	int ready_fd;	  /* --ready-fd, -1: none */
	uint64_t signals; /* -S */
};

void plan_init(struct plan *plan);
int plan_add(struct plan *plan, int side, const char *text, struct error *error);
int plan_add_nobody(struct plan *plan, struct error *error);
int plan_check(struct plan *plan, struct error *error);
const struct address *plan_half(const struct plan *plan, int half);
const struct weather_settings *plan_weather(const struct plan *plan, int side);
int plan_open_dump(struct plan *plan, struct error *error);
int plan_failure_status(const struct plan *plan, const struct error *error);
void plan_free(struct plan *plan);

#endif
