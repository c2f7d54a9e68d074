#ifndef IO_PATH_H
#define IO_PATH_H

#include <sys/types.h>

#include "base/error.h"

int path_open(const char *path, int flags, mode_t mode, struct error *error);

#endif
