/* Opening the sides of a plan: surroundings, locks, retries, and waiting for the first connection. */
#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "io/endpoint.h"
#include "io/lockfile.h"
#include "io/terminal.h"
#include "session/plan.h"

/* An opened side. */
struct opened {
	struct endpoint endpoint; /* what the relay reads and writes */
	struct opened_more *more; /* NULL for a side that has none of it */
};

/* What only some sides have. */
struct opened_more {
	struct endpoint second;	       /* the half of a dual address that is written */
	struct acceptor *acceptors[2]; /* stopped, but they have entries to remove at the end */
	struct lockfile locks[2];
};

struct opened_more *opened_more(struct opened *opened);
struct stream *opened_writer(const struct opened *opened);

int open_side(const struct plan *plan, int side, struct opened *opened, struct error *error);
int open_address(const struct plan *plan, const struct address *address, unsigned use,
	struct endpoint *endpoint, struct error *error);
int open_start(const struct plan *plan, const struct address *address, unsigned use,
	struct resolve_memory *memory, struct endpoint *endpoint, struct opening **opening,
	struct error *error);
int open_step(const struct address *address, struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error);
int open_look_up(const struct plan *plan, const struct address *address,
	struct resolve_memory *memory, struct error *error);
bool open_changes_process(const struct address *address);
void open_prepare(const struct address *address);
struct acceptor *open_listen(const struct plan *plan, const struct address *address,
	struct error *error);
int open_lock(const struct address *address, struct lockfile *lock, struct error *error);
int open_accept(const struct address *address, struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error);
int open_greet(const struct address *address, struct endpoint *endpoint, struct error *error);
bool open_program_ended(struct opened sides[2], pid_t pid, int status);
void open_leave(struct opened *opened, struct terminal **terminals);
void open_close(struct opened *opened);

#endif
