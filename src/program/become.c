#include "program/become.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/path.h"
#include "option/settings.h"

/* Another user, looked up. */
struct become_other {
	uid_t user;
	gid_t group;
	gid_t *groups;
	int group_count;
	char *name, *home, *shell;
};

/* Adds a hint to the error of what we couldn't become. */
static int become_failed(const char *directory, struct error *error)
{
	if (error->number == EPERM)
		error_hint(error, _("only root may do that"));
	else if (directory != NULL)
		path_hint(directory, O_CREAT, error->number, error);
	return -1;
}

/* Becomes a group, then a user, each unless negative. */
int become_ids(int64_t user, int64_t group, struct error *error)
{
	if (group >= 0 && call_setgid((gid_t)group) < 0)
		error_system(error, errno, _("cannot become group %lld"), (long long)group);
	else if (user >= 0 && call_setuid((uid_t)user) < 0)
		error_system(error, errno, _("cannot become user %lld"), (long long)user);
	else
		return 0;
	return become_failed(NULL, error);
}

/* Looks a user up by name or number; become_forget frees what it found. */
static int become_look_up(const char *name, struct become_other *other, struct error *error)
{
	struct passwd *user = getpwnam(name);

	if (user == NULL && name[0] != '\0' && strspn(name, "0123456789") == strlen(name))
		user = getpwuid((uid_t)strtoul(name, NULL, 10));
	if (user == NULL)
		return error_failed(error, _("no such user: %s"), name);
	*other = (struct become_other){
		.user = user->pw_uid,
		.group = user->pw_gid,
		.name = memory_string(user->pw_name),
		.home = memory_string(user->pw_dir),
		.shell = memory_string(user->pw_shell),
	};
	for (int room = 64;; room *= 2) {
		other->group_count = room;
		other->groups = memory_zero((size_t)room, sizeof(*other->groups));
		if (getgrouplist(other->name, other->group, other->groups, &other->group_count) >=
			0)
			return 0;
		free(other->groups);
	}
}

static void become_forget(struct become_other *other)
{
	free(other->groups);
	free(other->name);
	free(other->home);
	free(other->shell);
	*other = (struct become_other){ 0 };
}

/* Becomes a user altogether: groups, ids, and the variables that say who one is. */
static int become_other(const struct become_other *other, struct error *error)
{
	if (call_setgroups((size_t)other->group_count, other->groups) < 0) {
		error_system(error, errno, _("cannot take on the groups of %s"), other->name);
		return become_failed(NULL, error);
	}
	if (become_ids(other->user, other->group, error) < 0)
		return -1;
	setenv("USER", other->name, 1);
	setenv("LOGNAME", other->name, 1);
	setenv("HOME", other->home, 1);
	setenv("SHELL", other->shell, 1);
	return 0;
}

/* Looks a user up and becomes it. */
int become_user(const char *name, struct error *error)
{
	struct become_other other = { 0 };
	int result = become_look_up(name, &other, error);

	if (result == 0)
		result = become_other(&other, error);
	become_forget(&other);
	return result;
}

/* Makes a directory the root, and the working directory. */
int become_rooted(const char *directory, struct error *error)
{
	if (call_chroot(directory) < 0 || call_chdir("/") < 0) {
		error_system(error, errno, _("cannot make %s the root directory"), directory);
		return become_failed(directory, error);
	}
	return 0;
}

/* Leads a session of its own if the options ask for that, and unless it does already. */
void become_leader(const struct options *options)
{
	if (!SETTINGS(options, process)->setsid || getsid(0) == getpid())
		return;
	options_because(options, "setsid");
	if (call_setsid() < 0)
		log_warning(_("cannot start a new session: %s"), intl_reason(errno));
	call_because(NULL);
}

/* Becomes what the options of an address ask for: a session leader, rooted elsewhere, another user. */
int become(const struct options *options, struct error *error)
{
	const struct process_settings *process = SETTINGS(options, process);
	struct become_other delayed = { 0 };
	int result = 0;

	become_leader(options);
	/* the new root may know nobody */
	if (process->substuser_delayed != NULL)
		result = become_look_up(process->substuser_delayed, &delayed, error);
	if (result == 0 && process->chroot != NULL)
		result = become_rooted(process->chroot, error);
	if (result == 0 && process->substuser != NULL)
		result = become_user(process->substuser, error);
	if (result == 0 && process->substuser_delayed != NULL)
		result = become_other(&delayed, error);
	if (result == 0)
		result = become_ids(process->setuid, process->setgid, error);
	become_forget(&delayed);
	return result;
}
