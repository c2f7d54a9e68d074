/* The face called socat: the same command line with socat's messages, times, quotes and statuses. */
#ifndef FACE_SOCAT_H
#define FACE_SOCAT_H

#include "base/text.h"

int socat_main(int argc, char **argv, const char *name);
void socat_complete(const char *name, char **words, int count, struct text *out);

#endif
