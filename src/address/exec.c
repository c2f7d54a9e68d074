/* Programs: EXEC runs one with its words, SYSTEM and SHELL have a shell run a command. */
#include "address/exec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "io/program.h"
#include "io/signals.h"
#include "program/channel.h"
#include "program/start.h"
#include "spec/words.h"

/* What is to be run. */
struct exec {
	char *command; /* the text of the address */
	struct words words;
	const char *shell; /* NULL where none runs the command */
	const char *file;
	char *name; /* argv[0] */
	char **argv;
};

/* The last part of a path. */
static const char *exec_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Frees what exec_prepare has made. */
static void exec_free(struct exec *exec)
{
	words_free(&exec->words);
	free(exec->command);
	free(exec->name);
	free(exec->argv);
}

/* The words of a command become a program and its arguments. */
static int exec_prepare_words(const struct address *address, struct exec *exec, struct error *error)
{
	char *reason;

	if (words_split(exec->command, &exec->words, &reason) < 0) {
		error_usage(error, "%s", reason);
		free(reason);
		error_place(error, address->spec->text, address->spec->column,
			strlen(address->text));
		return -1;
	}
	exec->file = exec->words.list[0];
	exec->argv = memory_zero(exec->words.count + 1, sizeof(*exec->argv));
	memcpy(exec->argv, exec->words.list, exec->words.count * sizeof(*exec->argv));
	return 0;
}

/* A shell that is to run the command, or to be talked to when there is none. */
static void exec_prepare_shell(struct exec *exec)
{
	size_t count = 1;

	exec->file = exec->shell;
	exec->argv = memory_zero(4, sizeof(*exec->argv));
	exec->argv[0] = (char *)exec_base(exec->shell);
	if (exec->command != NULL) {
		exec->argv[count++] = (char *)"-c";
		exec->argv[count++] = exec->command;
	}
}

/* Finds out what is to be run. exec_free has its work in any case. */
static int exec_prepare(const struct address *address, const char *shell, struct exec *exec,
	struct error *error)
{
	int result = 0;

	*exec = (struct exec){
		.command = spec_command(address->spec, shell != NULL),
		.shell = shell,
	};
	if (shell != NULL)
		exec_prepare_shell(exec);
	else
		result = exec_prepare_words(address, exec, error);
	if (result == 0 && SETTINGS(address->options, program)->login) {
		exec->name = memory_print("-%s", exec_base(exec->file));
		exec->argv[0] = exec->name;
	}
	return result;
}

/* The shell of an address; NULL for EXEC, which has none. */
static const char *exec_shell(const struct address *address)
{
	const char *shell = SETTINGS(address->options, program)->shell;

	if (address->type->shell == NULL)
		return NULL;
	if (shell != NULL)
		return shell;
	shell = address->type->shell;
	return shell[0] == '$' ? getenv(shell + 1) : shell;
}

/* What the variable SHELL says to the program; NULL leaves it as it is. */
static const char *exec_shell_told(const struct address *address, const char *shell)
{
	bool chosen = SETTINGS(address->options, program)->shell != NULL;

	return shell != NULL && (chosen || address->type->shell[0] == '$') ? shell : NULL;
}

/* Options that make no sense without others. */
static int exec_check_options(const struct address *address, struct error *error)
{
	const struct program_settings *program = SETTINGS(address->options, program);
	const char *terminal = options_of_groups(address->options, GROUP_TERMIOS | GROUP_PTY);

	if (program->nofork && (channel_is_pty(address->options) || program->pipes))
		return error_usage(error,
			_("with nofork there is no other end that pipes or pty could lead to"));
	if (terminal != NULL && !channel_is_pty(address->options)) {
		error_usage(error, _("option '%s' needs a terminal"), terminal);
		error_hint(error, _("add the option pty"));
		return -1;
	}
	if (options_given(address->options, "ctty") &&
		!SETTINGS(address->options, process)->setsid) {
		error_usage(error, _("option '%s' needs a session of its own"), "ctty");
		error_hint(error, _("add the option setsid"));
		return -1;
	}
	return 0;
}

/* Takes the command apart, so that bad quotes are found before anything runs. */
static int exec_check(const struct address *address, struct error *error)
{
	const char *shell = exec_shell(address);
	struct exec exec;
	int result;

	if (address->type->shell != NULL && shell == NULL)
		return error_usage(error, _("the variable %s isn't set"), address->type->shell + 1);
	if (shell != NULL && strchr(shell, '/') == NULL)
		return error_usage(error, _("%s is no path of a shell: it has no '/'"), shell);
	if (exec_check_options(address, error) < 0)
		return -1;
	result = exec_prepare(address, shell, &exec, error);
	exec_free(&exec);
	return result;
}

/* fdin and fdout in the direction that isn't used would connect nothing. */
static int exec_check_direction(const struct address *address, unsigned use, struct error *error)
{
	const struct program_settings *program = SETTINGS(address->options, program);

	if (program->input >= 0 && !(use & USE_WRITE))
		return error_failed(error, _("fdin: nothing is written to the program here"));
	if (program->output >= 0 && !(use & USE_READ))
		return error_failed(error, _("fdout: nothing is read from the program here"));
	return 0;
}

