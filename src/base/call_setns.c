/* Going into another name space, on Linux. */
#include <sched.h>

#include "base/call_inside.h"

int call_setns(int fd, int kind)
{
	CALL(int, CALL_SETNS, setns(fd, kind), fd, kind);
}
