/* Opening paths. A fifo may keep us waiting for its other end, which must not keep a signal waiting. */
#include "io/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/offload.h"

/* A call of open; it may outlive whoever waits for it. */
struct path_call {
	char *path;
	int flags;
	mode_t mode;
	int fd;
	int number; /* errno */
};

static void path_call_run(void *context)
{
	struct path_call *call = context;

	call->fd = open(call->path, call->flags, call->mode);
	call->number = errno;
}

/* Whether opening would wait for somebody at the other end. */
static bool path_waits(const char *path, int flags)
{
	struct stat status;

	return !(flags & O_NONBLOCK) && (flags & O_ACCMODE) != O_RDWR && stat(path, &status) == 0 &&
		S_ISFIFO(status.st_mode);
}

/* Opens a fifo in a thread. Returns the descriptor, or -1 with errno or, on a signal, the error filled. */
static int path_open_waiting(const char *path, int flags, mode_t mode, struct error *error)
{
	struct path_call *call = memory_zero(1, sizeof(*call));
	int fd, number;

	*call = (struct path_call){ memory_string(path), flags, mode, -1, 0 };
	if (offload(path_call_run, call, error) < 0)
		return -1;
	fd = call->fd;
	number = call->number;
	free(call->path);
	free(call);
	errno = number;
	return fd;
}

/*
 * As open, above the standard descriptors and inherited by nobody; a signal that asks the program to end also
 * ends the waiting. Returns the descriptor, or -1 with the error filled.
 */
int path_open(const char *path, int flags, mode_t mode, struct error *error)
{
	int fd;

	flags |= O_CLOEXEC;
	if (path_waits(path, flags))
		fd = path_open_waiting(path, flags, mode, error);
	else
		fd = open(path, flags, mode);
	if (fd < 0) {
		if (error->kind == ERROR_SIGNAL)
			return -1;
		error_system(error, errno, _("cannot open %s"), path);
		return error_call(error, "open(\"%s\", 0%o, 0%03o)", path,
			(unsigned)flags & ~(unsigned)(O_CLOEXEC | O_NOCTTY), (unsigned)mode);
	}
	fd = fd_above_standard(fd);
	log_info("open(\"%s\", 0%o, 0%o) -> %d", path, (unsigned)flags, (unsigned)mode, fd);
	return fd;
}
