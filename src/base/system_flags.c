#include "base/system.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/call.h"

/* Makes a pipe whose ends wait, or never do. */
int system_pipe(int ends[2], bool nonblocking)
{
	return call_pipe2(ends, nonblocking ? O_CLOEXEC | O_NONBLOCK : O_CLOEXEC);
}

/* Makes a socket that never blocks. */
int system_socket(int family, int type, int protocol)
{
	return call_socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

/* Makes two connected sockets. */
int system_socketpair(int family, int type, int protocol, int ends[2])
{
	return call_socketpair(family, type | SOCK_CLOEXEC, protocol, ends);
}

/* Takes a connection, whose socket never blocks. */
int system_accept(int fd, struct sockaddr *peer, socklen_t *length)
{
	return call_accept4(fd, peer, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* Fills a few bytes at random. */
int system_random(void *data, size_t length)
{
	return getrandom(data, length, 0) < 0 ? -1 : 0;
}
