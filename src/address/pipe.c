/* Pipes, named and not, and a pair of sockets: what is written comes back. */
#include "address/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/system.h"
#include "io/path.h"
#include "socket/entry.h"
#include "socket/make.h"

#define PIPE_MODE 0666 /* what the umask leaves of it */

static int pipe_check(const struct address *address, struct error *error)
{
	const struct spec_word *path = address->spec->params;

	if (address->spec->param_count > 0 &&
		(path->length == 0 || strlen(path->data) != path->length))
		return error_usage(error, _("the path is empty or holds a NUL byte"));
	return 0;
}

/* A pipe without a name, both ends in this process. */
static int pipe_open_unnamed(const struct address *address, struct endpoint *endpoint,
	struct error *error)
{
	int ends[2];

	if (fd_pipe(ends) < 0)
		return error_system(error, errno, _("cannot create a pipe"));
	ends[0] = fd_above_standard(ends[0]);
	ends[1] = fd_above_standard(ends[1]);
	if (address_apply(address, ends[0], false, error) < 0 ||
		address_apply(address, ends[1], false, error) < 0) {
		fd_close(&ends[0]);
		fd_close(&ends[1]);
		return -1;
	}
	return endpoint_open(endpoint, ends[0], ends[1], 0, error);
}

/* Makes the fifo if nothing is there. Returns 1 if it was made, 0 if something is there, -1 on failure. */
static int pipe_make(const struct address *address, const char *path, struct error *error)
{
	const struct name_settings *name = SETTINGS(address->options, name);
	struct stat status;

	if (entry_prepare(address->options, path, error) < 0)
		return -1;
	if (call_stat(path, &status) == 0)
		return 0;
	if (call_mkfifo(path, (mode_t)(name->mode >= 0 ? name->mode : PIPE_MODE)) < 0) {
		error_system(error, errno, _("cannot create fifo %s"), path);
		path_hint(path, O_WRONLY | O_CREAT, error->number, error);
		return -1;
	}
	log_notice("created named pipe \"%s\"", path);
	if (entry_own(address->options, path, false, error) < 0) {
		call_unlink(path);
		return -1;
	}
	return 1;
}

/* Opens a fifo: for both directions in one descriptor, which never sees an end then. */
static int pipe_open_path(const struct address *address, const struct address_context *context,
	const char *path, struct endpoint *endpoint, struct error *error)
{
	int flags = context->use == USE_BOTH ? O_RDWR
		: context->use == USE_WRITE  ? O_WRONLY
					     : O_RDONLY;
	int fd;

	flags = options_open_flags(address->options, flags);
	if (!context->alone) /* others would wait with us for the other end */
		flags |= O_NONBLOCK;
	fd = path_open(path, flags, 0, error);
	if (fd < 0)
		return -1;
	if (address_apply(address, fd, false, error) < 0) {
		fd_close(&fd);
		return -1;
	}
	if (endpoint_open(endpoint, context->use & USE_READ ? fd : -1,
		    context->use & USE_WRITE ? fd : -1, 0, error) < 0)
		return -1;
	if (context->use == USE_BOTH && (endpoint->reader->traits & STREAM_PIPE))
		endpoint->reader->traits &= ~(unsigned)STREAM_ENDS;
	return 0;
}

/* A fifo that was made here is removed at the end; one that was there stays. */
static int pipe_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	const struct name_settings *name = SETTINGS(address->options, name);
	const char *path;
	int made;

	if (address->spec->param_count == 0)
		return pipe_open_unnamed(address, endpoint, error);
	path = address_param(address, 0);
	made = pipe_make(address, path, error);
	if (made < 0)
		return -1;
	if (pipe_open_path(address, context, path, endpoint, error) < 0) {
		if (made > 0)
			call_unlink(path);
		return -1;
	}
	if (name->unlink_late)
		call_unlink(path);
	else if (name->unlink_close > 0 || (name->unlink_close < 0 && made > 0))
		endpoint_unlink(endpoint, path);
	return 0;
}

/* Two connected sockets: written to one, read from the other. */
static int pipe_open_socketpair(const struct address *address,
	const struct address_context *context, struct endpoint *endpoint, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	struct option_target target;
	int ends[2];

	(void)context;
	make_kind(address->options, &kind);
	kind.family = make_family(address->options, kind.family, error);
	if (kind.family < 0)
		return -1;
	if (system_socketpair(kind.family, kind.type, kind.protocol, ends) < 0)
		return error_system(error, errno,
			_("cannot create a pair of sockets of family %d, type %d"), kind.family,
			kind.type);
	for (int i = 0; i < 2; i++) {
		ends[i] = fd_above_standard(ends[i]);
		target = (struct option_target){ .fd = ends[i] };
		if (options_apply(address->options, PHASE_PASTSOCKET, &target, error) < 0 ||
			options_apply(address->options, PHASE_CONNECTED, &target, error) < 0 ||
			address_apply(address, ends[i], false, error) < 0) {
			fd_close(&ends[0]);
			fd_close(&ends[1]);
			return -1;
		}
	}
	return endpoint_open(endpoint, ends[0], ends[1], 0, error);
}

const struct address_type address_pipe_types[] = {
	{
		.name = "PIPE",
		.aliases = NAMES("ECHO", "FIFO"),
		.syntax = "[:<path>]",
		.param_max = 1,
		.summary = N_(
			"a pipe: without a path what is written comes back, with one it is a fifo"),
		.example = "PIPE",
		.use = USE_BOTH,
		.traits = TRAIT_HALF_CLOSES,
		.groups = GROUP_FD | GROUP_FIFO | GROUP_NAMED | GROUP_OPEN,
		.phases = PHASES_DESCRIPTOR,
		.check = pipe_check,
		.open = pipe_open,
	},
	{
		.name = "SOCKETPAIR",
		.syntax = "",
		.summary = N_("what is written comes back, message by message"),
		.example = "SOCKETPAIR",
		.use = USE_BOTH,
		.traits = TRAIT_DATAGRAM,
		.groups = GROUP_FD | GROUP_SOCKET,
		.phases = PHASES_SOCKET,
		.socket = { AF_UNIX, SOCK_DGRAM, 0 },
		.open = pipe_open_socketpair,
	},
	{ .name = NULL },
};
