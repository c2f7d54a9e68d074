#include "io/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "io/signals.h"

/*
 * Forks with all signals blocked, so that the child has a signal pipe of its own before the first one can
 * reach it. Returns as fork does.
 */
pid_t process_fork(void)
{
	sigset_t all, before;
	pid_t pid;
	int number;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	number = errno;
	if (pid == 0 && signals_reopen() < 0)
		_exit(EXIT_STATUS_FAULT);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return pid;
}

/* Takes the status of one ended child. Returns its pid, 0 if none has ended, -1 if there are none. */
pid_t process_reap(int *status)
{
	pid_t pid;

	do {
		pid = waitpid(-1, status, WNOHANG);
	} while (pid < 0 && errno == EINTR);
	return pid;
}

/* What a shell would say of a child's end: its exit status, or 128 + the signal. */
int process_exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_STATUS_SIGNAL + WTERMSIG(status);
}
