/*
 * The two sides are opened one after the other, the relay runs behind them:
 *
 *     side 0  ->  side 1  ->  transfer
 *
 * A side with fork opens again and again; each time the rest of the way is gone by a child, while the parent
 * goes on. A child returns from here like any other process, with the status of its own session.
 */
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "io/process.h"
#include "io/signals.h"
#include "io/wait.h"
#include "session/children.h"
#include "session/environment.h"
#include "session/explain.h"
#include "session/hub.h"
#include "session/lanes.h"
#include "session/open.h"
#include "session/pass.h"
#include "session/publish.h"
#include "session/taps.h"
#include "session/transfer.h"
#include "socket/report.h"

#define SESSION_FORK_WAIT "SOCAT_FORK_WAIT"
#define SESSION_BREATH \
	(SECOND / 10) /* the pause after a failure that may last, such as no descriptors */

struct session {
	const struct plan *plan;
	struct opened sides[2];
	struct lockfile lock;
	pid_t first;	 /* the process that the user started */
	bool fork_waits; /* a debugger wants time after each fork */
	struct children children;
	bool full; /* so many children that nobody is let in */
};

static int session_from(struct session *session, int side, struct error *error);

/* Takes the status of every child that has ended. */
static void session_reap(struct session *session)
{
	pid_t pid;
	int status;

	signals_take_child();
	while ((pid = process_reap(&status)) > 0) {
		if (children_remove(&session->children, pid))
			log_info("child %ld ended with status %d", (long)pid,
				process_exit_status(status));
		else
			open_program_ended(session->sides, pid, status);
	}
}

/* Waits until all children have ended. */
static int session_wait_children(struct session *session, struct error *error)
{
	session_reap(session);
	while (session->children.count > 0) {
		if (wait_pause_or_child(-1, error) < 0)
			return -1;
		session_reap(session);
	}
	return 0;
}

/*
 * Lets a child go the rest of the way with the endpoint that side has now. Returns 1 in the child once it is
 * done, with *status its result, and 0 in the parent.
 */
static int session_fork(struct session *session, int side, const struct address *address,
	struct acceptor *acceptor, int *status, struct error *error)
{
	const struct child_settings *child = SETTINGS(address->options, child);
	pid_t pid = process_fork();

	if (pid < 0) {
		log_error(_("%s: cannot fork: %s"), address->text, intl_reason(errno));
		endpoint_close(&session->sides[side].endpoint);
		return wait_pause(SESSION_BREATH, error) < 0 ? -1 : 0;
	}
	if (pid > 0) {
		children_add(&session->children, pid);
		log_notice("forked off child process %ld", (long)pid);
		endpoint_close(&session->sides[side].endpoint);
		return session->fork_waits ? wait_variable(SESSION_FORK_WAIT, error) : 0;
	}
	children_free(&session->children);
	log_demote(child->shutup);
	if (acceptor != NULL)
		acceptor_stop(acceptor);
	publish_session(session->plan, session->first);
	if (session->fork_waits)
		*status = wait_variable(SESSION_FORK_WAIT, error);
	if (*status == 0 && acceptor != NULL)
		*status = open_greet(address, &session->sides[side].endpoint, error);
	if (*status == 0)
		*status = environment_change(address, error);
	if (*status == 0)
		*status = session_from(session, side + 1, error);
	return 1;
}

/* Whether another child may be started now. */
static bool session_has_room(const struct session *session, const struct address *address)
{
	int most = SETTINGS(address->options, child)->max_children;

	return most <= 0 || session->children.count < (size_t)most;
}

