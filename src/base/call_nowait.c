/* Writing that is told per call not to wait. */
#include <sys/uio.h>

#include "base/call_inside.h"

ssize_t call_pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags)
{
	CALL(ssize_t, CALL_PWRITEV2, pwritev2(fd, parts, count, offset, flags), fd, ARGUMENT(parts),
		count, ARGUMENT(offset), flags);
}
