/* What the two halves of a flow share: flow_read.c takes from the source, flow.c does the rest. */
#ifndef RELAY_FLOW_READ_H
#define RELAY_FLOW_READ_H

#include <stdbool.h>

#include "relay/flow.h"

bool flow_fill(struct flow *flow);
void flow_fail_read(struct flow *flow, int number);
void flow_end(struct flow *flow);

#endif
