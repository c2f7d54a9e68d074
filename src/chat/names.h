/* The names that were heard in a talk. */
#ifndef CHAT_NAMES_H
#define CHAT_NAMES_H

#include <stddef.h>

#include "base/text.h"

void names_hear(const char *line, size_t length);
const char *names_next(const char *prefix, size_t *position);
void names_list(struct text *out);

#endif
