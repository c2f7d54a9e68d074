#include "session/open.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/call.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/signals.h"
#include "io/wait.h"
#include "program/pty.h"
#include "session/announce.h"
#include "session/environment.h"
#include "session/explain.h"
#include "socket/report.h"

/* Room for what only some sides have. */
struct opened_more *opened_more(struct opened *opened)
{
	if (opened->more == NULL)
		opened->more = memory_zero(1, sizeof(*opened->more));
	return opened->more;
}

/* What is written to reach a side: the second half of a dual address. */
struct stream *opened_writer(const struct opened *opened)
{
	if (opened->more != NULL && opened->more->second.writer != NULL)
		return opened->more->second.writer;
	return opened->endpoint.writer;
}

/* Opens an endpoint, waiting as long as it takes. */
static int open_endpoint(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	struct opening *opening;
	int result;

	if (address->type->start == NULL)
		return address->type->open(address, context, endpoint, error);
	opening = address->type->start(address, context, error);
	result = opening != NULL ? opening_wait(opening, endpoint, error) : -1;
	opening_free(opening);
	return result;
}

/* What is known of the address on the other side. */
static unsigned open_other_traits(const struct plan *plan, const struct address *address)
{
	const struct plan_side *first = &plan->sides[0];
	bool is_first = address == first->reader || address == first->writer;
	const struct plan_side *other = &plan->sides[is_first];

	if (other->reader == NULL || other->writer == NULL)
		return 0;
	return other->reader->type->traits | other->writer->type->traits;
}

/* How an address is opened in this plan. */
static struct address_context open_context(const struct plan *plan, const struct address *address,
	unsigned use)
{
	unsigned other = open_other_traits(plan, address);

	return (struct address_context){
		.use = use & address->type->use ? use & address->type->use : use,
		.listen_family = plan->listen_family,
		.prefer_family = plan->prefer_family,
		.other_listens = (other & TRAIT_LISTENS) != 0,
		.other_talks = (other & TRAIT_TALKS) != 0,
		.alone = true,
		/* a program may look only once */
		.window = (other & TRAIT_STDIO) && pty_follows(address->options),
	};
}

/* Goes back to where the process was before an address was opened. Returns the result of that, or -1. */
static int open_return(struct environment *before, const struct address *address, int result,
	struct error *error)
{
	struct error second = ERROR_EMPTY;

	if (environment_leave(before, &second) < 0 && result >= 0) {
		error_move(error, &second);
		result = -1;
	}
	error_clear(&second);
	if (result < 0)
		error_name(error, address->text);
	return result;
}

/* One try at opening, in the surroundings that the address asks for. */
static int open_once(const struct plan *plan, const struct address *address, unsigned use,
	struct endpoint *endpoint, struct acceptor **acceptor, struct error *error)
{
	struct address_context context = open_context(plan, address, use);
	struct environment before;
	int result = environment_enter(&before, address, error);

	if (acceptor != NULL)
		*acceptor = NULL;
	if (result == 0 && acceptor != NULL) {
		*acceptor = address->type->listen(address, &context, error);
		result = *acceptor != NULL ? 0 : -1;
	} else if (result == 0) {
		result = open_endpoint(address, &context, endpoint, error);
	}
	result = open_return(&before, address, result, error);
	if (result < 0 && acceptor != NULL && *acceptor != NULL)
		acceptor_close(*acceptor);
	/* a signal that ends the program also ends the waiting for a lock or for the other end of a fifo */
	if (result < 0 && error->number == EINTR && signals_ending() != 0)
		return error_signal(error, signals_ending());
	return result;
}

/*
 * Opens an address without waiting, for one of many. *opening is what takes time, and the caller's; NULL when the
 * endpoint is open already. Returns -1 with the error filled on failure.
 */
int open_start(const struct plan *plan, const struct address *address, unsigned use,
	struct resolve_memory *memory, struct endpoint *endpoint, struct opening **opening,
	struct error *error)
{
	struct address_context context = open_context(plan, address, use);
	struct environment before;
	int result = environment_visit(&before, address, error);

	context.memory = memory;
	context.alone = false;
	*opening = NULL;
	if (result == 0 && address->type->start != NULL) {
		*opening = address->type->start(address, &context, error);
		result = *opening != NULL ? 0 : -1;
	} else if (result == 0) {
		result = address->type->open(address, &context, endpoint, error);
	}
	return open_return(&before, address, result, error);
}

