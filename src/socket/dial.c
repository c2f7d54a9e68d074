#include "socket/dial.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "io/wait.h"
#include "option/settings.h"
#include "socket/make.h"

#define DIAL_PAUSE (SECOND / 100)

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

/* This address doesn't answer: say so, and try the next one. */
static enum dial_state dial_give_up(struct dial *dial, int number)
{
	char text[SOCKADDR_TEXT];

	fd_close(&dial->fd);
	sockaddr_plain(dial_target(dial), text);
	if (number == ETIMEDOUT && dial->deadline != CLOCK_NEVER && clock_now() >= dial->deadline)
		error_failed(&dial->error,
			_("cannot connect to %s: no answer within connect-timeout"), text);
	else
		error_system(&dial->error, number, _("cannot connect to %s"), text);
	dial->error.number = number;
	if (dial->next < dial->targets.count)
		log_info("%s", dial->error.message);
	return dial_next(dial);
}

/* A connection stands: the options that wait for this act now. */
static enum dial_state dial_succeed(struct dial *dial)
{
	struct option_target target = { .fd = dial->fd };
	struct sockaddr_any local;
	char text[SOCKADDR_TEXT];

	if (options_apply(dial->options, PHASE_CONNECTED, &target, &dial->error) < 0) {
		fd_close(&dial->fd);
		return DIAL_FAILED;
	}
	if (log_shows(LOG_LEVEL_NOTICE) && sockaddr_local(dial->fd, &local) == 0)
		log_notice("successfully connected from local address %s",
			sockaddr_classic(&local, text));
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
	if (result > 0)
		error_failed(&dial->error, _("no bind address with matching address family"));
	fd_close(&dial->fd);
	return -1;
}

/* Starts with the next address of the list. */
enum dial_state dial_next(struct dial *dial)
{
	int64_t timeout = SETTINGS(dial->options, socket)->connect_timeout;
	char text[SOCKADDR_TEXT];

	while (dial->next < dial->targets.count) {
		const struct sockaddr_any *target = &dial->targets.addresses[dial->next++];

		log_notice("opening connection to %s", sockaddr_classic(target, text));
		if (dial_socket(dial, target) < 0) {
			log_info("%s", dial->error.message);
			continue;
		}
		dial->deadline = timeout >= 0 ? clock_after(timeout) : CLOCK_NEVER;
		if (connect(dial->fd, &target->any, target->length) == 0)
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
		if (connect(dial->fd, &target->any, target->length) == 0)
			return dial_succeed(dial);
		ready = errno != EAGAIN;
		number = errno;
	} else if (ready && getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &number, &length) < 0) {
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
		int result;

		/* a UNIX listener whose queue is full can only be asked again */
		if (dial_target(dial)->any.sa_family == AF_UNIX)
			result = wait_pause(DIAL_PAUSE, error);
		else
			result = wait_for(dial->fd, POLLOUT, dial->deadline, error);
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

/*
 * Looks up a host and a service and connects to the first address that answers; *kind becomes
 * what the options make of it. Returns the descriptor, or -1
 * with the error filled.
 */
int dial_host(const struct options *options, struct socket_kind *kind, int prefer, const char *host,
	const char *service, struct error *error)
{
	struct resolve_query query;
	struct dial dial;
	int fd = -1;

	make_kind(options, kind);
	kind->family = make_family(options, kind->family, error);
	if (kind->family < 0)
		return -1;
	dial_init(&dial, options, kind);
	make_query(options, &dial.kind, false, prefer, &query);
	query.host = host;
	query.service = service;
	if (resolve_host(&query, &dial.targets, error) == 0 &&
		make_local(options, &dial.kind, prefer, &dial.locals, error) == 0)
		fd = dial_wait(&dial, error);
	dial_free(&dial);
	return fd;
}
