#include "tutorial/actor.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "io/process.h"

/* The shell knows "nettool" as this very program, wherever it lies; its path is $0. */
#define ACTOR_PRELUDE "nettool() { exec \"$0\" \"$@\"; }\n"

/* Where this program lies. */
static const char *actor_self(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	return length > 0 ? path : "nettool";
}

/* The child: becomes the shell that runs the command. */
static void actor_become(int input, int output, const char *script, const struct actor_place *place)
{
	setpgid(0, 0);
	if (place->notify != NULL)
		setenv("NOTIFY_SOCKET", place->notify, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	if (chdir(place->directory) == 0 && dup2(input, STDIN_FILENO) >= 0 &&
		dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", script, actor_self(), (char *)NULL);
	_exit(EXIT_STATUS_FAILED);
}

/* Starts a command. */
int actor_start(struct actor *actor, const char *name, const char *command,
	const struct actor_place *place, struct error *error)
{
	int input[2], output[2];
	char *script;

	if (fd_pipe(input) < 0)
		return error_system(error, errno, _("cannot make a pipe"));
	if (fd_pipe(output) < 0) {
		error_system(error, errno, _("cannot make a pipe"));
		fd_close(&input[0]);
		fd_close(&input[1]);
		return -1;
	}
	script = memory_print(ACTOR_PRELUDE "%s", command);
	*actor = (struct actor){ .name = name, .input = input[1], .output = output[0] };
	actor->pid = process_fork_program();
	if (actor->pid == 0)
		actor_become(input[0], output[1], script, place);
	if (actor->pid < 0)
		error_system(error, errno, _("cannot start a process"));
	else
		setpgid(actor->pid, actor->pid); /* whoever of the two comes first */
	fd_close(&input[0]);
	fd_close(&output[1]);
	free(script);
	if (actor->pid > 0)
		return 0;
	fd_close(&actor->input);
	fd_close(&actor->output);
	return -1;
}

/* Takes what the actor shows. Returns false at the end of it. */
bool actor_listen(struct actor *actor)
{
	char block[4096];
	ssize_t n;

	do {
		n = read(actor->output, block, sizeof(block));
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		text_add(&actor->seen, block, (size_t)n);
	else
		fd_close(&actor->output);
	return n > 0;
}

/* Whether a process belongs to the group. */
static bool actor_owns(const char *number, pid_t group)
{
	char path[300], line[512];
	const char *behind;
	long its_group = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/stat", number);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	behind = fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')') : NULL;
	if (behind != NULL && sscanf(behind, ") %*c %*d %ld", &its_group) != 1)
		its_group = -1;
	fclose(file);
	return its_group == (long)group;
}

/* Of how many processes the actor consists; 0 where nothing tells. */
int actor_count(const struct actor *actor)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	int count = 0;

	if (directory == NULL)
		return 0;
	while ((entry = readdir(directory)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
			actor_owns(entry->d_name, actor->pid))
			count++;
	}
	closedir(directory);
	return count;
}

/* Ends the actor and all it has started, if it hasn't ended by itself. Returns its exit status. */
int actor_end(struct actor *actor)
{
	int status;

	if (actor->output >= 0)
		kill(-actor->pid, SIGTERM);
	fd_close(&actor->input);
	fd_close(&actor->output);
	status = process_exit_status(process_wait(actor->pid));
	kill(-actor->pid, SIGKILL); /* what it may have left behind */
	text_free(&actor->seen);
	return status;
}
