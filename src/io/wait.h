/* Waiting for one thing before the relay runs: for a descriptor, or for time to pass; signals end it. */
#ifndef IO_WAIT_H
#define IO_WAIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

int wait_for(int fd, short events, int64_t deadline, struct error *error);
int wait_pause(int64_t duration, struct error *error);
int wait_write(int fd, const void *data, size_t length);
int wait_variable(const char *variable, struct error *error);
int wait_pause_or_child(int64_t duration, struct error *error);

#endif
