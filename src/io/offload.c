/*
 * Some calls block and cannot be polled: looking up a name, opening a fifo. They run in a thread of their own,
 * and this one waits for it and for signals. When a signal asks the program to end, the thread is left behind
 * with its context; the process won't outlive it for long.
 */
#include "io/offload.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "io/wait.h"

struct offload {
	void (*work)(void *context);
	void *context;
	pthread_t thread;
	bool threaded;
	int done[2]; /* a pipe: closed at its writing end when the work is done */
	struct offload *next;
};

/* Work that was left behind: nobody waits for it, but its thread may just be about to start. */
static struct offload *offload_left;

static void *offload_run(void *argument)
{
	struct offload *offload = argument;

	offload->work(offload->context);
	fd_close(&offload->done[1]);
	return NULL;
}

/*
 * Starts the work and returns at once. Owned by the caller, who ends it with offload_finish; NULL with errno if
 * there is no descriptor for it.
 */
struct offload *offload_start(void (*work)(void *context), void *context)
{
	struct offload *offload = memory_zero(1, sizeof(*offload));
	sigset_t all, before;
	int number;

	offload->work = work;
	offload->context = context;
	if (fd_pipe(offload->done) < 0) {
		free(offload);
		return NULL;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	number = call_pretends() ? EAGAIN
				 : pthread_create(&offload->thread, NULL, offload_run, offload);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	offload->threaded = number == 0;
	if (!offload->threaded) /* without threads the call blocks */
		offload_run(offload);
	return offload;
}

/* Whether the work is done. */
bool offload_is_done(const struct offload *offload)
{
	struct pollfd slot = { .fd = offload->done[0], .events = POLLIN };

	return call_poll(&slot, 1, 0) > 0;
}

/* Frees what work that is done has left; its context is the caller's again. */
void offload_finish(struct offload *offload)
{
	if (offload->threaded)
		pthread_join(offload->thread, NULL);
	fd_close(&offload->done[0]);
	free(offload);
}

/* Leaves work behind, with its context: it goes on, and nobody will ask for it any more. */
void offload_leave(struct offload *offload)
{
	if (offload->threaded)
		pthread_detach(offload->thread);
	offload->next = offload_left;
	offload_left = offload;
}

/*
 * Does the work. Returns 0 when it is done, or -1 with the error filled when a signal asks the program to end:
 * then the work goes on, and the context must stay as it is.
 */
int offload(void (*work)(void *context), void *context, struct error *error)
{
	struct offload *offload = offload_start(work, context);

	if (offload == NULL)
		return error_system(error, errno, _("cannot create a pipe"));
	if (wait_for(offload->done[0], POLLIN, CLOCK_NEVER, error) < 0) {
		offload_leave(offload);
		return -1;
	}
	offload_finish(offload);
	return 0;
}
