#include "io/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/path.h"
#include "io/wait.h"

/* Puts our pid into the file. Returns -1 with errno. */
static int lockfile_sign(int fd)
{
	char *line = memory_print("%ld\n", (long)getpid());
	ssize_t n = call_write(fd, line, strlen(line));

	free(line);
	return n < 0 ? -1 : 0;
}

/* Creates the file, then puts our pid into it. Returns -1 with errno. */
static int lockfile_create_plainly(const char *path)
{
	int fd = call_open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -1;
	lockfile_sign(fd);
	call_close(fd);
	return 0;
}

/* Creates the file with our pid in it, in one step for everybody who looks. Returns -1 with errno. */
static int lockfile_create(const char *path)
{
	char *draft = memory_print("%s.%ld.new", path, (long)getpid());
	int fd, number, result = -1;

	call_unlink(draft); /* of a process that had our pid once */
	fd = call_open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && lockfile_sign(fd) == 0)
		result = call_link(draft, path);
	number = errno;
	if (fd >= 0 && result < 0 && number != EEXIST) {
		/* a file system without links: the file may be seen before the pid is in it */
		call_close(fd);
		call_unlink(draft);
		free(draft);
		return lockfile_create_plainly(path);
	}
	if (fd >= 0) {
		call_close(fd);
		call_unlink(draft);
	}
	free(draft);
	errno = number;
	return result;
}

/* Fills in the hint for a lock that somebody has, or had: the file says who. */
static void lockfile_hint(const char *path, struct error *error)
{
	char line[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
	intmax_t pid;
	char *reason = NULL;

	fd_close(&fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (number_parse(line, 1, INT_MAX, &pid, &reason) < 0)
		error_hint(error, _("if no program holds it, remove it"));
	else if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		error_hint(error, _("it is left over from process %jd, which has ended; remove it"),
			pid);
	else
		error_hint(error, _("process %jd holds it; option -W waits until it is free"), pid);
	free(reason);
}

/*
 * Takes the lock, or fails if somebody has it; with wait looks every second until it is free. On success the
 * file exists until lockfile_release.
 */
int lockfile_take(struct lockfile *lock, const char *path, bool wait, struct error *error)
{
	bool told = false;

	while (lockfile_create(path) < 0) {
		if (errno != EEXIST) {
			error_system(error, errno, _("cannot create lock file %s"), path);
			path_hint(path, O_WRONLY | O_CREAT, error->number, error);
			return -1;
		}
		if (!wait) {
			error_failed(error, _("could not obtain lock \"%s\": the file exists"),
				path);
			lockfile_hint(path, error);
			return -1;
		}
		if (!told)
			log_notice("waiting for lock \"%s\"", path);
		told = true;
		if (call_pretends()) {
			call_note(_("it looks every second until the file %s is gone"), path);
			break;
		}
		if (wait_pause(SECOND, error) < 0)
			return -1;
	}
	lock->path = memory_string(path);
	lock->owner = getpid();
	return 0;
}

/* Removes the lock file, if this process made it. */
void lockfile_release(struct lockfile *lock)
{
	if (lock->path != NULL && lock->owner == getpid())
		call_unlink(lock->path);
	free(lock->path);
	lock->path = NULL;
}
