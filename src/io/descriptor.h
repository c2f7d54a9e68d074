#ifndef IO_DESCRIPTOR_H
#define IO_DESCRIPTOR_H

#include <stdbool.h>

#include "base/text.h"

bool descriptor_describe(int fd, struct text *line);

#endif
