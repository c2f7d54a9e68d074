#ifndef SESSION_COPIES_H
#define SESSION_COPIES_H

#include "base/error.h"

int copies_open(const char *pattern, struct error *error);

#endif
