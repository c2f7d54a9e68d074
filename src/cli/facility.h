#ifndef CLI_FACILITY_H
#define CLI_FACILITY_H

int facility_find(const char *name, int *facility);

#endif
