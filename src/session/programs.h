/* The programs that the sides of a session have started. */
#ifndef SESSION_PROGRAMS_H
#define SESSION_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/open.h"
#include "session/plan.h"

bool programs_run(const struct opened sides[2]);
bool programs_pass_on(const struct opened sides[2], int number);
int64_t programs_patience(const struct plan *plan, const struct opened sides[2], bool failed,
	bool timed_out);
bool programs_failed(const struct plan *plan, const struct opened sides[2], bool quiet);

#endif
