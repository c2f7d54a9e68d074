/* Attributes of inodes, on Linux. */
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/call.h"
#include "option/table.h"

/* Sets or clears an attribute of the file's inode. */
int apply_inode_flag(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	int flags = 0;

	if (call_ioctl(target->fd, FS_IOC_GETFLAGS, &flags) < 0)
		return error_system(error, errno, _("cannot read the attributes of the file"));
	flags = use->value.numbers[0] != 0 ? flags | effect->number : flags & ~effect->number;
	if (call_ioctl(target->fd, FS_IOC_SETFLAGS, &flags) < 0)
		return error_system(error, errno, _("cannot set %s"), effect->symbol);
	return 0;
}
