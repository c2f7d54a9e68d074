#ifndef CLI_FACILITY_H
#define CLI_FACILITY_H

#include <stddef.h>

int facility_find(const char *name, int *facility);
const char *facility_name(size_t index);

#endif
