/* Writing to a descriptor whose status flags are not ours: as much as never blocks once poll has said so. */
#include <limits.h>
#include <unistd.h>

#include "base/call.h"
#include "io/stream.h"

/* Writes at most PIPE_BUF bytes, which a pipe that polls as writable takes at once. */
ssize_t stream_write_shared(int fd, const void *data, size_t size)
{
	return call_write(fd, data, size < PIPE_BUF ? size : PIPE_BUF);
}
