#ifndef IO_LOCKFILE_H
#define IO_LOCKFILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct lockfile {
	char *path; /* NULL: none */
	pid_t owner;
};

int lockfile_take(struct lockfile *lock, const char *path, bool wait, struct error *error);
void lockfile_release(struct lockfile *lock);

#endif
