#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

#include "base/text.h"

void escape_terminal(struct text *out, const char *data, size_t length);
size_t escape_columns(const char *data, size_t length);
void escape_dump(struct text *out, const unsigned char *data, size_t length);

#endif
