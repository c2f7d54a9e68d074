#ifndef IO_PATH_H
#define IO_PATH_H

#include <sys/types.h>

#include "base/error.h"

void path_hint(const char *path, int flags, int number, struct error *error);
int path_open(const char *path, int flags, mode_t mode, struct error *error);

#endif
