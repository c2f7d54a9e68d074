#include "base/system.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"

/* Gives a new descriptor its flags. Returns it, or -1 with errno and the descriptor closed. */
static int system_flag(int fd, bool nonblocking)
{
	if (fd >= 0 &&
		(fd_set_cloexec(fd, true) < 0 || (nonblocking && fd_set_nonblocking(fd, true) < 0)))
		fd_close(&fd);
	return fd;
}

/* Gives both ends their flags, or closes both. */
static int system_flag_both(int ends[2], bool nonblocking)
{
	ends[0] = system_flag(ends[0], nonblocking);
	ends[1] = system_flag(ends[1], nonblocking);
	if (ends[0] >= 0 && ends[1] >= 0)
		return 0;
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return -1;
}

/* Makes a pipe whose ends wait, or never do. */
int system_pipe(int ends[2], bool nonblocking)
{
	return call_pipe(ends) < 0 ? -1 : system_flag_both(ends, nonblocking);
}

/* Makes a socket that never blocks. */
int system_socket(int family, int type, int protocol)
{
	return system_flag(call_socket(family, type, protocol), true);
}

/* Makes two connected sockets. */
int system_socketpair(int family, int type, int protocol, int ends[2])
{
	return call_socketpair(family, type, protocol, ends) < 0 ? -1
								 : system_flag_both(ends, false);
}

/* Takes a connection, whose socket never blocks. */
int system_accept(int fd, struct sockaddr *peer, socklen_t *length)
{
	return system_flag(call_accept(fd, peer, length), true);
}

/* Fills a few bytes at random. */
int system_random(void *data, size_t length)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, data, length);

	fd_close(&fd);
	return n < 0 || (size_t)n < length ? -1 : 0;
}
