#include "program/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/system.h"
#include "io/terminal.h"
#include "option/settings.h"
#include "socket/entry.h"

/* Applies the options of some phases to a descriptor. */
static int channel_apply(const struct options *options, const enum option_phase *phases,
	size_t count, int fd, struct error *error)
{
	struct option_target target = { .fd = fd };

	for (size_t i = 0; fd >= 0 && i < count; i++) {
		if (options_apply(options, phases[i], &target, error) < 0)
			return -1;
	}
	return fd >= 0 ? entry_own_descriptor(options, fd, false, error) : 0;
}

/* Applies what acts on any descriptor. */
static int channel_apply_descriptor(const struct options *options, int fd, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_OPEN, PHASE_FD, PHASE_LATE, PHASE_LATE2 };

	return channel_apply(options, phases, sizeof(phases) / sizeof(*phases), fd, error);
}

/* Applies what acts on our end of a socket pair. */
static int channel_apply_socket(const struct options *options, int fd, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_PASTSOCKET, PHASE_PREBIND,
		PHASE_CONNECTED, PHASE_OPEN, PHASE_FD, PHASE_LATE, PHASE_LATE2 };

	return channel_apply(options, phases, sizeof(phases) / sizeof(*phases), fd, error);
}

/* Applies what acts on a terminal, but for what the program has to do itself. */
static int channel_apply_terminal(const struct options *options, int fd, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_OPEN, PHASE_FD, PHASE_LATE };

	return channel_apply(options, phases, sizeof(phases) / sizeof(*phases), fd, error);
}

static int channel_open_pty(struct channel *channel, const struct options *options, bool window,
	struct error *error)
{
	channel->word = "pty";
	if (pty_open(&channel->pty, error) < 0)
		return -1;
	channel->terminal = pty_open_device(&channel->pty, error);
	if (channel->terminal < 0)
		return -1;
	channel->theirs[0] = channel->terminal;
	channel->input = channel->reads ? channel->terminal : -1;
	channel->output = channel->writes ? channel->terminal : -1;
	if (window && !terminal_copy_size(STDIN_FILENO, channel->terminal))
		terminal_copy_size(STDOUT_FILENO, channel->terminal);
	return channel_apply_terminal(options, channel->terminal, error);
}

static int channel_open_socketpair(struct channel *channel, const struct options *options,
	struct error *error)
{
	const struct socket_settings *settings = SETTINGS(options, socket);
	int type = settings->type >= 0 ? settings->type : SOCK_STREAM;
	int ends[2];

	channel->word = "socketpair";
	if (system_socketpair(AF_UNIX, type, 0, ends) < 0)
		return error_system(error, errno, _("cannot make a socket pair"));
	channel->rfd = channel->wfd = fd_above_standard(ends[0]);
	channel->theirs[0] = fd_above_standard(ends[1]);
	channel->input = channel->reads ? channel->theirs[0] : -1;
	channel->output = channel->writes ? channel->theirs[0] : -1;
	return channel_apply_socket(options, channel->rfd, error);
}

/* One pipe, with the options applied to both ends. */
static int channel_open_pipe(const struct options *options, int *reader, int *writer,
	struct error *error)
{
	int ends[2];

	if (fd_pipe(ends) < 0)
		return error_system(error, errno, _("cannot make a pipe"));
	*reader = fd_above_standard(ends[0]);
	*writer = fd_above_standard(ends[1]);
	return channel_apply_descriptor(options, *writer, error);
}

static int channel_open_pipes(struct channel *channel, const struct options *options,
	struct error *error)
{
	channel->word = "pipes";
	if (channel->reads &&
		channel_open_pipe(options, &channel->theirs[0], &channel->wfd, error) < 0)
		return -1;
	if (channel->writes &&
		channel_open_pipe(options, &channel->rfd, &channel->theirs[1], error) < 0)
		return -1;
	channel->input = channel->theirs[0];
	channel->output = channel->theirs[1];
	return 0;
}

/* Whether the options ask for a pseudo terminal. */
bool channel_is_pty(const struct options *options)
{
	const struct program_settings *program = SETTINGS(options, program);

	return program->pty || program->openpty || program->ptmx;
}

/*
 * Makes the way to a program that reads, writes, or both. Returns -1 with the error filled; channel_free has its
 * work in any case.
 */
int channel_open(struct channel *channel, const struct options *options, bool reads, bool writes,
	bool window, struct error *error)
{
	*channel = (struct channel){
		.reads = reads,
		.writes = writes,
		.input = -1,
		.output = -1,
		.terminal = -1,
		.theirs = { -1, -1 },
		.rfd = -1,
		.wfd = -1,
		.pty = { .master = -1 },
	};
	if (channel_is_pty(options))
		return channel_open_pty(channel, options, window, error);
	if (SETTINGS(options, program)->pipes)
		return channel_open_pipes(channel, options, error);
	return channel_open_socketpair(channel, options, error);
}

/* Makes our end of the channel the endpoint. */
int channel_use(struct channel *channel, const struct options *options, struct endpoint *endpoint,
	struct error *error)
{
	int rfd = channel->rfd, wfd = channel->wfd;
	unsigned directions = (channel->writes ? PTY_READ : 0u) | (channel->reads ? PTY_WRITE : 0u);

	if (channel->pty.master >= 0)
		return pty_use(&channel->pty, options, directions, endpoint, error);
	channel->rfd = channel->wfd = -1;
	return endpoint_open(endpoint, channel->writes ? rfd : -1, channel->reads ? wfd : -1,
		STREAM_PROGRAM, error);
}

/* The program has its ends: ours of them are closed, or nobody would ever see the end of data. */
void channel_hand_over(struct channel *channel)
{
	fd_close(&channel->theirs[0]);
	fd_close(&channel->theirs[1]);
}

/* Closes what is still there. */
void channel_free(struct channel *channel)
{
	channel_hand_over(channel);
	if (channel->wfd != channel->rfd)
		fd_close(&channel->wfd);
	channel->wfd = -1;
	fd_close(&channel->rfd);
	pty_free(&channel->pty);
}
