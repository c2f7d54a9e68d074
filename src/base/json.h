#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>

#include "base/text.h"

void json_string(struct text *out, const char *data, size_t length);

#endif
