/* What a process becomes for good: its session, its root directory, its user. */
#ifndef PROGRAM_BECOME_H
#define PROGRAM_BECOME_H

#include <stdint.h>

#include "base/error.h"
#include "option/options.h"

int become(const struct options *options, struct error *error);
void become_leader(const struct options *options);
int become_ids(int64_t user, int64_t group, struct error *error);
int become_user(const char *name, struct error *error);
int become_rooted(const char *directory, struct error *error);

#endif
