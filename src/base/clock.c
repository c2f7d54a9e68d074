#include "base/clock.h"

#include <limits.h>
#include <time.h>

#include "base/number.h"

/* Now, on the monotonic clock. */
int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

/* The point in time after a delay; a negative or endless delay never ends. */
int64_t clock_after(int64_t delay)
{
	int64_t now = clock_now();

	return delay < 0 || delay > CLOCK_NEVER - now ? CLOCK_NEVER : now + delay;
}

/* The earlier of two points in time. */
int64_t clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long poll may sleep until then, in milliseconds rounded up; -1 for ever. */
int clock_poll_timeout(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	left = deadline - clock_now();
	if (left <= 0)
		return 0;
	left = left / 1000000 + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* Appends date and time of day as log lines and dumps have them. */
void clock_stamp(struct text *out, bool microseconds)
{
	char stamp[32];
	struct timespec now;
	struct tm parts;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &parts);
	strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &parts);
	text_add_string(out, stamp);
	if (microseconds)
		text_print(out, ".%06ld", now.tv_nsec / 1000);
}
