#include "io/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/wait.h"

/* Creates the file, then puts our pid into it. Returns -1 with errno. */
static int lockfile_create_plainly(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -1;
	dprintf(fd, "%ld\n", (long)getpid());
	close(fd);
	return 0;
}

/* Creates the file with our pid in it, in one step for everybody who looks. Returns -1 with errno. */
static int lockfile_create(const char *path)
{
	char *draft = memory_print("%s.%ld.new", path, (long)getpid());
	int fd, number, result = -1;

	unlink(draft); /* of a process that had our pid once */
	fd = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0)
		result = link(draft, path);
	number = errno;
	if (fd >= 0 && result < 0 && number != EEXIST) {
		/* a file system without links: the file may be seen before the pid is in it */
		close(fd);
		unlink(draft);
		free(draft);
		return lockfile_create_plainly(path);
	}
	if (fd >= 0) {
		close(fd);
		unlink(draft);
	}
	free(draft);
	errno = number;
	return result;
}

/*
 * Takes the lock, or fails if somebody has it; with wait looks every second until it is free. On success the
 * file exists until lockfile_release.
 */
int lockfile_take(struct lockfile *lock, const char *path, bool wait, struct error *error)
{
	bool told = false;

	while (lockfile_create(path) < 0) {
		if (errno != EEXIST)
			return error_system(error, errno, _("cannot create lock file %s"), path);
		if (!wait)
			return error_failed(error,
				_("could not obtain lock \"%s\": the file exists"), path);
		if (!told)
			log_notice("waiting for lock \"%s\"", path);
		told = true;
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
		unlink(lock->path);
	free(lock->path);
	lock->path = NULL;
}
