#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/system.h"

#define SIGNALS_HIGHEST 64

/* The signal pipe, which wakes, and what has arrived: the other one of the two globals of the program. */
static int signals_pipe[2] = { -1, -1 };
static volatile sig_atomic_t signals_arrived[SIGNALS_HIGHEST];
static uint64_t signals_seen; /* one bit per signal that has arrived and was not yet asked for */
static uint64_t signals_ends; /* those that end the program */
static uint64_t signals_caught;

static uint64_t signals_bit(int number)
{
	return (uint64_t)1 << number;
}

static void signals_handler(int number)
{
	int saved = errno;

	signals_arrived[number] = 1;
	/* between poll and a write that blocks after all, it comes too early to interrupt that: it knocks again */
	if (signals_ends & signals_bit(number))
		alarm(1);
	if (write(signals_pipe[1], "", 1) < 0) {
		/* a full pipe wakes the loop as well */
	}
	errno = saved;
}

/* Interrupts whatever waits, again and again, until the loop has heard of the end. */
static void signals_knock(int number)
{
	(void)number;
	alarm(1);
}

/* Makes the pipe, whose ends never block. */
static int signals_make_pipe(void)
{
	int result;

	call_because(N_("signals arrive here as bytes, so that poll hears of them"));
	result = system_pipe(signals_pipe, true);
	call_because(NULL);
	if (result < 0)
		return -1;
	signals_pipe[0] = fd_above_standard(signals_pipe[0]);
	signals_pipe[1] = fd_above_standard(signals_pipe[1]);
	return 0;
}

/* Signals that come from the program's own faults: a handler that returns would meet them again at once. */
static uint64_t signals_faults(void)
{
	return signals_bit(SIGILL) | signals_bit(SIGABRT) | signals_bit(SIGBUS) |
		signals_bit(SIGFPE) | signals_bit(SIGSEGV) | signals_bit(SIGKILL) |
		signals_bit(SIGSTOP);
}

/* Signals that are noted, and end nothing. */
static uint64_t signals_noted(void)
{
	return signals_bit(SIGCHLD) | signals_bit(SIGUSR1) | signals_bit(SIGWINCH) |
		signals_bit(SIGCONT);
}

/* Catches a signal, unless it is ignored and may stay so. */
static void signals_catch(int number)
{
	struct sigaction action = { .sa_handler = signals_handler }, before;
	bool noted = (signals_noted() & signals_bit(number)) != 0;

	if (!noted && sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
		return;
	sigemptyset(&action.sa_mask);
	/* what doesn't end the program doesn't interrupt it either */
	action.sa_flags = noted ? SA_RESTART : 0;
	sigaction(number, &action, NULL);
	signals_caught |= signals_bit(number);
}

/* Has SIGALRM knock, unless it is one of those that end the program. */
static void signals_catch_alarm(void)
{
	struct sigaction action = { .sa_handler = signals_knock };

	if (signals_ends & signals_bit(SIGALRM))
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	signals_caught |= signals_bit(SIGALRM);
}

/* Has these signals end the program in order as well. Those that were ignored when it started (nohup) stay so. */
void signals_add(uint64_t ending)
{
	signals_ends |= ending & ~signals_faults() & ~signals_noted();
	for (int number = 1; number < SIGNALS_HIGHEST; number++) {
		if (signals_ends & ~signals_caught & signals_bit(number))
			signals_catch(number);
	}
}

/*
 * Starts catching: the signals of the mask end the program in order, SIGCHLD and its like are noted, whatever our
 * parent thought of them, and SIGPIPE is an error of write. Returns -1 with errno.
 */
int signals_open(uint64_t ending)
{
	sigset_t noted;

	/* before the first word is written: whoever reads a trace may go */
	signal(SIGPIPE, SIG_IGN);
	if (signals_make_pipe() < 0)
		return -1;
	signals_ends = signals_caught = 0;
	sigemptyset(&noted);
	for (int number = 1; number < SIGNALS_HIGHEST; number++) {
		if (!(signals_noted() & signals_bit(number)))
			continue;
		signals_catch(number);
		sigaddset(&noted, number);
	}
	sigprocmask(SIG_UNBLOCK, &noted, NULL);
	signal(SIGXFSZ, SIG_IGN); /* that a file may not grow is an error of write, too */
	signals_add(ending);
	signals_catch_alarm();
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* Takes note of what has arrived. */
static void signals_collect(void)
{
	for (int number = 1; number < SIGNALS_HIGHEST; number++) {
		if (!signals_arrived[number])
			continue;
		signals_arrived[number] = 0;
		signals_seen |= signals_bit(number);
	}
}

/* Empties the pipe, then takes note of what has arrived: in this order nothing can be missed. */
static void signals_drain(void)
{
	char bytes[64];

	call_because(N_("has a signal arrived?"));
	while (call_read(signals_pipe[0], bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		;
	call_because(NULL);
	signals_collect();
}

/*
 * Gives a forked child a pipe of its own in the place of the old one, so that it needs no more descriptors
 * than its parent; what the parent has seen is forgotten. All signals are blocked meanwhile.
 */
int signals_reopen(void)
{
	fd_close(&signals_pipe[0]);
	fd_close(&signals_pipe[1]);
	signals_collect();
	signals_seen = 0;
	return signals_make_pipe();
}

/* Undoes signals_open for a program that is about to be started. Returns 0. */
int signals_default(void)
{
	for (int number = 1; number < SIGNALS_HIGHEST; number++) {
		if (signals_caught & signals_bit(number))
			signal(number, SIG_DFL);
	}
	alarm(0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	return 0;
}

/* The descriptor that becomes readable when a signal has arrived. */
int signals_fd(void)
{
	return signals_pipe[0];
}

/*
 * Looks what has arrived: the signal that asks the program to end, or 0. It stays pending until the
 * program does. What else has arrived is there for the signals_take_*() that follow.
 */
int signals_ending(void)
{
	signals_drain();
	for (int number = 1; number < SIGNALS_HIGHEST; number++) {
		if (signals_seen & signals_ends & signals_bit(number))
			return number;
	}
	return 0;
}

/*
 * Makes the descriptor readable again if something has arrived that nobody has taken yet. Whoever has looked in passing
 * owes this to the loop that does what signals ask for.
 */
void signals_remind(void)
{
	if (signals_seen != 0 && call_write(signals_pipe[1], "", 1) < 0) {
		/* a full pipe wakes the loop as well */
	}
}

static bool signals_take(int number)
{
	bool seen = (signals_seen & signals_bit(number)) != 0;

	signals_seen &= ~signals_bit(number);
	return seen;
}

/* Whether a child has ended since the last call. */
bool signals_take_child(void)
{
	return signals_take(SIGCHLD);
}

/* Whether our terminal has got another size since the last call; while we were stopped nobody told us. */
bool signals_take_window(void)
{
	bool resumed = signals_take(SIGCONT);

	return signals_take(SIGWINCH) || resumed;
}

/* Forgets a signal that would have ended the program: it was for somebody else. */
void signals_take_ending(int number)
{
	signals_take(number);
}

/* Whether the statistics were asked for since the last call. */
bool signals_take_statistics(void)
{
	return signals_take(SIGUSR1);
}
