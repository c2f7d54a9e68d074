/* Paths: OPEN as open(2) has it, CREATE, and GOPEN, which does what suits the thing that is there. */
#include "address/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/memory.h"
#include "io/path.h"
#include "socket/entry.h"
#include "socket/unix.h"

#define FILE_MODE 0666 /* what the umask leaves of it */

/* Opens a path with the flags that use and options ask for, and makes it the endpoint. */
static int file_open_flags(const struct address *address, const struct address_context *context,
	const char *path, int flags, struct endpoint *endpoint, struct error *error)
{
	const struct name_settings *name = SETTINGS(address->options, name);
	int fd, mode;

	if (entry_prepare(address->options, path, error) < 0)
		return -1;
	flags |= context->use == USE_BOTH   ? O_RDWR
		: context->use == USE_WRITE ? O_WRONLY
					    : O_RDONLY;
	flags = options_open_flags(address->options, flags);
	if (!context->alone) /* others would wait with us for the other end of a fifo */
		flags |= O_NONBLOCK;
	fd = path_open(path, flags, (mode_t)(name->mode >= 0 ? name->mode : FILE_MODE), error);
	if (fd < 0)
		return -1;
	if (options_of_groups(address->options, GROUP_TERMIOS) != NULL)
		endpoint_keep_terminal(endpoint, fd);
	if (entry_own(address->options, path, false, error) == 0 &&
		address_apply(address, fd, false, error) == 0) {
		if (name->unlink_late)
			call_unlink(path);
		else if (name->unlink_close > 0)
			endpoint_unlink(endpoint, path);
		mode = flags & O_ACCMODE;
		return endpoint_open(endpoint, mode != O_WRONLY ? fd : -1,
			mode != O_RDONLY ? fd : -1, 0, error);
	}
	endpoint_release(endpoint);
	fd_close(&fd);
	return -1;
}

static int file_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	return file_open_flags(address, context, address_param(address, 0), 0, endpoint, error);
}

/* Makes or empties a file; only for writing. */
static int file_create(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	if (!(context->use & USE_WRITE))
		return error_failed(error,
			_("read-only mode, refusing to truncate or create file"));
	return file_open_flags(address, context, address_param(address, 0), O_CREAT | O_TRUNC,
		endpoint, error);
}

/* There is something that can't be opened, and it is not even tried. */
static int file_fail(const char *path, int number, struct error *error)
{
	error_system(error, number, _("cannot open %s"), path);
	return error_call(error, "open(\"%s\")", path);
}

/* A file is appended to or created, all else is opened. */
static int file_open_found(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	const char *path = address_param(address, 0);
	struct stat status;
	int flags = 0;

	if (call_stat(path, &status) < 0) {
		if (errno != ENOENT)
			return file_fail(path, errno, error);
		status.st_mode = S_IFREG;
	}
	if (S_ISDIR(status.st_mode))
		return file_fail(path, EISDIR, error);
	if (S_ISREG(status.st_mode) && (context->use & USE_WRITE))
		flags = O_CREAT | O_APPEND;
	return file_open_flags(address, context, path, flags, endpoint, error);
}

/* Opening a path that is no socket takes a single step. */
struct file_opening {
	struct opening base;
	const struct address *address;
	struct address_context context;
};

static void file_opening_prepare(struct opening *opening, struct pollset *set)
{
	(void)opening;
	pollset_deadline(set, 0);
}

static int file_opening_step(struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error)
{
	const struct file_opening *self = (const struct file_opening *)opening;

	(void)set;
	return file_open_found(self->address, &self->context, endpoint, error) < 0 ? -1 : 1;
}

static void file_opening_free(struct opening *opening)
{
	(void)opening;
}

/* What is there decides: a socket is connected, all else opened. Owned by the caller. */
static struct opening *file_start_generic(const struct address *address,
	const struct address_context *context, struct error *error)
{
	static const struct opening_ops ops = {
		.prepare = file_opening_prepare,
		.step = file_opening_step,
		.free = file_opening_free,
	};
	const struct spec_word *path = &address->spec->params[0];
	struct file_opening *self;
	struct sockaddr_any target;
	struct stat status;

	if (call_stat(path->data, &status) == 0 && S_ISSOCK(status.st_mode)) {
		if (unix_name(address->options, path->data, path->length, false, &target, error) <
			0)
			return NULL;
		return unix_start(address->options, -1, &target, false, address_finish, address);
	}
	self = memory_zero(1, sizeof(*self));
	self->base.ops = &ops;
	self->address = address;
	self->context = *context;
	return &self->base;
}

/* A path with a NUL byte in it would be cut short in silence. */
static int file_check(const struct address *address, struct error *error)
{
	const struct spec_word *path = &address->spec->params[0];

	if (path->length == 0)
		return error_usage(error, _("the path is empty"));
	if (strlen(path->data) != path->length)
		return error_usage(error, _("a path cannot hold a NUL byte"));
	return 0;
}

#define FILE_ROW \
	.syntax = "<path>", .param_min = 1, .param_max = 1, .phases = PHASES_SOCKET, \
	.check = file_check
#define FILE_GROUPS \
	(GROUP_FD | GROUP_FIFO | GROUP_CHR | GROUP_BLK | GROUP_REG | GROUP_NAMED | GROUP_OPEN)

const struct address_type address_file_types[] = {
	{ FILE_ROW, .name = "OPEN", .aliases = NAMES("FILE"), .use = USE_BOTH,
		.groups = FILE_GROUPS | GROUP_TERMIOS,
		.summary = N_(
			"open a path as it is; options say whether to create, append, truncate"),
		.example = "OPEN:/tmp/notes,creat,append", .open = file_open },
	{ FILE_ROW, .name = "CREATE", .aliases = NAMES("CREAT"), .use = USE_WRITE,
		.groups = GROUP_FD | GROUP_REG | GROUP_NAMED | GROUP_OPEN,
		.summary = N_("write a new file, or an old one from scratch"),
		.example = "CREATE:/tmp/copy", .open = file_create },
	{ FILE_ROW, .name = "GOPEN", .use = USE_BOTH,
		.groups = FILE_GROUPS | GROUP_SOCKET | GROUP_TERMIOS | GROUP_UNIX,
		.summary = N_(
			"open whatever a path names: connect a socket, append to a file, create it"),
		.example = "./notes", .start = file_start_generic },
	{ .name = NULL },
};
