/* The pause of a flow: what it writes goes line by line, with a time between one and the next. */
#ifndef RELAY_PACE_H
#define RELAY_PACE_H

#include <stdbool.h>
#include <stddef.h>

struct flow;

bool pace_waits(const struct flow *flow);
size_t pace_length(const struct flow *flow);
void pace_wrote(struct flow *flow, size_t length);

#endif