/* Goes on with an opening, in the surroundings that the address asks for. Returns as its step does. */
int open_step(const struct address *address, struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error)
{
	struct environment before;
	int result = environment_visit(&before, address, error);

	if (result == 0)
		result = opening->ops->step(opening, set, endpoint, error);
	return open_return(&before, address, result, error);
}

/* Looks up the names that an address will need, so that nobody has to wait for that later. */
int open_look_up(const struct plan *plan, const struct address *address,
	struct resolve_memory *memory, struct error *error)
{
	struct address_context context = open_context(plan, address, USE_BOTH);

	context.memory = memory;
	if (address->type->look_up == NULL || address->type->look_up(address, &context, error) == 0)
		return 0;
	error_name(error, address->text);
	return -1;
}

/* Whether an option makes the process something else than it was, or takes it elsewhere. */
bool open_changes_process(const struct address *address)
{
	return memcmp(SETTINGS(address->options, process), process_block.defaults,
		       process_block.size) != 0;
}

/*
 * Lets an address read what all its connections share before the first of them comes. What fails now is tried, and told,
 * when it is opened.
 */
void open_prepare(const struct address *address)
{
	struct error error = ERROR_EMPTY;

	if (address->type->prepare == NULL || open_changes_process(address))
		return;
	address->type->prepare(address, &error);
	error_clear(&error);
}

/* Tries again as often as retry and forever allow. */
static int open_retrying(const struct plan *plan, const struct address *address, unsigned use,
	struct endpoint *endpoint, struct acceptor **acceptor, struct error *error)
{
	const struct retry_settings *retry = SETTINGS(address->options, retry);
	int64_t left = retry->retry;

	for (;;) {
		if (open_once(plan, address, use, endpoint, acceptor, error) == 0)
			return 0;
		if (error->kind != ERROR_FAILED || (!retry->forever && left-- <= 0))
			return -1;
		if (call_pretends()) {
			call_note(_("it would be tried again (options retry, interval, forever)"));
			return -1;
		}
		log_info("%s; trying again", error->message);
		error_clear(error);
		if (endpoint != NULL)
			endpoint_close(endpoint);
		if (wait_pause(retry->interval, error) < 0)
			return -1;
	}
}

/* Opens an address that doesn't listen. */
int open_address(const struct plan *plan, const struct address *address, unsigned use,
	struct endpoint *endpoint, struct error *error)
{
	explain_address(address);
	if (open_retrying(plan, address, use, endpoint, NULL, error) < 0) {
		endpoint_close(endpoint);
		return -1;
	}
	announce_receiver(plan, endpoint);
	announce_place(plan, endpoint);
	if (address->type->wait != NULL && address->type->wait(address, endpoint, error) < 0) {
		endpoint_close(endpoint);
		return -1;
	}
	return 0;
}

/* Starts to listen. Owned by the caller; NULL with the error filled on failure. */
struct acceptor *open_listen(const struct plan *plan, const struct address *address,
	struct error *error)
{
	struct acceptor *acceptor;

	explain_address(address);
	if (open_retrying(plan, address, USE_BOTH, NULL, &acceptor, error) < 0)
		return NULL;
	announce_listener(plan, acceptor->fd);
	return acceptor;
}

/* Takes the lock that an address asks for. */
int open_lock(const struct address *address, struct lockfile *lock, struct error *error)
{
	const struct transfer_settings *transfer = SETTINGS(address->options, transfer);

	if (transfer->lock_file != NULL &&
		lockfile_take(lock, transfer->lock_file, false, error) < 0)
		return -1;
	if (transfer->wait_lock != NULL &&
		lockfile_take(lock, transfer->wait_lock, true, error) < 0)
		return -1;
	return 0;
}

/* Does what has to be done with a connection that was accepted before it can be used, such as a handshake. */
int open_greet(const struct address *address, struct endpoint *endpoint, struct error *error)
{
	struct opening *opening;
	int result;

	if (address->type->greet == NULL)
		return 0;
	opening = address->type->greet(address, endpoint, error);
	result = opening != NULL ? opening_wait(opening, endpoint, error) : -1;
	opening_free(opening);
	if (result < 0)
		error_name(error, address->text);
	return result;
}

