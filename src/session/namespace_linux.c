#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "session/namespace.h"

/* Goes into the network namespace of that name. *before is the way back, -1 on failure. */
int namespace_enter(const char *name, int *before, struct error *error)
{
	char *path = memory_print("/run/netns/%s", name);
	int fd = call_open(path, O_RDONLY | O_CLOEXEC, 0);
	int result = 0;

	*before = call_open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 || *before < 0)
		result = error_system(error, errno, _("cannot open network namespace %s"), path);
	else if (call_setns(fd, CLONE_NEWNET) < 0)
		result = error_system(error, errno, _("cannot enter network namespace %s"), path);
	if (result < 0)
		fd_close(before);
	fd_close(&fd);
	free(path);
	return result;
}

/* Goes back to the namespace before; the descriptor stays the caller's. */
int namespace_return(int before, struct error *error)
{
	if (call_setns(before, CLONE_NEWNET) < 0)
		return error_system(error, errno,
			_("cannot return to the network namespace before"));
	return 0;
}
