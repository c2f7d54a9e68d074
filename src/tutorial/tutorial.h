/* --tutorial: the first three chapters of the course, walked through in one terminal with real sockets. */
#ifndef TUTORIAL_TUTORIAL_H
#define TUTORIAL_TUTORIAL_H

#include <stdint.h>

#include "base/error.h"

#define TUTORIAL_CHAPTERS 3

int tutorial_run(int chapter, uint64_t ending, struct error *error);

#endif
