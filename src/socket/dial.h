/*
 * Connecting: every address of a list in turn until one answers. Steps that never block (dial_next,
 * dial_continue) for whoever has a loop of his own, and one call that waits for those who have not.
 */
#ifndef SOCKET_DIAL_H
#define SOCKET_DIAL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/number.h"
#include "io/opening.h"
#include "io/resolve.h"
#include "option/options.h"
#include "socket/kind.h"

/* How often a UNIX listener whose queue is full is asked again. */
#define DIAL_PAUSE (SECOND / 100)

enum dial_state {
	DIAL_WAITING,	/* poll dial->fd for POLLOUT, until dial->deadline */
	DIAL_CONNECTED, /* dial->fd is connected */
	DIAL_FAILED,	/* no address answered; dial->error says why the last one did not */
};

struct dial {
	/* gives the socket its local address; 1: there is none of that family */
	int (*bind)(struct dial *dial, int family, struct error *error);
	void *context; /* of bind */
	const struct options *options;
	const char *host; /* as the user wrote it, or NULL; not owned */
	struct socket_kind kind;
	bool greets;		     /* a handshake follows once it is connected */
	struct resolve_list targets; /* owned */
	struct resolve_list locals;  /* owned; what to bind to */
	size_t next;
	int fd;
	int64_t deadline;
	struct error error;
};

void dial_init(struct dial *dial, const struct options *options, const struct socket_kind *kind);
enum dial_state dial_next(struct dial *dial);
enum dial_state dial_continue(struct dial *dial, bool ready);
int dial_wait(struct dial *dial, struct error *error);
void dial_free(struct dial *dial);

/* Where to connect to, in words. */
struct dial_names {
	const char *host, *service;
	int prefer; /* the IP version to try first */
	struct resolve_memory *memory;
};

/* Makes an endpoint of a connected descriptor, or closes it and fills the error. */
typedef int dial_finish(const void *context, int fd, int type, struct endpoint *endpoint,
	struct error *error);

int dial_look_up(struct dial *dial, const struct options *options, struct socket_kind *kind,
	const struct dial_names *names, struct error *error);
int dial_host(const struct options *options, struct socket_kind *kind,
	const struct dial_names *names, struct error *error);
struct opening *dial_start(const struct dial *dial, dial_finish *finish, const void *context);

#endif
