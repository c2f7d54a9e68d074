#include "session/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "io/path.h"
#include "program/become.h"
#include "session/namespace.h"

/* As chdir, for the option of that name. */
static int environment_go(const struct address *address, const char *directory)
{
	int result;

	options_because(address->options, "chdir");
	result = call_chdir(directory);
	call_because(NULL);
	return result;
}

/* Goes to where an address is opened. *before is what environment_leave needs, also on failure. */
int environment_visit(struct environment *before, const struct address *address,
	struct error *error)
{
	const struct process_settings *process = SETTINGS(address->options, process);

	*before = (struct environment){ .directory = -1, .net_namespace = -1, .umask = -1 };
	if (process->net_namespace != NULL &&
		namespace_enter(process->net_namespace, &before->net_namespace, error) < 0)
		return -1;
	if (process->directory != NULL) {
		before->directory = fd_above_standard(
			call_open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
		if (environment_go(address, process->directory) < 0) {
			error_system(error, errno, _("cannot change to directory %s"),
				process->directory);
			path_hint(process->directory, O_CREAT, error->number, error);
			return -1;
		}
	}
	if (process->umask >= 0) {
		options_because(address->options, "umask");
		before->umask = (int)call_umask((mode_t)process->umask);
		call_because(NULL);
	}
	return 0;
}

/* The user that an address is to be opened as. */
static int environment_become_user(const struct process_settings *process, struct error *error)
{
	if (process->substuser_early != NULL && become_user(process->substuser_early, error) < 0)
		return -1;
	return become_ids(process->setuid_early, process->setgid_early, error);
}

/* What the process becomes before an address is opened, for good: once for all who will only visit. */
int environment_settle(const struct address *address, struct error *error)
{
	const struct process_settings *process = SETTINGS(address->options, process);

	if (process->chroot_early != NULL && become_rooted(process->chroot_early, error) < 0)
		return -1;
	return environment_become_user(process, error);
}

/* Sets the process up for opening an address. *before is what environment_leave needs, also on failure. */
int environment_enter(struct environment *before, const struct address *address,
	struct error *error)
{
	const struct process_settings *process = SETTINGS(address->options, process);

	*before = (struct environment){ .directory = -1, .net_namespace = -1, .umask = -1 };
	if (process->chroot_early != NULL && become_rooted(process->chroot_early, error) < 0)
		return -1;
	if (environment_visit(before, address, error) < 0)
		return -1;
	return environment_become_user(process, error);
}

/* Goes back to where the process was before environment_enter. */
int environment_leave(struct environment *before, struct error *error)
{
	int result = 0;

	if (before->umask >= 0)
		call_umask((mode_t)before->umask);
	if (before->directory >= 0 && call_fchdir(before->directory) < 0)
		result = error_system(error, errno, _("cannot return to the directory before"));
	if (before->net_namespace >= 0 && namespace_return(before->net_namespace, error) < 0)
		result = -1;
	fd_close(&before->directory);
	fd_close(&before->net_namespace);
	return result;
}

/* What the process becomes once the address is open, for good; where a program is started, that becomes it. */
int environment_change(const struct address *address, struct error *error)
{
	if (address->type->traits & TRAIT_PROGRAM)
		return 0;
	return become(address->options, error);
}
