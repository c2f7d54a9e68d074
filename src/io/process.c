#include "io/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call.h"
#include "base/error.h"
#include "io/signals.h"

/*
 * Forks with all signals blocked, so that the child is ready for the first one before it can come. Returns as
 * fork does.
 */
static pid_t process_fork_ready(int (*ready)(void))
{
	sigset_t all, before;
	pid_t pid;
	int number;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = call_fork();
	number = errno;
	if (pid == 0 && ready() < 0)
		_exit(EXIT_STATUS_FAULT);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return pid;
}

/* Forks a process that goes on like this one, with a signal pipe of its own. */
pid_t process_fork(void)
{
	return process_fork_ready(signals_reopen);
}

/* Forks a process that is about to run a program, and has the signals that programs expect. */
pid_t process_fork_program(void)
{
	return process_fork_ready(signals_default);
}

/* Waits for the end of a child that is known to come. Returns its status, 0 if it isn't ours. */
int process_wait(pid_t pid)
{
	int status = 0;

	while (call_waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Takes the status of one ended child. Returns its pid, 0 if none has ended, -1 if there are none. */
pid_t process_reap(int *status)
{
	pid_t pid;

	do {
		pid = call_waitpid(-1, status, WNOHANG);
	} while (pid < 0 && errno == EINTR);
	return pid;
}

/* What a shell would say of a child's end: its exit status, or 128 + the signal. */
int process_exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_STATUS_SIGNAL + WTERMSIG(status);
}
