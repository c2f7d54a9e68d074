/* Runs a plan: one pair of endpoints, or one per connection in children. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "session/plan.h"

int session_run(struct plan *plan);

#endif
