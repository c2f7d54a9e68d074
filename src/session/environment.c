#include "session/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "session/namespace.h"

/* Becomes a group, then a user, each unless negative. */
static int environment_become(int64_t user, int64_t group, struct error *error)
{
	if (group >= 0 && setgid((gid_t)group) < 0)
		return error_system(error, errno, _("cannot become group %lld"), (long long)group);
	if (user >= 0 && setuid((uid_t)user) < 0)
		return error_system(error, errno, _("cannot become user %lld"), (long long)user);
	return 0;
}

/* Becomes another user altogether: groups, ids, and the variables that say who one is. */
static int environment_substitute(const char *name, struct error *error)
{
	struct passwd *user = getpwnam(name);

	if (user == NULL && name[0] != '\0' && strspn(name, "0123456789") == strlen(name))
		user = getpwuid((uid_t)strtoul(name, NULL, 10));
	if (user == NULL)
		return error_failed(error, _("no such user: %s"), name);
	if (initgroups(user->pw_name, user->pw_gid) < 0)
		return error_system(error, errno, _("cannot take on the groups of %s"),
			user->pw_name);
	if (environment_become(user->pw_uid, user->pw_gid, error) < 0)
		return -1;
	setenv("USER", user->pw_name, 1);
	setenv("LOGNAME", user->pw_name, 1);
	setenv("HOME", user->pw_dir, 1);
	setenv("SHELL", user->pw_shell, 1);
	return 0;
}

static int environment_chroot(const char *directory, struct error *error)
{
	if (chroot(directory) < 0 || chdir("/") < 0)
		return error_system(error, errno, _("cannot make %s the root directory"),
			directory);
	return 0;
}

/* Sets the process up for opening an address. *before is what environment_leave needs, also on failure. */
int environment_enter(struct environment *before, const struct address *address,
	struct error *error)
{
	const struct process_settings *process = SETTINGS(address->options, process);

	*before = (struct environment){ .directory = -1, .net_namespace = -1, .umask = -1 };
	if (process->chroot_early != NULL && environment_chroot(process->chroot_early, error) < 0)
		return -1;
	if (process->net_namespace != NULL &&
		namespace_enter(process->net_namespace, &before->net_namespace, error) < 0)
		return -1;
	if (process->directory != NULL) {
		before->directory = fd_above_standard(
			open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		if (chdir(process->directory) < 0)
			return error_system(error, errno, _("cannot change to directory %s"),
				process->directory);
	}
	if (process->umask >= 0)
		before->umask = (int)umask((mode_t)process->umask);
	if (process->substuser_early != NULL &&
		environment_substitute(process->substuser_early, error) < 0)
		return -1;
	return environment_become(process->setuid_early, process->setgid_early, error);
}

/* Goes back to where the process was before environment_enter. */
int environment_leave(struct environment *before, struct error *error)
{
	int result = 0;

	if (before->umask >= 0)
		umask((mode_t)before->umask);
	if (before->directory >= 0 && fchdir(before->directory) < 0)
		result = error_system(error, errno, _("cannot return to the directory before"));
	if (before->net_namespace >= 0 && namespace_return(before->net_namespace, error) < 0)
		result = -1;
	fd_close(&before->directory);
	fd_close(&before->net_namespace);
	return result;
}

/* What the process becomes once the address is open, for good. */
int environment_change(const struct address *address, struct error *error)
{
	const struct process_settings *process = SETTINGS(address->options, process);
	const char *user = process->substuser != NULL ? process->substuser
						      : process->substuser_delayed;

	if (process->setsid && setsid() < 0)
		log_warning(_("cannot start a new session: %s"), strerror(errno));
	if (process->chroot != NULL && environment_chroot(process->chroot, error) < 0)
		return -1;
	if (user != NULL && environment_substitute(user, error) < 0)
		return -1;
	return environment_become(process->setuid, process->setgid, error);
}
