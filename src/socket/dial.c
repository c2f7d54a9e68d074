#include "socket/dial.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/wait.h"
#include "option/settings.h"
#include "socket/advice.h"
#include "socket/make.h"
#include "socket/report.h"

/* Binds to what bind and sourceport ask for. */
static int dial_bind(struct dial *dial, int family, struct error *error)
{
	return make_bound_client(dial->options, dial->fd, &dial->locals, family, error);
}

/* Starts without any targets; the caller fills in targets and locals. */
void dial_init(struct dial *dial, const struct options *options, const struct socket_kind *kind)
{
	*dial = (struct dial){ .bind = dial_bind, .options = options, .kind = *kind, .fd = -1 };
}

/* The address that is being tried. */
static const struct sockaddr_any *dial_target(const struct dial *dial)
{
	return &dial->targets.addresses[dial->next - 1];
}

/* What is known of the attempt. */
static struct report dial_facts(const struct dial *dial)
{
	return (struct report){
		.host = dial->host,
		.peer = dial_target(dial),
		.type = dial->kind.type,
		.numeric = SETTINGS(dial->options, ip)->numeric,
	};
}

/* This address doesn't answer: say so, and try the next one. */
static enum dial_state dial_give_up(struct dial *dial, int number)
{
	char text[SOCKADDR_TEXT];
	struct report facts = dial_facts(dial);
	bool late = number == ETIMEDOUT && dial->deadline != CLOCK_NEVER &&
		clock_now() >= dial->deadline;
	int fd = dial->fd;

	fd_close(&dial->fd);
	sockaddr_plain(dial_target(dial), text);
	if (late)
		error_failed(&dial->error,
			_("cannot connect to %s: no answer within connect-timeout"), text);
	else if (log_is_classic())
		error_failed(&dial->error, "%s", strerror(number));
	else
		error_system(&dial->error, number, _("cannot connect to %s"), text);
	dial->error.number = number;
	dial->error.attempt = true;
	advice_connect(number, dial_target(dial), dial->host, dial->kind.type, &dial->error);
	error_call(&dial->error, "connect(%d, %s, %u)", fd,
		sockaddr_classic(dial_target(dial), text), (unsigned)dial_target(dial)->length);
	facts.number = number;
	report_unreachable(&facts, late, dial->next < dial->targets.count, &dial->error);
	if (dial->next < dial->targets.count)
		log_error_value(LOG_LEVEL_INFO, &dial->error);
	return dial_next(dial);
}

/* A connection stands: the options that wait for this act now. */
static enum dial_state dial_succeed(struct dial *dial)
{
	struct option_target target = { .fd = dial->fd };
	struct sockaddr_any local;
	struct report facts = dial_facts(dial);

	if (options_apply(dial->options, PHASE_CONNECTED, &target, &dial->error) < 0) {
		fd_close(&dial->fd);
		return DIAL_FAILED;
	}
	facts.local = &local;
	/* to ncat nothing is connected before the handshake */
	if (dial->greets && log_style() == LOG_STYLE_NCAT)
		return DIAL_CONNECTED;
	if (log_tells() && sockaddr_local(dial->fd, &local) == 0)
		report(REPORT_CONNECTED, &facts);
	return DIAL_CONNECTED;
}

/* Makes a socket for the target and binds it, if that was asked for. */
static int dial_socket(struct dial *dial, const struct sockaddr_any *target)
{
	struct socket_kind kind = dial->kind;
	int result;

	kind.family = target->any.sa_family;
	dial->fd = make_socket(dial->options, &kind, &dial->error);
	if (dial->fd < 0)
		return -1;
	result = dial->bind(dial, kind.family, &dial->error);
	if (result == 0)
		return 0;
	if (result > 0) {
		error_failed(&dial->error, _("no bind address with matching address family"));
		error_hint(&dial->error, _("bind and the host have to be both IPv4 or both IPv6"));
	}
	fd_close(&dial->fd);
	return -1;
}

/* Starts with the next address of the list. */
enum dial_state dial_next(struct dial *dial)
{
	int64_t timeout = SETTINGS(dial->options, socket)->connect_timeout;

	while (dial->next < dial->targets.count) {
		const struct sockaddr_any *target = &dial->targets.addresses[dial->next++];

		report(REPORT_CONNECTING, &(struct report){ .peer = target });
		if (dial_socket(dial, target) < 0) {
			log_info("%s", dial->error.message);
			continue;
		}
		dial->deadline = timeout >= 0 ? clock_after(timeout) : CLOCK_NEVER;
		if (call_connect(dial->fd, &target->any, target->length) == 0)
			return dial_succeed(dial);
		if (errno == EINPROGRESS || errno == EINTR)
			return DIAL_WAITING;
		/* a UNIX listener whose queue is full says EAGAIN: there is no way to wait but to ask again */
		if (errno == EAGAIN && target->any.sa_family == AF_UNIX)
			return DIAL_WAITING;
		return dial_give_up(dial, errno);
	}
	return DIAL_FAILED;
}

