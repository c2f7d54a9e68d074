/* A pseudo terminal for other programs to open. */
#include "address/pty.h"

#include "program/pty.h"
#include "socket/entry.h"

/*
 * Owner and mode are those of the device, never of the master, which shares its entry with all pseudo terminals;
 * everything else acts on the terminal through the master.
 */
static int pty_apply(const struct address *address, const struct pty *pty, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_OPEN, PHASE_FD, PHASE_LATE, PHASE_LATE2 };
	struct option_target target = { .fd = pty->master };

	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (options_apply(address->options, phases[i], &target, error) < 0)
			return -1;
	}
	return entry_own_device(address->options, pty->name, error);
}

static int pty_open_address(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	unsigned directions = (context->use & USE_READ ? PTY_READ : 0u) |
		(context->use & USE_WRITE ? PTY_WRITE : 0u);
	struct pty pty;

	if (pty_open(&pty, error) < 0)
		return -1;
	if (pty_apply(address, &pty, error) == 0 &&
		pty_use(&pty, address->options, directions, endpoint, error) == 0)
		return 0;
	pty_free(&pty);
	return -1;
}

static int pty_wait_address(const struct address *address, const struct endpoint *endpoint,
	struct error *error)
{
	const struct pty_settings *settings = SETTINGS(address->options, pty);

	return settings->wait ? pty_wait(endpoint, settings->interval, error) : 0;
}

const struct address_type address_pty_types[] = {
	{ .name = "PTY",
		.syntax = "",
		.use = USE_BOTH,
		.summary = N_("make a pseudo terminal, for programs that want a terminal"),
		.example = "PTY,link=/tmp/modem,rawer",
		.groups = GROUP_FD | GROUP_NAMED | GROUP_TERMIOS | GROUP_PTY,
		.phases = PHASES_DESCRIPTOR,
		.open = pty_open_address,
		.wait = pty_wait_address },
	{ .name = NULL },
};
