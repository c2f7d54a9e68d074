/* Calls that make a descriptor with its flags in one step. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call_inside.h"

int call_pipe2(int ends[2], int flags)
{
	CALL(int, CALL_PIPE2, pipe2(ends, flags), ARGUMENT(ends), flags);
}

int call_accept4(int fd, struct sockaddr *peer, socklen_t *length, int flags)
{
	CALL(int, CALL_ACCEPT4, accept4(fd, peer, length, flags), fd, ARGUMENT(peer),
		ARGUMENT(length), flags);
}
