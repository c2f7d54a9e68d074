#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/call.h"
#include "base/system.h"

static struct rlimit fd_limit; /* how many descriptors were allowed before fd_allow_many */
static bool fd_limit_raised;

/* Makes a pipe whose ends no program inherits. Returns -1 with errno on failure. */
int fd_pipe(int ends[2])
{
	return system_pipe(ends, false);
}

/* Sets or clears one descriptor flag. Returns -1 with errno on failure. */
int fd_set_cloexec(int fd, bool on)
{
	int flags = call_fcntl(fd, F_GETFD, 0);

	if (flags < 0)
		return -1;
	return call_fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

/* Sets or clears O_NONBLOCK; only for descriptors nobody else shares. Returns -1 with errno on failure. */
int fd_set_nonblocking(int fd, bool on)
{
	int flags = call_fcntl(fd, F_GETFL, 0);

	if (flags < 0)
		return -1;
	return call_fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* Moves a descriptor away from 0, 1 and 2, should those have been closed; returns where it is now. */
int fd_above_standard(int fd)
{
	int moved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	moved = call_fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (moved < 0)
		return fd;
	call_close(fd);
	return moved;
}

/* Closes a descriptor once and remembers that; errno survives. */
void fd_close(int *fd)
{
	int number = errno;

	if (*fd >= 0)
		call_close(*fd);
	*fd = -1;
	errno = number;
}

/* Has the system allow as many descriptors as it may. Returns -1 with errno on failure. */
int fd_allow_many(void)
{
	struct rlimit most;

	if (fd_limit_raised)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &fd_limit) < 0)
		return -1;
	most = (struct rlimit){ .rlim_cur = fd_limit.rlim_max, .rlim_max = fd_limit.rlim_max };
	if (setrlimit(RLIMIT_NOFILE, &most) < 0)
		return -1;
	fd_limit_raised = true;
	return 0;
}

/* Undoes that, for a program that is about to run here: it may count on small numbers. */
void fd_limit_restore(void)
{
	if (fd_limit_raised)
		setrlimit(RLIMIT_NOFILE, &fd_limit);
}

/* Writes everything, waiting where it must. Returns -1 with errno on failure. */
int fd_write_all(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t n = write(fd, p, length);

		if (n >= 0) {
			p += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd slot = { .fd = fd, .events = POLLOUT };

			poll(&slot, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}
