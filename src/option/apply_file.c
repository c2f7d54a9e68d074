/* Options that act on a descriptor by other calls than setsockopt. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/log.h"
#include "option/constants.h"
#include "option/table.h"

/* What F_SETFL can change on a file that is open. */
#define BITS(flag) ((flag) == OPTION_MISSING ? 0 : (flag))
#define SETTABLE_FLAGS (O_APPEND | O_NONBLOCK | BITS(O_ASYNC) | BITS(O_DIRECT) | BITS(O_NOATIME))

/*
 * Sets or clears a flag on a descriptor that may have been opened elsewhere; where it was
 * opened here the flag is set already. O_NONBLOCK stays off what other processes share: they
 * would meet EAGAIN.
 */
int apply_open_flag(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	int flag = effect->number & SETTABLE_FLAGS;
	int old, new;

	if (effect->level == O_ACCMODE || flag == 0)
		return 0;
	if (target->inherited && flag == O_NONBLOCK) {
		log_info("%s is not set on a descriptor that others share", effect->symbol);
		return 0;
	}
	old = call_fcntl(target->fd, F_GETFL, 0);
	new = use->value.numbers[0] != 0 ? old | flag : old & ~flag;
	if (old < 0 || (new != old &&call_fcntl(target->fd, F_SETFL, new) < 0))
		return error_system(error, errno, _("cannot set %s"), effect->symbol);
	return 0;
}

/* Keeps the descriptor from programs that are started later, or lets them have it. */
int apply_cloexec(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	if (fd_set_cloexec(target->fd, use->value.numbers[0] != 0) < 0)
		return error_system(error, errno, _("cannot set %s"), "FD_CLOEXEC");
	return 0;
}

/*
 * Takes a lock with flock(); waiting for it can be interrupted by a signal, which is left to
 * its handler.
 */
int apply_flock(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;

	if (use->value.numbers[0] != 0 && call_flock(target->fd, effect->number) < 0)
		return error_system(error, errno, _("cannot set %s"), effect->symbol);
	return 0;
}

/* Takes a record lock on the whole file. */
int apply_record_lock(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	struct flock lock = { .l_type = (short)effect->level, .l_whence = SEEK_SET };

	if (use->value.numbers[0] != 0 &&
		call_fcntl(target->fd, effect->number, (intptr_t)&lock) < 0)
		return error_system(error, errno, _("cannot set %s"), effect->symbol);
	return 0;
}

/* Sets the size of a pipe's buffer. */
int apply_pipe_size(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;

	if (call_fcntl(target->fd, effect->number, (int)use->value.numbers[0]) < 0)
		return error_system(error, errno, _("cannot set %s"), effect->symbol);
	return 0;
}

/* Sets the length of the file. */
int apply_truncate(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	if (call_ftruncate(target->fd, (off_t)use->value.numbers[0]) < 0)
		return error_system(error, errno, _("cannot set the length of the file"));
	return 0;
}

/* Moves to a place in the file. */
int apply_seek(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	if (call_lseek(target->fd, (off_t)use->value.numbers[0], use->option->effect.number) < 0)
		return error_system(error, errno, _("cannot set the position in the file"));
	return 0;
}

/* Calls ioctl() with what the option's kind brings along. */
int apply_ioctl(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_value *value = &use->value;
	unsigned long request = (unsigned long)value->numbers[0];
	int result;

	if (use->option->kind == OPTION_INT_INT)
		result = call_ioctl(target->fd, request, (void *)(intptr_t)(int)value->numbers[1]);
	else if (use->option->kind == OPTION_INT_DATA)
		result = call_ioctl(target->fd, request, value->data);
	else if (use->option->kind == OPTION_INT_STRING)
		result = call_ioctl(target->fd, request, (void *)value->string);
	else
		result = call_ioctl(target->fd, request, NULL);
	if (result < 0)
		return error_system(error, errno, _("ioctl request %#lx failed"), request);
	return 0;
}

/* Calls ioctl() with a pointer to a number. */
int apply_ioctl_pointer(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	unsigned long request = (unsigned long)use->value.numbers[0];
	int number = (int)use->value.numbers[1];

	if (call_ioctl(target->fd, request, &number) < 0)
		return error_system(error, errno, _("ioctl request %#lx failed"), request);
	return 0;
}

/* Stands for options of other systems: warns that it does nothing. */
int apply_nothing(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	(void)target;
	(void)error;
	log_warning(_("option %s has no effect on this system"), use->spec->name.data);
	return 0;
}