/* Waits for the first connection that is let in. */
int open_accept(const struct address *address, struct acceptor *acceptor, struct endpoint *endpoint,
	struct error *error)
{
	int64_t deadline = clock_after(SETTINGS(address->options, listen)->accept_timeout);

	for (;;) {
		int result = 1;

		if (acceptor->ops->pending == NULL || !acceptor->ops->pending(acceptor))
			result = wait_for(acceptor->fd, POLLIN, deadline, error);
		if (result < 0)
			return -1;
		if (result == 0)
			return report_nobody(error);
		result = acceptor->ops->accept(acceptor, endpoint, error);
		if (result > 0)
			return 0;
		if (result < 0) {
			error_name(error, address->text);
			return -1;
		}
	}
}

/* Opens one half of a side, or the whole of it, without fork. */
static int open_half(const struct plan *plan, const struct address *address, unsigned use,
	struct opened *opened, int half, struct endpoint *endpoint, struct error *error)
{
	if (use == 0)
		return 0;
	if (open_lock(address, &opened_more(opened)->locks[half], error) < 0)
		return -1;
	if (address->type->listen == NULL) {
		if (open_address(plan, address, use, endpoint, error) < 0)
			return -1;
	} else {
		struct acceptor *acceptor = open_listen(plan, address, error);

		opened_more(opened)->acceptors[half] = acceptor;
		if (acceptor == NULL || open_accept(address, acceptor, endpoint, error) < 0)
			return -1;
		acceptor_stop(acceptor);
		if (open_greet(address, endpoint, error) < 0)
			return -1;
	}
	return environment_change(address, error);
}

/* Opens a side completely. What was opened before a failure is open_close's to undo. */
int open_side(const struct plan *plan, int side, struct opened *opened, struct error *error)
{
	const struct plan_side *what = &plan->sides[side];

	if (what->reader == what->writer)
		return open_half(plan, what->reader, what->use, opened, 0, &opened->endpoint,
			error);
	if (open_half(plan, what->reader, what->use & USE_READ, opened, 0, &opened->endpoint,
		    error) < 0)
		return -1;
	return open_half(plan, what->writer, what->use & USE_WRITE, opened, 1,
		&opened_more(opened)->second, error);
}

/* Notes the end of the program of an endpoint, if that is the one. */
static bool open_endpoint_ended(struct endpoint *endpoint, pid_t pid, int status)
{
	if (!program_runs(endpoint->program) || endpoint->program->pid != pid)
		return false;
	program_ended(endpoint->program, status);
	if (endpoint->reader != NULL)
		endpoint->reader->traits |= STREAM_DESERTED;
	if (endpoint->writer != NULL)
		endpoint->writer->traits |= STREAM_DESERTED;
	return true;
}

/* Notes the end of a program, if one of the sides has started it. */
bool open_program_ended(struct opened sides[2], pid_t pid, int status)
{
	for (int i = 0; i < 2; i++) {
		if (open_endpoint_ended(&sides[i].endpoint, pid, status) ||
			(sides[i].more != NULL &&
				open_endpoint_ended(&sides[i].more->second, pid, status)))
			return true;
	}
	return false;
}

/* Removes what an endpoint left behind, but for a terminal, which stays as it was made. */
static void open_leave_endpoint(struct endpoint *endpoint, struct terminal **terminals)
{
	if (endpoint->more != NULL)
		terminal_move(&endpoint->more->terminals, terminals);
	endpoint_release(endpoint);
}

/*
 * Removes what a side left behind, for its descriptors are somebody else's from now on. Terminals stay as they were
 * made; what they were before is added to the list.
 */
void open_leave(struct opened *opened, struct terminal **terminals)
{
	struct opened_more *more = opened->more;

	open_leave_endpoint(&opened->endpoint, terminals);
	for (int i = 0; more != NULL && i < 2; i++) {
		if (more->acceptors[i] != NULL)
			acceptor_close(more->acceptors[i]);
		lockfile_release(&more->locks[i]);
	}
	if (more != NULL)
		open_leave_endpoint(&more->second, terminals);
	free(more);
	opened->more = NULL;
}

/* Closes a side and removes what it left behind. */
void open_close(struct opened *opened)
{
	struct terminal *restored = NULL;

	if (opened->more != NULL)
		endpoint_close(&opened->more->second);
	endpoint_close(&opened->endpoint);
	open_leave(opened, &restored);
}
