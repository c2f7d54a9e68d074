/*
 * An open endpoint: a stream to read from, one to write to (most often the same), and what has to be undone at
 * its end. An acceptor is a passive one: it yields an endpoint per connection.
 */
#ifndef IO_ENDPOINT_H
#define IO_ENDPOINT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/exports.h"
#include "io/program.h"
#include "io/sockaddr.h"
#include "io/stream.h"
#include "io/terminal.h"

struct endpoint {
	struct stream *reader, *writer; /* allocated; NULL for a direction that isn't used */
	struct program *program;	/* that was started for it, or NULL */
	struct endpoint_more *more;	/* NULL for an endpoint that has none of it */
	bool empty_ends; /* an empty datagram is the end, unless null-eof says otherwise */
};

/* What only some endpoints have. Of ten thousand idle ones this would be most of the memory. */
struct endpoint_more {
	struct sockaddr_any peer;   /* of a connection that was accepted; length 0: unknown */
	struct exports exports;	    /* what else programs are told of it */
	char *place;		    /* where others find it: a pseudo terminal; or NULL */
	int device;		    /* the descriptor that place is reached by */
	char *unlink;		    /* a path to remove at the end, or NULL */
	struct terminal *terminals; /* to be left as they were found */
	pid_t owner;		    /* only this process removes and restores */
};

struct acceptor;

struct acceptor_ops {
	/* 1: a connection; 0: none, or one that was turned away; -1 with the error filled */
	int (*accept)(struct acceptor *acceptor, struct endpoint *endpoint, struct error *error);
	/* whether accept has something without polling */
	bool (*pending)(const struct acceptor *acceptor);
	void (*free)(struct acceptor *acceptor);
};

struct acceptor {
	const struct acceptor_ops *ops;
	int fd; /* readable when somebody comes */
	char *unlink;
	pid_t owner;
};

int endpoint_open(struct endpoint *endpoint, int rfd, int wfd, unsigned traits,
	struct error *error);
void endpoint_open_socket(struct endpoint *endpoint, int fd, int type);
void endpoint_use(struct endpoint *endpoint, struct stream *stream);
struct endpoint_more *endpoint_more(struct endpoint *endpoint);
void endpoint_forget(struct endpoint *endpoint);
void endpoint_publish(const struct endpoint *endpoint, const char *program, bool here);
long endpoint_user(const struct endpoint *endpoint);
char *endpoint_path(const char *path);
void endpoint_keep_terminal(struct endpoint *endpoint, int fd);
void endpoint_unlink(struct endpoint *endpoint, const char *path);
void endpoint_release(struct endpoint *endpoint);
void endpoint_shut(struct endpoint *endpoint);
void endpoint_close(struct endpoint *endpoint);

void acceptor_stop(struct acceptor *acceptor);
void acceptor_close(struct acceptor *acceptor);

#endif
