#include "socket/entry.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/intl.h"
#include "option/settings.h"

/* Adds the hint to an owner or mode that couldn't be changed. */
static int entry_failed(struct error *error)
{
	if (error->number == EPERM)
		error_hint(error, _("only the owner changes the mode, and only root the owner"));
	return -1;
}

/* Changes owner and mode of a path, each unless negative. */
static int entry_change(const char *path, int64_t user, int64_t group, int mode,
	struct error *error)
{
	if ((user >= 0 || group >= 0) && call_chown(path, (uid_t)user, (gid_t)group) < 0)
		error_system(error, errno, _("cannot change the owner of %s"), path);
	else if (mode >= 0 && call_chmod(path, (mode_t)mode) < 0)
		error_system(error, errno, _("cannot change the mode of %s"), path);
	else
		return 0;
	return entry_failed(error);
}

/* Changes owner and mode of a descriptor, each unless negative. */
static int entry_change_descriptor(int fd, int64_t user, int64_t group, int mode,
	struct error *error)
{
	if ((user >= 0 || group >= 0) && call_fchown(fd, (uid_t)user, (gid_t)group) < 0)
		error_system(error, errno, _("cannot change the owner"));
	else if (mode >= 0 && call_fchmod(fd, (mode_t)mode) < 0)
		error_system(error, errno, _("cannot change the mode"));
	else
		return 0;
	return entry_failed(error);
}

/* Makes room for an entry, if that is asked for. */
int entry_remove(const struct options *options, const char *path, struct error *error)
{
	const struct name_settings *name = SETTINGS(options, name);
	int result;

	if (!name->unlink_early && !name->unlink)
		return 0;
	options_because(options, name->unlink_early ? "unlink-early" : "unlink");
	result = call_unlink(path);
	call_because(NULL);
	if (result < 0 && errno != ENOENT)
		return error_system(error, errno, _("cannot remove %s"), path);
	return 0;
}

/* What has to happen to a path before it is opened: the -early options, and its removal. */
int entry_prepare(const struct options *options, const char *path, struct error *error)
{
	const struct name_settings *name = SETTINGS(options, name);

	if (entry_change(path, name->user_early, name->group_early, name->mode_early, error) < 0)
		return -1;
	return entry_remove(options, path, error);
}

/*
 * Gives an entry that was just made its owner; and its mode, where that wasn't given when it was made. Such an entry
 * was not there before, so the -early options come now too.
 */
int entry_own(const struct options *options, const char *path, bool with_mode, struct error *error)
{
	const struct name_settings *name = SETTINGS(options, name);

	if (with_mode &&
		entry_change(path, name->user_early, name->group_early, name->mode_early, error) <
			0)
		return -1;
	return entry_change(path, name->user, name->group, with_mode ? name->mode : -1, error);
}

/* Gives a device that nobody has opened yet its owner and mode: all the options come at the same time. */
int entry_own_device(const struct options *options, const char *path, struct error *error)
{
	const struct name_settings *name = SETTINGS(options, name);

	if (entry_change(path, name->user_early, name->group_early, name->mode_early, error) < 0 ||
		entry_change(path, name->user, name->group, name->mode, error) < 0)
		return -1;
	return entry_change(path, name->user_late, name->group_late, name->mode_late, error);
}

/* The -late options act on the descriptor; so do the plain ones where there is no entry. */
int entry_own_descriptor(const struct options *options, int fd, bool named, struct error *error)
{
	const struct name_settings *name = SETTINGS(options, name);

	if (!named && entry_change_descriptor(fd, name->user, name->group, name->mode, error) < 0)
		return -1;
	return entry_change_descriptor(fd, name->user_late, name->group_late, name->mode_late,
		error);
}
