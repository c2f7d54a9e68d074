/* From two open endpoints to the end of their relay. */
#ifndef SESSION_TRANSFER_H
#define SESSION_TRANSFER_H

#include "session/open.h"
#include "session/plan.h"

int transfer_run(const struct plan *plan, struct opened sides[2], struct error *error);

#endif
