/* The option poll: every connection has a second address and a relay of its own, all in one loop. */
#ifndef SESSION_LANES_H
#define SESSION_LANES_H

#include "base/error.h"
#include "session/plan.h"

int lanes_run(const struct plan *plan, struct error *error);

#endif
