#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* A point on the monotonic clock in nanoseconds; CLOCK_NEVER never comes. */
#define CLOCK_NEVER INT64_MAX

int64_t clock_now(void);
int64_t clock_after(int64_t delay);
int64_t clock_earlier(int64_t a, int64_t b);
int clock_poll_timeout(int64_t deadline);

void clock_stamp(struct text *out, bool microseconds);

#endif