/* Waits for a connection or the end of a child. A listener that is full is simply not polled. */
static int session_wait_accept(struct session *session, const struct address *address,
	const struct acceptor *acceptor, int64_t deadline, struct error *error)
{
	bool room = session_has_room(session, address);
	bool pending = room && acceptor->ops->pending != NULL && acceptor->ops->pending(acceptor);
	struct pollfd slots[] = {
		{ .fd = signals_fd(), .events = POLLIN },
		{ .fd = room ? acceptor->fd : -1, .events = POLLIN },
	};
	int number;

	if (!room && !session->full)
		log_notice("maxchildren are active, waiting");
	session->full = !room;
	if (call_poll(slots, 2, pending ? 0 : clock_poll_timeout(room ? deadline : CLOCK_NEVER)) <
			0 &&
		errno != EINTR && errno != EAGAIN)
		return error_system(error, errno, _("cannot wait for connections"));
	if (slots[0].revents != 0) {
		number = signals_ending();
		if (number != 0)
			return error_signal(error, number);
		if (signals_take_statistics())
			log_warning(_("there are no statistics before the transfer starts"));
		session_reap(session);
	}
	if (slots[1].revents != 0 || pending)
		return 1;
	if (room && deadline != CLOCK_NEVER && clock_now() >= deadline)
		return report_nobody(error);
	return 0;
}

/* A signal that ends us leaves the children alone, unless the user wants it otherwise. */
static void session_end_children(const struct session *session, const struct address *address,
	const struct error *error)
{
	const char *children = SETTINGS(address->options, child)->children;

	if (error->kind == ERROR_SIGNAL && children != NULL && strcmp(children, "term") == 0)
		children_signal(&session->children, SIGTERM);
}

/* Tells of a connection that failed, loudly for the first in a row. */
static void session_tell_lost(const struct address *address, bool failing, struct error *error)
{
	error_name(error, address->text);
	if (call_pretends())
		call_note(_("here it fails: %s"), error->message);
	else
		log_error_value(failing ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, error);
	error_clear(error);
}

/* What the second side can do once for all connections, unless the first becomes somebody else before. */
static void session_prepare(const struct session *session, int side)
{
	const struct plan_side *first = &session->plan->sides[0],
			       *second = &session->plan->sides[1];

	if (side != 0 || open_changes_process(first->reader))
		return;
	open_prepare(second->reader);
	if (second->writer != second->reader)
		open_prepare(second->writer);
}

/* Takes connections for ever, a child for each. */
static int session_serve(struct session *session, int side, const struct address *address,
	struct error *error)
{
	int64_t timeout = SETTINGS(address->options, listen)->accept_timeout;
	struct acceptor *acceptor = open_listen(session->plan, address, error);
	int64_t deadline = clock_after(timeout);
	bool failing = false; /* said already, and nobody has been let in since */
	int status = 0;

	opened_more(&session->sides[side])->acceptors[0] = acceptor;
	if (acceptor == NULL)
		return -1;
	session_prepare(session, side);
	for (;;) {
		int result;

		/* a child that ended during a pause was noted there, and wakes nobody any more */
		if (signals_take_child())
			session_reap(session);
		result = session_wait_accept(session, address, acceptor, deadline, error);
		if (result > 0)
			result = acceptor->ops->accept(acceptor, &session->sides[side].endpoint,
				error);
		if (result < 0) {
			if (error->kind == ERROR_TIMEOUT || error->kind == ERROR_SIGNAL)
				break;
			/* one connection that failed never ends a server */
			session_tell_lost(address, failing, error);
			failing = true;
			if (wait_pause(SESSION_BREATH, error) < 0)
				break;
		}
		if (result > 0) {
			failing = false;
			result = session_fork(session, side, address, acceptor, &status, error);
			if (result != 0)
				return result > 0 ? status : -1;
			deadline = clock_after(timeout);
		}
		if (call_pretends()) {
			call_loops(_(
				"the parent waits for the next connection, until a signal ends it"));
			break;
		}
	}
	acceptor_stop(acceptor);
	session_end_children(session, address, error);
	if (error->kind == ERROR_TIMEOUT) {
		struct error waiting = ERROR_EMPTY;

		if (session_wait_children(session, &waiting) < 0)
			error_move(error, &waiting);
	}
	return -1;
}

