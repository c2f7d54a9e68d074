/* --pass-fd: an address is opened for whoever is at the other end of standard output, and its descriptor given away. */
#ifndef SESSION_PASS_H
#define SESSION_PASS_H

#include "io/endpoint.h"
#include "session/plan.h"

int pass_check(const struct plan *plan, struct error *error);
int pass_on(const struct plan *plan, struct endpoint *endpoint, struct error *error);

#endif
