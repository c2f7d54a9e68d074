#ifndef SESSION_LIMITS_H
#define SESSION_LIMITS_H

#include "base/text.h"

void limits_describe(struct text *out);

#endif
