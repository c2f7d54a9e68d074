#include "io/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/call.h"
#include "base/memory.h"

/* The settings of a terminal as they were. The newest is in front. */
struct terminal {
	struct terminal *next;
	struct termios settings;
	int fd;
};

/* Remembers the settings of a descriptor that is a terminal; of any other there is nothing to remember. */
void terminal_keep(struct terminal **list, int fd)
{
	struct termios settings;
	struct terminal *terminal;

	if (call_tcgetattr(fd, &settings) < 0)
		return;
	terminal = memory_zero(1, sizeof(*terminal));
	*terminal = (struct terminal){ .next = *list, .settings = settings, .fd = fd };
	*list = terminal;
}

/*
 * Puts the terminals back into the state they were found in. A process in the background would be stopped for
 * that; the terminal has asked for it (SIGTTOU), and its user wants it all the same.
 */
void terminal_restore(struct terminal **list)
{
	sigset_t output, before;

	if (*list == NULL)
		return;
	sigemptyset(&output);
	sigaddset(&output, SIGTTOU);
	sigprocmask(SIG_BLOCK, &output, &before);
	for (struct terminal *terminal = *list; terminal != NULL; terminal = terminal->next) {
		while (call_tcsetattr(terminal->fd, TCSANOW, &terminal->settings) < 0 &&
			errno == EINTR)
			;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	terminal_forget(list);
}

/* Adds the terminals of one list to another. */
void terminal_move(struct terminal **from, struct terminal **to)
{
	while (*to != NULL)
		to = &(*to)->next;
	*to = *from;
	*from = NULL;
}

/* Forgets the terminals, which stay as they are. */
void terminal_forget(struct terminal **list)
{
	while (*list != NULL) {
		struct terminal *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

/* Gives one terminal the size of another. Returns whether there was a size to give. */
bool terminal_copy_size(int from, int to)
{
	struct winsize size;

	return call_ioctl(from, TIOCGWINSZ, &size) == 0 && size.ws_row != 0 && size.ws_col != 0 &&
		call_ioctl(to, TIOCSWINSZ, &size) == 0;
}
