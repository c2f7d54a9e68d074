/* Who looks on while data passes, for --pcap and --digest. */
#ifndef SESSION_TAPS_H
#define SESSION_TAPS_H

#include "session/open.h"
#include "session/plan.h"

int taps_check(const struct plan *plan, struct error *error);
int taps_open(struct plan *plan, struct error *error);
bool taps_close(struct plan *plan);

void taps_watch(const struct plan *plan, const struct opened sides[2]);
void taps_watch_endpoint(const struct plan *plan, int side, const struct endpoint *endpoint);

#endif
