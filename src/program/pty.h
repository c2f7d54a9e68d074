/*
 * A pseudo terminal: we hold the master, the other end is a device that programs take for a terminal. It can't
 * tell the end of data, and it knows nobody at its other end only after somebody was there.
 */
#ifndef PROGRAM_PTY_H
#define PROGRAM_PTY_H

#include "io/endpoint.h"
#include "option/options.h"

struct pty {
	int master;
	char *name; /* of the device */
};

int pty_open(struct pty *pty, struct error *error);
int pty_open_device(const struct pty *pty, struct error *error);
int pty_use(struct pty *pty, const struct options *options, unsigned directions,
	struct endpoint *endpoint, struct error *error);
int pty_wait(const struct endpoint *endpoint, int64_t interval, struct error *error);
bool pty_follows(const struct options *options);
void pty_free(struct pty *pty);

/* The directions of pty_use. */
enum pty_direction {
	PTY_READ = 1 << 0,
	PTY_WRITE = 1 << 1,
};

#endif
