/* What "socat -V" prints. */
#ifndef FACE_SOCAT_VERSION_H
#define FACE_SOCAT_VERSION_H

#include "base/text.h"

void socat_version(const char *program, struct text *out);

#endif
