#ifndef SESSION_DESCRIBE_H
#define SESSION_DESCRIBE_H

#include "relay/flow.h"

void describe_streams(const struct flow flows[2]);

#endif
