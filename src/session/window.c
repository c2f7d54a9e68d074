#include "session/window.h"

#include "io/terminal.h"
#include "program/pty.h"

/* The descriptor of a terminal that a side reads or writes, or -1. */
static int window_terminal(const struct opened *side)
{
	const struct stream *streams[] = { side->endpoint.reader, opened_writer(side) };

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		if (streams[i] != NULL && (streams[i]->traits & STREAM_TERMINAL))
			return streams[i]->rfd >= 0 ? streams[i]->rfd : streams[i]->wfd;
	}
	return -1;
}

/* Gives a pseudo terminal the size of a terminal, if it is one. */
static void window_copy(int from, const struct endpoint *to, const struct address *address)
{
	if (to->more != NULL && to->more->place != NULL && pty_follows(address->options))
		terminal_copy_size(from, to->more->device);
}

/* Passes the size of a terminal on one side on to pseudo terminals on the other. */
void window_follow(const struct plan *plan, const struct opened sides[2])
{
	for (int i = 0; i < 2; i++) {
		const struct plan_side *side = &plan->sides[i];
		int from = window_terminal(&sides[1 - i]);

		if (from < 0)
			continue;
		window_copy(from, &sides[i].endpoint, side->reader);
		if (sides[i].more != NULL)
			window_copy(from, &sides[i].more->second, side->writer);
	}
}
