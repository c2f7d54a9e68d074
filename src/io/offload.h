/* A library call that may block for long, while signals are still obeyed. */
#ifndef IO_OFFLOAD_H
#define IO_OFFLOAD_H

#include <stdbool.h>

#include "base/error.h"

struct offload;

struct offload *offload_start(void (*work)(void *context), void *context);
bool offload_is_done(const struct offload *offload);
void offload_finish(struct offload *offload);
void offload_leave(struct offload *offload);

int offload(void (*work)(void *context), void *context, struct error *error);

#endif
