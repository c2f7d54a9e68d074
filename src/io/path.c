/* Opening paths. A fifo may keep us waiting for its other end, which must not keep a signal waiting. */
#include "io/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/near.h"
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

	call->fd = call_open(call->path, call->flags, call->mode);
	call->number = errno;
}

/* Whether opening would wait for somebody at the other end. */
static bool path_waits(const char *path, int flags)
{
	struct stat status;

	return !(flags & O_NONBLOCK) && (flags & O_ACCMODE) != O_RDWR &&
		call_stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
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

/* Fills in the hint for a path that has no file: the one that is meant may stand beside it. */
static void path_hint_missing(const char *path, int flags, struct error *error)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	char *folder = slash == NULL ? memory_string(".")
		: slash == path	     ? memory_string("/")
				     : memory_copy(path, (size_t)(slash - path));
	DIR *list = opendir(folder);
	int number = errno;
	char best[sizeof(((struct dirent *)NULL)->d_name)] = "";
	struct dirent *entry;
	struct near near;

	near_start(&near, name);
	while (list != NULL && (entry = readdir(list)) != NULL) {
		const char *before = near.best;

		if (entry->d_name[0] == '.' && name[0] != '.')
			continue;
		near_offer(&near, entry->d_name);
		if (near.best == before)
			continue;
		memcpy(best, entry->d_name, strlen(entry->d_name) + 1);
		near.best = best;
	}
	if (list == NULL && number == ENOENT)
		error_hint(error, _("the folder %s does not exist"), folder);
	else if (near.best != NULL)
		error_hint(error, _("did you mean %.*s%s?"), (int)(name - path), path, best);
	else if (!(flags & O_CREAT) && (flags & O_ACCMODE) != O_RDONLY &&
		strcmp(folder, "/dev") != 0)
		error_hint(error, _("option creat makes a new file"));
	if (list != NULL)
		closedir(list);
	free(folder);
}

/* Fills in the hint for a path that we mayn't use. */
static void path_hint_forbidden(const char *path, bool writes, struct error *error)
{
	struct stat status;

	if (!writes)
		error_hint(error, _("you need the right to read it: ls -ld %s"), path);
	else if (stat(path, &status) == 0)
		error_hint(error, _("you need the right to write there: ls -ld %s"), path);
	else
		error_hint(error, _("you need the right to write in the folder where it is to be"));
}

/* Fills in the hint for a path that has nobody at its other end. */
static void path_hint_nobody(const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode))
		error_hint(error, _("it is a socket: UNIX:%s connects to it"), path);
	else if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
		error_hint(error, _("nobody reads from this pipe; start the reader first"));
	else
		error_hint(error, _("no device stands behind that name"));
}

/* Fills in the hint for a path that couldn't be opened, or made with flags that have O_CREAT. */
void path_hint(const char *path, int flags, int number, struct error *error)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;

	if (number == ENOENT)
		path_hint_missing(path, flags, error);
	else if (number == EACCES)
		path_hint_forbidden(path, writes, error);
	else if (number == EISDIR)
		error_hint(error, _("a folder holds no data itself; name a file in it"));
	else if (number == ENOTDIR)
		error_hint(error, _("what stands in front of the last slash is a file, no folder"));
	else if (number == EROFS)
		error_hint(error, _("that file system can only be read"));
	else if (number == ENXIO)
		path_hint_nobody(path, error);
	else if (number == ELOOP)
		error_hint(error, _("links lead in a circle there"));
	else if (number == EEXIST)
		error_hint(error, _("option excl wants it to be new"));
	else if (number == ETXTBSY)
		error_hint(error, _("it is a program that runs just now"));
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
		fd = call_open(path, flags, mode);
	if (fd < 0) {
		if (error->kind == ERROR_SIGNAL)
			return -1;
		error_system(error, errno, _("cannot open %s"), path);
		path_hint(path, flags, error->number, error);
		return error_call(error, "open(\"%s\", 0%o, 0%03o)", path,
			(unsigned)flags & ~(unsigned)(O_CLOEXEC | O_NOCTTY), (unsigned)mode);
	}
	fd = fd_above_standard(fd);
	log_info("open(\"%s\", 0%o, 0%o) -> %d", path, (unsigned)flags, (unsigned)mode, fd);
	return fd;
}
