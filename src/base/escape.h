#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

size_t escape_decode(const unsigned char *p, size_t length, uint32_t *code);
bool escape_is_visible(uint32_t code);
void escape_terminal(struct text *out, const char *data, size_t length);
size_t escape_columns(const char *data, size_t length);
void escape_dump(struct text *out, const unsigned char *data, size_t length);

#endif