static uint64_t exec_bit(int number)
{
	return (uint64_t)1 << number;
}

/* The signals that the program gets in our place. */
static uint64_t exec_signals(const struct options *options)
{
	const struct program_settings *program = SETTINGS(options, program);

	return (program->hangup ? exec_bit(SIGHUP) : 0) |
		(program->interrupt ? exec_bit(SIGINT) : 0) |
		(program->quit ? exec_bit(SIGQUIT) : 0);
}

/* Notes the program that runs now. */
static struct program *exec_program(const struct address *address, pid_t pid, bool write_only)
{
	struct program *program = program_create(pid);

	program->group = SETTINGS(address->options, process)->setsid ||
		SETTINGS(address->options, program)->process_group == 0 ||
		SETTINGS(address->options, program)->process_group == 1;
	program->kept = SETTINGS(address->options, transfer)->end_close;
	program->write_only = write_only;
	program->signals = exec_signals(address->options);
	/* whatever -S says: they are wanted */
	signals_add(program->signals);
	return program;
}

/*
 * Whether the program's errors go where its output goes: also, if nothing else is said, where a line is edited at the
 * terminal that they would be written to.
 */
static bool exec_joins_errors(const struct address *address, const struct address_context *context)
{
	if (options_given(address->options, "stderr"))
		return SETTINGS(address->options, program)->standard_error;
	return context->other_talks && (context->use & USE_READ) && isatty(STDERR_FILENO) &&
		isatty(STDIN_FILENO);
}

/* Starts the program at the other end of a channel. */
static int exec_start(const struct address *address, const struct address_context *context,
	const struct exec *exec, struct channel *channel, struct endpoint *endpoint,
	struct error *error)
{
	const struct start start = {
		.options = address->options,
		.file = exec->file,
		.argv = exec->argv,
		.input = channel->input,
		.output = channel->output,
		.errors = exec_joins_errors(address, context),
		.terminal = channel->terminal,
		.shell = exec_shell_told(address, exec->shell),
	};
	pid_t pid = start_program(&start, error);

	if (pid < 0)
		return -1;
	log_notice("forked off child process %ld, using %s for %s", (long)pid, channel->word,
		channel->reads && channel->writes ? "reading and writing"
			: channel->writes	  ? "reading"
						  : "writing");
	channel_hand_over(channel);
	endpoint->program = exec_program(address, pid, !channel->writes && channel->terminal < 0);
	return channel_use(channel, address->options, endpoint, error);
}

static int exec_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	struct channel channel;
	struct exec exec;
	int result;

	if (exec_check_direction(address, context->use, error) < 0)
		return -1;
	result = exec_prepare(address, exec_shell(address), &exec, error);
	if (result == 0) {
		result = channel_open(&channel, address->options, (context->use & USE_WRITE) != 0,
			(context->use & USE_READ) != 0, context->window, error);
		if (result == 0)
			result = exec_start(address, context, &exec, &channel, endpoint, error);
		channel_free(&channel);
	}
	exec_free(&exec);
	return result;
}

/* Becomes the program, which reads one descriptor and writes the other; -1 leaves it what we have. */
static int exec_become(const struct address *address, int rfd, int wfd, struct error *error)
{
	struct exec exec;
	int result = exec_prepare(address, exec_shell(address), &exec, error);
	struct start start = {
		.options = address->options,
		.file = exec.file,
		.argv = exec.argv,
		.input = rfd,
		.output = wfd,
		.errors = SETTINGS(address->options, program)->standard_error,
		.terminal = -1,
		.shell = exec_shell_told(address, exec.shell),
	};

	if (result == 0)
		result = start_here(&start, error);
	exec_free(&exec);
	return result;
}

#define EXEC_GROUPS \
	(GROUP_FD | GROUP_FIFO | GROUP_SOCKET | GROUP_EXEC | GROUP_FORK | GROUP_TERMIOS | \
		GROUP_PTY | GROUP_PARENT | GROUP_UNIX)
#define EXEC_ROW \
	.use = USE_BOTH, .traits = TRAIT_PROGRAM | TRAIT_COMMAND, .phases = PHASES_SOCKET, \
	.param_max = 1, .check = exec_check, .open = exec_open, .become = exec_become

const struct address_type address_exec_types[] = {
	{ EXEC_ROW, .name = "EXEC", .syntax = "<command-line>", .param_min = 1,
		.groups = EXEC_GROUPS,
		.summary = N_("run a program with its words as they are, without a shell"),
		.example = "EXEC:'grep --line-buffered été'" },
	{ EXEC_ROW, .name = "SYSTEM", .syntax = "<shell-command>", .param_min = 1,
		.groups = EXEC_GROUPS | GROUP_SHELL, .shell = "/bin/sh",
		.summary = N_("have /bin/sh run a command"),
		.example = "SYSTEM:'while read m; do echo \"you said $m\"; done'" },
	{ EXEC_ROW, .name = "SHELL", .syntax = "[:<shell-command>]", .param_min = 0,
		.groups = EXEC_GROUPS | GROUP_SHELL, .shell = "$SHELL",
		.summary = N_("have the shell that SHELL names run a command, or talk to it"),
		.example = "SHELL,pty,setsid,ctty,stderr" },
	{ .name = NULL },
};
