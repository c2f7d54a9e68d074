#include "io/program.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/process.h"

/* Notes a program that this process has just started. Owned by the caller. */
struct program *program_create(pid_t pid)
{
	struct program *program = memory_zero(1, sizeof(*program));

	program->pid = pid;
	program->owner = getpid();
	return program;
}

/* Whether the program is there and this process has to look after it. NULL is allowed. */
bool program_is_ours(const struct program *program)
{
	return program != NULL && program->owner == getpid();
}

/* Whether the program has to be looked after, and hasn't ended. */
bool program_runs(const struct program *program)
{
	return program_is_ours(program) && !program->ended;
}

/* Whether the program has ended in any way but well. */
bool program_failed(const struct program *program)
{
	return program_is_ours(program) && program->ended &&
		process_exit_status(program->status) != 0;
}

/* Takes note of the end of the program. */
void program_ended(struct program *program, int status)
{
	program->ended = true;
	program->status = status;
	log_info("child %ld ended with status %d", (long)program->pid, process_exit_status(status));
}

/* Sends a signal to the program, and to the whole group where it leads one, unless it has ended. */
void program_signal(const struct program *program, int number)
{
	if (!program_runs(program))
		return;
	call_kill(program->group ? -program->pid : program->pid, number);
}

/* Asks a program that still runs to end, unless it may run on, and frees the note. NULL is allowed. */
void program_free(struct program *program)
{
	if (program != NULL && !program->kept)
		program_signal(program, SIGTERM);
	free(program);
}
