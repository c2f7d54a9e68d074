/* A library call that may block for long, while signals are still obeyed. */
#ifndef IO_OFFLOAD_H
#define IO_OFFLOAD_H

#include "base/error.h"

int offload(void (*work)(void *context), void *context, struct error *error);

#endif
