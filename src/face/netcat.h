/* The faces called nc, netcat and ncat: their command lines are translated into nettool's. */
#ifndef FACE_NETCAT_H
#define FACE_NETCAT_H

#include "base/text.h"

int netcat_main(int argc, char **argv, const char *name);
void netcat_complete(const char *name, char **words, int count, struct text *out);

#endif
