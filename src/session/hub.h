/* The option hub: all connections, and the second address, share one conversation. */
#ifndef SESSION_HUB_H
#define SESSION_HUB_H

#include "base/error.h"
#include "session/plan.h"

int hub_run(const struct plan *plan, struct error *error);

#endif
