#include "io/wait.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "io/signals.h"
#include "io/stream.h"

#define WAIT_SIGNALLED 0x10000 /* no event of poll: a signal has arrived that ends nothing */

/* As wait_for. A wish for statistics stays noted. */
static int wait_events(int fd, short events, int64_t deadline, struct error *error)
{
	for (;;) {
		struct pollfd slots[] = {
			{ .fd = signals_fd(), .events = POLLIN },
			{ .fd = fd, .events = events },
		};
		int n = call_poll(slots, 2, clock_poll_timeout(deadline));
		int number = 0;

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return error_system(error, errno, _("cannot wait for descriptor %d"), fd);
		if (n < 0 || slots[0].revents != 0)
			number = signals_ending();
		if (number != 0)
			return error_signal(error, number);
		if (n > 0 && slots[1].revents != 0)
			return slots[1].revents;
		if (n != 0)
			return WAIT_SIGNALLED;
		if ((deadline != CLOCK_NEVER && clock_now() >= deadline) || call_pretends())
			return 0;
	}
}

/*
 * Waits until fd shows one of the events (fd may be -1: wait for time alone). Returns the events, 0 when the
 * deadline has come, or -1 with the error filled when poll failed or a signal asks the program to end.
 */
int wait_for(int fd, short events, int64_t deadline, struct error *error)
{
	int result;

	while ((result = wait_events(fd, events, deadline, error)) == WAIT_SIGNALLED) {
		if (signals_take_statistics())
			log_warning(_("there are no statistics before the transfer starts"));
	}
	return result;
}

/* Sleeps. Returns 0, or -1 with the error filled when a signal asks the program to end. */
int wait_pause(int64_t duration, struct error *error)
{
	return wait_for(-1, 0, clock_after(duration), error);
}

/* As wait_write; what has arrived meanwhile is noted, and wakes nobody any more. */
static int wait_write_all(int fd, const void *data, size_t length)
{
	struct error error = ERROR_EMPTY;
	const char *p = data;

	while (length > 0) {
		int result = wait_events(fd, POLLOUT, CLOCK_NEVER, &error);
		ssize_t n = -1;

		if (result == WAIT_SIGNALLED)
			continue;
		if (result >= 0)
			n = stream_write_shared(fd, p, length);
		else
			errno = EINTR;
		error_clear(&error);
		if (n < 0 && errno != EAGAIN)
			return -1;
		if (n > 0) {
			p += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

/*
 * Writes everything to a descriptor that others share, waiting where it must. Returns -1 when that fails or a
 * signal asks the program to end; all signals stay pending.
 */
int wait_write(int fd, const void *data, size_t length)
{
	int result = wait_write_all(fd, data, length), number = errno;

	signals_remind();
	errno = number;
	return result;
}

/* Sleeps for the seconds that an environment variable says, so that a debugger can be attached. */
int wait_variable(const char *variable, struct error *error)
{
	const char *text = getenv(variable);
	int64_t pause;
	char *reason;

	if (text == NULL || text[0] == '\0')
		return 0;
	if (number_parse_seconds(text, &pause, &reason) < 0) {
		free(reason);
		return 0;
	}
	return wait_pause(pause, error);
}

/* Sleeps, no longer than until a child ends; SIGCHLD stays noted for whoever reaps. */
int wait_pause_or_child(int64_t duration, struct error *error)
{
	struct pollfd slot = { .fd = signals_fd(), .events = POLLIN };
	int number;

	call_poll(&slot, 1, clock_poll_timeout(clock_after(duration)));
	number = signals_ending();
	return number != 0 ? error_signal(error, number) : 0;
}
