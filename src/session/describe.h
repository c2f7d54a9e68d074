#ifndef SESSION_DESCRIBE_H
#define SESSION_DESCRIBE_H

#include "base/text.h"
#include "relay/flow.h"

void describe_streams(const struct flow flows[2]);
void describe_descriptors(int first, int last, struct text *out);

#endif
