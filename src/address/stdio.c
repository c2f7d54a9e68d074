/* Descriptors that the program was started with. They are shared with other processes and stay as they are. */
#include "address/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/memory.h"

/* Frees a stream that can't be used. Returns NULL. */
static struct stream *stdio_close(struct stream *stream)
{
	stream_close(stream);
	free(stream);
	return NULL;
}

/*
 * Makes a stream of one inherited descriptor, with the address's options applied to it. One of many has a copy of
 * its own to wait for.
 */
static struct stream *stdio_stream(const struct address *address,
	const struct address_context *context, struct endpoint *endpoint, int fd, bool reads,
	bool writes, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_PASTSOCKET, PHASE_PREBIND,
		PHASE_CONNECTED };
	struct option_target target = { .fd = fd, .inherited = true };
	struct stream *stream = memory_zero(1, sizeof(*stream));
	unsigned traits = context->alone ? STREAM_KEEP : STREAM_KEEP | STREAM_COPY;
	int own = context->alone ? fd : call_fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (stream_open(stream, reads ? own : -1, writes ? own : -1, traits) < 0) {
		error_system(error, errno, _("cannot use descriptor %d"), fd);
		if (error->number == EBADF)
			error_hint(error, _("who started nettool has closed it"));
		free(stream);
		return NULL;
	}
	if (options_of_groups(address->options, GROUP_TERMIOS) != NULL)
		endpoint_keep_terminal(endpoint, fd);
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (options_apply(address->options, phases[i], &target, error) < 0)
			return stdio_close(stream);
	}
	if (address_apply(address, fd, true, error) < 0)
		return stdio_close(stream);
	return stream;
}

/* Opens an endpoint that reads one descriptor and writes another, each only if it is used. */
static int stdio_open_pair(const struct address *address, const struct address_context *context,
	int rfd, int wfd, struct endpoint *endpoint, struct error *error)
{
	if (context->use & USE_READ) {
		endpoint->reader = stdio_stream(address, context, endpoint, rfd, true, false,
			error);
		if (endpoint->reader == NULL) {
			endpoint_close(endpoint);
			return -1;
		}
	}
	if (context->use & USE_WRITE) {
		endpoint->writer = stdio_stream(address, context, endpoint, wfd, false, true,
			error);
		if (endpoint->writer == NULL) {
			endpoint_close(endpoint);
			return -1;
		}
	}
	return 0;
}

static int stdio_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	return stdio_open_pair(address, context, STDIN_FILENO, STDOUT_FILENO, endpoint, error);
}

static int stdio_open_stderr(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	return stdio_open_pair(address, context, STDERR_FILENO, STDERR_FILENO, endpoint, error);
}

/* A descriptor by number, for whatever it is open for. */
static int fd_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	int fd = (int)strtol(address_param(address, 0), NULL, 0);
	struct stream *stream;

	if (call_fcntl(fd, F_GETFD, 0) < 0)
		return error_system(error, errno, _("descriptor %d is not open"), fd);
	if (fd > STDERR_FILENO)
		fd_set_cloexec(fd, true);
	stream = stdio_stream(address, context, endpoint, fd, (context->use & USE_READ) != 0,
		(context->use & USE_WRITE) != 0, error);
	if (stream == NULL) {
		endpoint_close(endpoint);
		return -1;
	}
	endpoint_use(endpoint, stream);
	return 0;
}

#define STDIO_ROW \
	.phases = PHASES_SOCKET, \
	.groups = GROUP_FD | GROUP_FIFO | GROUP_CHR | GROUP_BLK | GROUP_REG | GROUP_SOCKET | \
		GROUP_TERMIOS | GROUP_UNIX | GROUP_IP4 | GROUP_IP6 | GROUP_UDP | GROUP_TCP | \
		GROUP_SCTP | GROUP_DCCP | GROUP_UDPLITE

const struct address_type address_stdio_types[] = {
	{ STDIO_ROW, .syntax = "", .name = "STDIO", .aliases = NAMES("-"), .use = USE_BOTH,
		.traits = TRAIT_STDIO, .summary = N_("read standard input, write standard output"),
		.example = "-", .open = stdio_open },
	{ STDIO_ROW, .syntax = "", .name = "STDIN", .use = USE_READ, .traits = TRAIT_STDIO,
		.summary = N_("read standard input"), .example = "STDIN", .open = stdio_open },
	{ STDIO_ROW, .syntax = "", .name = "STDOUT", .use = USE_WRITE, .traits = TRAIT_STDIO,
		.summary = N_("write standard output"), .example = "STDOUT", .open = stdio_open },
	{ STDIO_ROW, .syntax = "", .name = "STDERR", .use = USE_WRITE, .traits = TRAIT_STDIO,
		.summary = N_("write standard error"), .example = "STDERR",
		.open = stdio_open_stderr },
	{ STDIO_ROW, .name = "FD", .traits = TRAIT_INHERITS, .syntax = "<number>", .param_min = 1,
		.param_max = 1, .use = USE_BOTH,
		.summary = N_("use a descriptor that was inherited open"), .example = "FD:3",
		.check = address_check_descriptor, .open = fd_open },
	{ .name = NULL },
};
