/* Calls of Linux that move data without showing it to us. */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/call_inside.h"

ssize_t call_splice(int from, off_t *from_offset, int to, off_t *to_offset, size_t size,
	unsigned flags)
{
	CALL(ssize_t, CALL_SPLICE, splice(from, from_offset, to, to_offset, size, flags), from,
		ARGUMENT(from_offset), to, ARGUMENT(to_offset), ARGUMENT(size), ARGUMENT(flags));
}

ssize_t call_sendfile(int to, int from, off_t *offset, size_t size)
{
	CALL(ssize_t, CALL_SENDFILE, sendfile(to, from, offset, size), to, from, ARGUMENT(offset),
		ARGUMENT(size));
}

ssize_t call_copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t size,
	unsigned flags)
{
	CALL(ssize_t, CALL_COPY_FILE_RANGE,
		copy_file_range(from, from_offset, to, to_offset, size, flags), from,
		ARGUMENT(from_offset), to, ARGUMENT(to_offset), ARGUMENT(size), ARGUMENT(flags));
}
