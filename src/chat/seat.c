#include "chat/seat.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/escape.h"
#include "chat/screen.h"

/* Changes the terminal's settings. */
static void seat_set(const struct termios *settings)
{
	while (call_tcsetattr(STDIN_FILENO, TCSADRAIN, settings) < 0 && errno == EINTR)
		;
}

/* Whether the terminal is another's just now: we are in the background. */
bool seat_is_behind(const struct library *library)
{
	pid_t group = library->tcgetpgrp(STDIN_FILENO);

	return group >= 0 && group != library->getpgrp();
}

/* Whether standard error is the same terminal. */
bool seat_has_messages(void)
{
	struct stat here, there;

	return isatty(STDERR_FILENO) && fstat(STDERR_FILENO, &there) == 0 &&
		fstat(STDOUT_FILENO, &here) == 0 && here.st_rdev == there.st_rdev;
}

/* Whether a key has been typed, or text pasted. */
bool seat_has_input(const struct seat *seat)
{
	struct pollfd slot = { .fd = STDIN_FILENO, .events = POLLIN };

	return seat->count > 0 || (poll(&slot, 1, 0) > 0 && (slot.revents & POLLIN));
}

/* Reads the keys that are there, as many as have room. Returns false if the terminal is gone. */
bool seat_fill(struct seat *seat)
{
	struct pollfd slot = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	memmove(seat->keys, seat->keys + seat->first, seat->count);
	seat->first = 0;
	if (seat->count == sizeof(seat->keys) || poll(&slot, 1, 0) <= 0)
		return true;
	if (slot.revents & (POLLHUP | POLLERR | POLLNVAL))
		return false;
	n = read(STDIN_FILENO, seat->keys + seat->count, sizeof(seat->keys) - seat->count);
	if (n > 0)
		seat->count += (size_t)n;
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Says what comes next: the editor would get confused by half a letter. */
enum seat_key seat_look(const struct seat *seat)
{
	const unsigned char *key = seat->keys + seat->first;
	uint32_t code;

	if (seat->count == 0)
		return SEAT_NOTHING;
	if (seat->inside > 0 || *key < 0x80 || !screen_is_utf8() ||
		escape_decode(key, seat->count, &code) > 0)
		return SEAT_KEY;
	/* the rest of it may be on its way */
	for (size_t i = 1; i < seat->count && i < 4; i++) {
		if ((key[i] & 0xc0) != 0x80)
			return SEAT_NO_TEXT;
	}
	return *key >= 0xc2 && *key < 0xf5 &&
			seat->count < 4 - (size_t)(*key < 0xf0) - (*key < 0xe0)
		? SEAT_NOTHING
		: SEAT_NO_TEXT;
}

/* Takes one byte, and waits for it if there is none. Returns -1 if none can come. */
int seat_next(struct seat *seat)
{
	struct pollfd slot = { .fd = STDIN_FILENO, .events = POLLIN };

	uint32_t code;
	size_t size;

	while (seat->count == 0) {
		if ((poll(&slot, 1, -1) < 0 && errno != EINTR) || !seat_fill(seat))
			return -1;
	}
	if (seat->inside > 0) {
		seat->inside--;
	} else {
		size = escape_decode(seat->keys + seat->first, seat->count, &code);
		seat->inside = size > 0 && screen_is_utf8() ? size - 1 : 0;
	}
	seat->count--;
	return seat->keys[seat->first++];
}

/* Notes how the terminal is found, before anybody changes it. */
void seat_look_around(struct seat *seat)
{
	if (!seat->known)
		seat->known = tcgetattr(STDIN_FILENO, &seat->before) == 0;
}

/* Takes the terminal over. Ctrl-C and Ctrl-Z come as characters then: what they mean is ours to decide. */
void seat_take(struct seat *seat, const struct library *library)
{
	seat_look_around(seat);
	library->rl_prep_terminal(1);
	if (tcgetattr(STDIN_FILENO, &seat->ours) < 0)
		return;
	seat->ours.c_cc[VINTR] = _POSIX_VDISABLE;
	seat->ours.c_cc[VSUSP] = _POSIX_VDISABLE;
	seat_set(&seat->ours);
}

/* Sets the terminal as we need it: whoever stopped us has left it in a state of his own. */
void seat_keep(const struct seat *seat)
{
	seat_set(&seat->ours);
}

/* Gives the terminal back as it was found, even if we have been sent to the background meanwhile. */
void seat_give(struct seat *seat, const struct library *library)
{
	sigset_t output, before;

	sigemptyset(&output);
	sigaddset(&output, SIGTTOU);
	sigprocmask(SIG_BLOCK, &output, &before);
	library->rl_deprep_terminal();
	if (seat->known)
		seat_set(&seat->before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
