/* Telling scripts and people where the program waits. */
#ifndef SESSION_ANNOUNCE_H
#define SESSION_ANNOUNCE_H

#include "io/endpoint.h"
#include "session/plan.h"

void announce_listener(const struct plan *plan, int fd);
void announce_place(const struct plan *plan, const struct endpoint *endpoint);
void announce_receiver(const struct plan *plan, const struct endpoint *endpoint);

#endif
