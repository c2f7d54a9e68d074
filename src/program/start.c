/*
 * The child gets its descriptors into place, becomes what the options want, and runs the program. Until that
 * has worked a pipe leads back to us, which closes when the program runs: an error comes through it in words,
 * so that whoever asked for the program learns why it isn't there.
 */
#include "program/start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/text.h"
#include "io/path.h"
#include "io/process.h"
#include "io/signals.h"
#include "option/settings.h"
#include "program/become.h"

/* The number that the program knows its input by. */
static int start_input_number(const struct start *start)
{
	int number = SETTINGS(start->options, program)->input;

	return number >= 0 ? number : STDIN_FILENO;
}

/* The number that it knows its output by. */
static int start_output_number(const struct start *start)
{
	int number = SETTINGS(start->options, program)->output;

	return number >= 0 ? number : STDOUT_FILENO;
}

/* Moves a descriptor out of the way of the numbers that the program will use. The old one stays open. */
static int start_lift(const struct start *start, int *fd, struct error *error)
{
	int highest = STDERR_FILENO;

	if (*fd < 0)
		return 0;
	if (start_input_number(start) > highest)
		highest = start_input_number(start);
	if (start_output_number(start) > highest)
		highest = start_output_number(start);
	if (*fd > highest)
		return 0;
	*fd = call_fcntl(*fd, F_DUPFD_CLOEXEC, highest + 1);
	if (*fd < 0)
		return error_system(error, errno, _("cannot move a descriptor"));
	return 0;
}

/* Puts a descriptor where the program looks for it; what others share must wait for data again. */
static int start_place(int fd, int number, struct error *error)
{
	if (fd < 0)
		return 0;
	if (call_dup2(fd, number) < 0)
		return error_system(error, errno, _("cannot make it descriptor %d"), number);
	return 0;
}

/* Gives the program its descriptors. All of them are out of the way of each other before. */
static int start_descriptors(const struct start *start, int input, int output, struct error *error)
{
	if (start_place(input, start_input_number(start), error) < 0 ||
		start_place(output, start_output_number(start), error) < 0)
		return -1;
	return start->errors ? start_place(output, STDERR_FILENO, error) : 0;
}

/* The process becomes the leader of a session or a group, another user, and gets its terminal. */
static int start_become(const struct start *start, struct error *error)
{
	int group = SETTINGS(start->options, program)->process_group;
	struct option_target target = { .fd = start->terminal };

	/* whoever leads a group can't lead a session too, and a new session has a new group anyway */
	if (group >= 0 && !SETTINGS(start->options, process)->setsid &&
		call_setpgid(0, group == 1 ? 0 : (pid_t)group) < 0)
		return error_system(error, errno, _("cannot join process group %d"), group);
	if (become(start->options, error) < 0)
		return -1;
	if (target.fd < 0)
		return 0;
	return options_apply(start->options, PHASE_LATE2, &target, error);
}

/* Whether a directory of PATH has a file of that name that we may see. */
static bool start_is_in_path(const char *name)
{
	const char *path = getenv("PATH");
	bool found = false;

	while (path != NULL && !found) {
		size_t length = strcspn(path, ":");
		char *place = memory_print("%.*s/%s", length > 0 ? (int)length : 1,
			length > 0 ? path : ".", name);
		struct stat status;

		found = stat(place, &status) == 0;
		free(place);
		path = path[length] == ':' ? path + length + 1 : NULL;
	}
	return found;
}

/* Fills in the hint for a program that no directory of PATH has: the one with the nearest name. */
static void start_hint_name(const char *name, struct error *error)
{
	const char *path = getenv("PATH");
	char *best = NULL;
	struct near near;

	near_start(&near, name);
	while (path != NULL) {
		size_t length = strcspn(path, ":");
		char *folder = memory_copy(path, length);
		DIR *list = opendir(folder);
		struct dirent *entry;

		while (list != NULL && (entry = readdir(list)) != NULL)
			near_offer_copy(&near, entry->d_name, &best);
		if (list != NULL)
			closedir(list);
		free(folder);
		path = path[length] == ':' ? path + length + 1 : NULL;
	}
	if (best != NULL)
		error_hint(error, _("did you mean %s?"), best);
	else
		error_hint(error, _("no directory of PATH has a program of that name"));
	free(best);
}

