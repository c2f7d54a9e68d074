/* What "socat -h", "-hh" and "-hhh" print. */
#ifndef FACE_SOCAT_HELP_H
#define FACE_SOCAT_HELP_H

#include <stdbool.h>

#include "base/text.h"

void socat_help(const char *program, int depth, struct text *out);
bool socat_has_argument(const char *name);

#endif