/* Looks how the attempt stands: ready is whether poll found the socket writable. */
enum dial_state dial_continue(struct dial *dial, bool ready)
{
	const struct sockaddr_any *target = dial_target(dial);
	int number = 0;
	socklen_t length = sizeof(number);

	if (target->any.sa_family == AF_UNIX) {
		if (call_connect(dial->fd, &target->any, target->length) == 0)
			return dial_succeed(dial);
		ready = errno != EAGAIN;
		number = errno;
	} else if (ready && call_getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &number, &length) < 0) {
		number = errno;
	}
	if (!ready)
		return clock_now() < dial->deadline ? DIAL_WAITING : dial_give_up(dial, ETIMEDOUT);
	return number == 0 ? dial_succeed(dial) : dial_give_up(dial, number);
}

/* Connects, waiting as long as it takes. Returns the descriptor, or -1 with the error filled. */
int dial_wait(struct dial *dial, struct error *error)
{
	enum dial_state state = dial_next(dial);

	while (state == DIAL_WAITING) {
		int result = wait_for(dial->fd, POLLOUT, dial->deadline, error);

		if (result < 0) {
			fd_close(&dial->fd);
			return -1;
		}
		state = dial_continue(dial, result > 0);
	}
	if (state == DIAL_FAILED) {
		fd_close(&dial->fd);
		error_move(error, &dial->error);
		return -1;
	}
	return dial->fd;
}

/* Frees the lists. A connected descriptor stays open: it is the caller's. */
void dial_free(struct dial *dial)
{
	resolve_free(&dial->targets);
	resolve_free(&dial->locals);
	error_clear(&dial->error);
}

/* Looks up what to connect to, and what to bind to; *kind becomes what the options make of it. */
int dial_look_up(struct dial *dial, const struct options *options, struct socket_kind *kind,
	const struct dial_names *names, struct error *error)
{
	struct resolve_query query;

	make_kind(options, kind);
	kind->family = make_family(options, kind->family, error);
	if (kind->family < 0)
		return -1;
	dial_init(dial, options, kind);
	make_query(options, &dial->kind, false, names->prefer, &query);
	query.host = names->host;
	query.service = names->service;
	query.memory = names->memory;
	dial->host = names->host;
	if (resolve_host(&query, &dial->targets, error) < 0)
		report_no_host(&(struct report){ .host = names->host, .service = names->service },
			error);
	else if (make_local(options, &dial->kind, names->prefer, &dial->locals, error) == 0)
		return 0;
	dial_free(dial);
	return -1;
}

/*
 * Connects to the first address of a host that answers; *kind becomes what the options make of it. Returns the
 * descriptor, or -1 with the error filled.
 */
int dial_host(const struct options *options, struct socket_kind *kind,
	const struct dial_names *names, struct error *error)
{
	struct dial dial;
	int fd;

	if (dial_look_up(&dial, options, kind, names, error) < 0)
		return -1;
	fd = dial_wait(&dial, error);
	dial_free(&dial);
	return fd;
}

/* A connection on its way. */
struct dialing {
	struct opening base;
	struct dial dial;
	bool begun;
	dial_finish *finish;
	const void *context;
};

static void dialing_prepare(struct opening *opening, struct pollset *set)
{
	struct dialing *self = (struct dialing *)opening;

	opening->slot = pollset_add(set, self->dial.fd, POLLOUT);
	pollset_deadline(set, self->dial.deadline);
}

static int dialing_step(struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error)
{
	struct dialing *self = (struct dialing *)opening;
	enum dial_state state;
	int fd;

	if (self->begun)
		state = dial_continue(&self->dial, pollset_result(set, opening->slot) != 0);
	else
		state = dial_next(&self->dial);
	self->begun = true;
	if (state == DIAL_WAITING)
		return 0;
	if (state == DIAL_FAILED) {
		error_move(error, &self->dial.error);
		return -1;
	}
	fd = self->dial.fd;
	self->dial.fd = -1;
	if (self->finish(self->context, fd, self->dial.kind.type, endpoint, error) == 0)
		return 1;
	return -1;
}

static void dialing_free(struct opening *opening)
{
	struct dialing *self = (struct dialing *)opening;

	fd_close(&self->dial.fd);
	dial_free(&self->dial);
}

/*
 * Starts to connect to what was looked up; the dial is taken over. Owned by the caller. finish gets the connected
 * descriptor, which becomes the endpoint's or is closed.
 */
struct opening *dial_start(const struct dial *dial, dial_finish *finish, const void *context)
{
	static const struct opening_ops ops = {
		.prepare = dialing_prepare,
		.step = dialing_step,
		.free = dialing_free,
	};
	struct dialing *self = memory_zero(1, sizeof(*self));

	*self = (struct dialing){
		.base = { .ops = &ops, .slot = POLLSET_NONE },
		.dial = *dial,
		.finish = finish,
		.context = context,
	};
	return &self->base;
}
