#include "session/programs.h"

#include <sys/wait.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "io/process.h"
#include "io/signals.h"
#include "relay/relay.h"

#define PROGRAMS_MOST 4 /* two sides of two halves */

/* The program of one half of a side, or NULL. */
static const struct program *programs_get(const struct opened sides[2], int number)
{
	const struct opened *side = &sides[number / 2];

	if (number % 2 == 0)
		return side->endpoint.program;
	return side->more != NULL ? side->more->second.program : NULL;
}

/* Whether a program runs that has to end before we do. */
bool programs_run(const struct opened sides[2])
{
	for (int i = 0; i < PROGRAMS_MOST; i++) {
		const struct program *program = programs_get(sides, i);

		if (program_runs(program) && !program->kept)
			return true;
	}
	return false;
}

/* Gives a signal that would end us to the programs that want it in our place. Returns whether there are any. */
bool programs_pass_on(const struct opened sides[2], int number)
{
	bool taken = false;

	for (int i = 0; i < PROGRAMS_MOST; i++) {
		const struct program *program = programs_get(sides, i);

		if (!program_is_ours(program) || !(program->signals & (uint64_t)1 << number))
			continue;
		program_signal(program, number);
		taken = true;
	}
	if (taken)
		signals_take_ending(number);
	return taken;
}

/*
 * How long programs may take to end once all data has passed; -1: as long as they like. One that is only written
 * to is at work until it ends. -t limits both.
 */
int64_t programs_patience(const struct plan *plan, const struct opened sides[2], bool failed,
	bool timed_out)
{
	int64_t linger = plan->relay.linger;
	bool works = false;

	for (int i = 0; i < PROGRAMS_MOST; i++) {
		const struct program *program = programs_get(sides, i);

		works = works || (program_runs(program) && program->write_only);
	}
	if (timed_out)
		return 0;
	if (!works || failed)
		return linger >= 0 ? linger : RELAY_LINGER;
	if (linger < 0)
		return -1;
	return linger > SECOND ? linger : SECOND;
}

/* Tells how a program has failed. */
static void programs_tell(enum log_level level, const struct address *address,
	const struct program *program)
{
	int status = process_exit_status(program->status);

	if (log_is_classic() && WIFEXITED(program->status))
		log_at(level, "%s: waitpid(): child %ld exited with status %d", address->text,
			(long)program->pid, status);
	else if (log_is_classic())
		log_at(level, "%s: waitpid(): child %ld exited on signal %d", address->text,
			(long)program->pid, WTERMSIG(program->status));
	else if (WIFEXITED(program->status) && status == 127 && address->type->shell != NULL)
		log_at(level,
			_("%s: the command exited with status 127: the shell has not found it"),
			address->text);
	else if (WIFEXITED(program->status))
		log_at(level, _("%s: the program exited with status %d"), address->text, status);
	else
		log_at(level, _("%s: the program exited on signal %d"), address->text,
			WTERMSIG(program->status));
}

/*
 * Says how programs have failed, quietly where that is most often the consequence of another failure. Returns
 * whether one has whose end matters.
 */
bool programs_failed(const struct plan *plan, const struct opened sides[2], bool quiet)
{
	enum log_level level = quiet ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
	bool failed = false;

	for (int i = 0; i < PROGRAMS_MOST; i++) {
		const struct program *program = programs_get(sides, i);
		const struct plan_side *side = &plan->sides[i / 2];
		const struct address *address = i % 2 == 0 ? side->reader : side->writer;

		if (!program_failed(program) || SETTINGS(address->options, transfer)->ignore_eof)
			continue;
		programs_tell(level, address, program);
		failed = true;
	}
	return failed;
}