/* Waits until another child may be started. */
static int session_wait_room(struct session *session, const struct address *address,
	struct error *error)
{
	while (!session_has_room(session, address)) {
		log_info("all %zu allowed children are active, waiting", session->children.count);
		if (wait_pause_or_child(-1, error) < 0)
			return -1;
		session_reap(session);
	}
	return 0;
}

/* Connects for ever, a child for each connection, with a pause between them. */
static int session_repeat(struct session *session, int side, const struct address *address,
	struct error *error)
{
	const struct plan *plan = session->plan;
	int64_t interval = SETTINGS(address->options, retry)->interval;
	int status = 0;

	while (session_wait_room(session, address, error) == 0 &&
		open_address(plan, address, plan->sides[side].use, &session->sides[side].endpoint,
			error) == 0) {
		int result = session_fork(session, side, address, NULL, &status, error);

		if (result != 0)
			return result > 0 ? status : -1;
		if (call_pretends()) {
			call_loops(
				_("after a pause the parent begins again, until a signal ends it"));
			break;
		}
		if (wait_pause_or_child(interval, error) < 0)
			break;
		session_reap(session);
	}
	session_end_children(session, address, error);
	return -1;
}

/*
 * Puts the program of side 1 in the place of this process, with what side 0 reads and writes. Returns only on
 * failure.
 */
static int session_become(struct session *session, const struct address *address,
	struct error *error)
{
	const struct opened *other = &session->sides[0];
	const struct stream *from = other->endpoint.reader;
	const struct stream *to = opened_writer(other);
	unsigned use = session->plan->sides[1].use;
	struct environment before;
	struct terminal *terminals = NULL;

	if ((from != NULL && from->ops != NULL) || (to != NULL && to->ops != NULL))
		return error_failed(error,
			_("%s: nofork needs a first address that is a plain descriptor"),
			address->text);
	if (environment_enter(&before, address, error) < 0)
		return -1;
	log_notice("becoming the program");
	open_leave(&session->sides[0], &terminals);
	lockfile_release(&session->lock);
	address->type->become(address, use & USE_WRITE && from != NULL ? from->rfd : -1,
		use & USE_READ && to != NULL ? to->wfd : -1, error);
	terminal_restore(&terminals);
	error_name(error, address->text);
	return -1;
}

/* Goes the way from a side to the end. */
static int session_from(struct session *session, int side, struct error *error)
{
	const struct plan_side *what;

	if (side > 0)
		publish_endpoint(session->plan, &session->sides[side - 1].endpoint);
	if (side == 1 && session->plan->pass_fd)
		return pass_on(session->plan, &session->sides[0].endpoint, error);
	if (side == 2)
		return call_pretends() ? explain_transfer(session->plan, session->sides, error)
				       : transfer_run(session->plan, session->sides, error);
	what = &session->plan->sides[side];
	if (SETTINGS(what->reader->options, child)->poll) {
		if (open_lock(what->reader, &opened_more(&session->sides[side])->locks[0], error) <
			0)
			return -1;
		return call_pretends() ? explain_many(session->plan, session->sides, error)
				       : lanes_run(session->plan, error);
	}
	if (SETTINGS(what->reader->options, hub)->hub != NULL) {
		if (open_lock(what->reader, &opened_more(&session->sides[side])->locks[0], error) <
			0)
			return -1;
		return call_pretends() ? explain_many(session->plan, session->sides, error)
				       : hub_run(session->plan, error);
	}
	if (SETTINGS(what->reader->options, child)->fork) {
		if (open_lock(what->reader, &opened_more(&session->sides[side])->locks[0], error) <
			0)
			return -1;
		return what->reader->type->listen != NULL
			? session_serve(session, side, what->reader, error)
			: session_repeat(session, side, what->reader, error);
	}
	if (SETTINGS(what->reader->options, program)->nofork)
		return session_become(session, what->reader, error);
	if (open_side(session->plan, side, &session->sides[side], error) < 0)
		return -1;
	return session_from(session, side + 1, error);
}

