/* Writing to a descriptor whose status flags are not ours: the kernel is told per call not to wait. */
#include <errno.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/call.h"
#include "io/stream.h"

/* As write, but never blocks where the kernel can promise that; elsewhere at most PIPE_BUF bytes after a poll. */
ssize_t stream_write_shared(int fd, const void *data, size_t size)
{
	struct iovec part = { .iov_base = (void *)data, .iov_len = size };
	ssize_t n = call_pwritev2(fd, &part, 1, -1, RWF_NOWAIT);

	if (n >= 0 ||
		(errno != EOPNOTSUPP && errno != ENOSYS && errno != ESPIPE && errno != EINVAL))
		return n;
	return call_write(fd, data, size < PIPE_BUF ? size : PIPE_BUF);
}
