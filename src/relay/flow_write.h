#ifndef RELAY_FLOW_WRITE_H
#define RELAY_FLOW_WRITE_H

#include "relay/flow.h"

/* The parts of a flow that know each other: flow_write.c writes, flow.c decides when. */
bool flow_has_queued(const struct flow *flow);
bool flow_drain(struct flow *flow);
void flow_expose(struct flow *flow);
bool flow_emerge(struct flow *flow);
void flow_fail_write(struct flow *flow, int number);

#endif