/* Whether only a shell understands a word that is to be run. */
static bool start_is_shell_word(const char *word)
{
	static const char *const words[] = { "while", "for", "if", "until", "case", "read", "cd",
		"{", "!", ":", "exec", "exit", "set", "export" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return strpbrk(word, "|;<>&$*()") != NULL;
}

/* Says more of why a program can't be run. */
static int start_fail(const struct start *start, int number, struct error *error)
{
	struct stat status;

	/* execvp says so as soon as there is one directory of PATH that it may not search */
	if (number == EACCES && strchr(start->file, '/') == NULL && !start_is_in_path(start->file))
		number = ENOENT;
	error_system(error, number, _("cannot run %s"), start->file);
	if (number == ENOENT && start_is_shell_word(start->file))
		error_hint(error, _("that needs a shell: SYSTEM instead of EXEC"));
	else if (number == ENOENT && strchr(start->file, '/') == NULL)
		start_hint_name(start->file, error);
	else if (number == ENOENT && stat(start->file, &status) != 0)
		path_hint(start->file, O_CREAT, number, error);
	else if (stat(start->file, &status) == 0 && S_ISDIR(status.st_mode))
		error_hint(error, _("that is a folder; name a program in it"));
	else if (number == ENOENT)
		error_hint(error, _("the program that its first line names (#!) is missing"));
	else if (number == EACCES && stat(start->file, &status) == 0 && S_ISREG(status.st_mode))
		error_hint(error, _("make it executable: chmod +x %s"), start->file);
	return -1;
}

/* Runs the program in the place of this process; returns only if that fails. */
static int start_run(const struct start *start, struct error *error)
{
	const char *path = SETTINGS(start->options, program)->path;

	if (path != NULL)
		setenv("PATH", path, 1);
	if (start->shell != NULL)
		setenv("SHELL", start->shell, 1);
	fd_limit_restore();
	call_execvp(start->file, start->argv);
	return start_fail(start, errno, error);
}

/* What the child does. *report is where an error is told; it may have to move. Returns only on failure. */
static int start_child(const struct start *start, int *report, struct error *error)
{
	int input = start->input, output = start->output;

	if (start_lift(start, report, error) < 0 || start_lift(start, &input, error) < 0 ||
		start_lift(start, &output, error) < 0)
		return -1;
	if (start_become(start, error) < 0 || start_descriptors(start, input, output, error) < 0)
		return -1;
	return start_run(start, error);
}

/* Tells an error through the pipe: its number, its message and its hint. */
static void start_tell(int report, const struct error *error)
{
	struct text text = TEXT_EMPTY;

	text_add(&text, &error->number, sizeof(error->number));
	text_add_string(&text, error->message != NULL ? error->message : "");
	text_add_char(&text, '\0');
	text_add_string(&text, error->hint != NULL ? error->hint : "");
	fd_write_all(report, text.data, text.length);
	text_free(&text);
}

/* Hears whether the program runs. Returns -1 with the error that was told. */
static int start_hear(int report, struct error *error)
{
	struct text text = TEXT_EMPTY;
	char block[512];
	const char *message, *hint;
	ssize_t n;

	call_because(N_("does the program run? The end says yes"));
	do {
		n = call_read(report, block, sizeof(block));
		if (n > 0)
			text_add(&text, block, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	call_because(NULL);
	if (text.length <= sizeof(error->number)) {
		text_free(&text);
		return 0;
	}
	text_add_char(&text, '\0');
	message = (const char *)text.data + sizeof(error->number);
	hint = message + strlen(message) + 1;
	error_failed(error, "%s", message);
	memcpy(&error->number, text.data, sizeof(error->number));
	if (hint < (const char *)text.data + text.length && hint[0] != '\0')
		error_hint(error, "%s", hint);
	text_free(&text);
	return -1;
}

/* Whether a program that is only pretended to run can't be run. */
static bool start_pretends_failure(const struct start *start, struct error *error)
{
	if (call_child_failed())
		error_failed(error, _("cannot run %s"), start->file);
	return error->kind != ERROR_NONE;
}

/* Starts a program. Returns its pid, or -1 with the error filled and no child left. */
pid_t start_program(const struct start *start, struct error *error)
{
	int report[2], made;
	pid_t pid;

	call_because(
		N_("the child tells here if the program can't be run; running it closes its end"));
	made = fd_pipe(report);
	call_because(NULL);
	if (made < 0)
		return error_system(error, errno, _("cannot make a pipe"));
	log_info("execvp'ing \"%s\"", start->file);
	pid = process_fork_program();
	if (pid == 0) {
		struct error failure = ERROR_EMPTY;

		start_child(start, &report[1], &failure);
		call_note(_("here it fails: %s"), failure.message != NULL ? failure.message : "");
		start_tell(report[1], &failure);
		_exit(EXIT_STATUS_FAILED);
	}
	if (pid < 0)
		error_system(error, errno, _("cannot start a process"));
	fd_close(&report[1]);
	if (pid > 0 && (start_hear(report[0], error) < 0 || start_pretends_failure(start, error))) {
		process_wait(pid);
		pid = -1;
	}
	fd_close(&report[0]);
	return pid;
}

/* Becomes the program, with what it reads and writes as standard input and output. Returns only on failure. */
int start_here(const struct start *start, struct error *error)
{
	int input = start->input, output = start->output;

	if (start_lift(start, &input, error) < 0 || start_lift(start, &output, error) < 0)
		return -1;
	/* a program doesn't expect that its descriptors don't wait */
	if ((input >= 0 && fd_set_nonblocking(input, false) < 0) ||
		(output >= 0 && fd_set_nonblocking(output, false) < 0))
		return error_system(error, errno, _("cannot use descriptor %d"), start->input);
	if (start_become(start, error) < 0 || start_descriptors(start, input, output, error) < 0)
		return -1;
	signals_default();
	return start_run(start, error);
}