/* Prints why a session ended, and finds the exit status that says so. */
static int session_status(const struct plan *plan, int result, struct error *error)
{
	static const struct {
		int signal;
		enum log_level level;
	} signals[] = { { SIGTERM, LOG_LEVEL_WARNING }, { SIGHUP, LOG_LEVEL_NOTICE },
		{ SIGINT, LOG_LEVEL_NOTICE } };
	enum log_level level = LOG_LEVEL_ERROR;

	if (result == 0)
		return EXIT_STATUS_DONE;
	if (error->kind == ERROR_SIGNAL) {
		for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
			level = signals[i].signal == error->number ? signals[i].level : level;
		/* a netcat that is ended says nothing */
		if (log_style() != LOG_STYLE_NETTOOL)
			level = LOG_LEVEL_INFO;
		log_error_value(level, error);
		return EXIT_STATUS_SIGNAL + error->number;
	}
	if (error->kind == ERROR_TIMEOUT) {
		log_error_value(LOG_LEVEL_WARNING, error);
		return plan->relay.timeout_fails ? EXIT_STATUS_FAILED : EXIT_STATUS_DONE;
	}
	log_error_value(LOG_LEVEL_ERROR, error);
	return plan_failure_status(plan, error);
}

/* A descriptor that an address names must have been inherited, or it would become one of our own. */
static int session_check_inherited(const struct plan *plan, struct error *error)
{
	for (int i = 0; i < 4; i++) {
		const struct plan_side *side = &plan->sides[i / 2];
		const struct address *address = i % 2 == 0 ? side->reader : side->writer;
		long fd;

		if (!(address->type->traits & TRAIT_INHERITS))
			continue;
		fd = strtol(address_param(address, 0), NULL, 0);
		if (call_fcntl((int)fd, F_GETFD, 0) < 0) {
			error_failed(error, _("descriptor %ld is not open"), fd);
			error_hint(error, _("who starts nettool opens it: %ld<file or %ld>file"),
				fd, fd);
			error_name(error, address->text);
			return -1;
		}
	}
	return 0;
}

/* Runs a checked plan to its end. Returns the exit status; a forked child returns with its own. */
int session_run(struct plan *plan)
{
	struct session session = { .plan = plan, .first = getpid() };
	struct error error = ERROR_EMPTY;
	int result = 0, status;

	session.fork_waits = getenv(SESSION_FORK_WAIT) != NULL;
	result = session_check_inherited(plan, &error);
	/* whoever waits at the other end has no business with our programs */
	if (plan->ready_fd > STDERR_FILENO)
		fd_set_cloexec(plan->ready_fd, true);
	if (result == 0 && signals_open(plan->signals) < 0)
		result = error_system(&error, errno, _("cannot catch signals"));
	if (result == 0)
		result = wait_variable("SOCAT_MAIN_WAIT", &error);
	if (result == 0 && plan->lock != NULL)
		result = lockfile_take(&session.lock, plan->lock, plan->lock_wait, &error);
	if (result == 0)
		result = plan_open_dump(plan, &error);
	if (result == 0)
		result = taps_open(plan, &error);
	if (result == 0) {
		publish_session(plan, session.first);
		result = session_from(&session, 0, &error);
	}
	if (call_pretends())
		explain_end(plan_failure_status(plan, &error), &error);
	status = call_pretends() ? EXIT_STATUS_DONE : session_status(plan, result, &error);
	error_clear(&error);
	open_close(&session.sides[1]);
	open_close(&session.sides[0]);
	if (!taps_close(plan) && status == EXIT_STATUS_DONE)
		status = EXIT_STATUS_FAILED;
	lockfile_release(&session.lock);
	children_free(&session.children);
	log_notice("exiting with status %d", status);
	return status;
}
