/*
 * A stream is asked by connecting, and closed as soon as the connection stands. A port for datagrams is sent
 * empty ones, a few, for some get lost and refusals are rationed: it is open if it answers, refused if ICMP says
 * so, and silent otherwise, which is what most open ports are.
 */
#include "scan/probe.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "socket/dial.h"
#include "socket/make.h"

#define PROBE_DATAGRAMS 4 /* sent to one port, at most */

/* Ends the attempt with what is known now. */
static enum probe_state probe_found(struct probe *probe, enum outcome outcome, int number)
{
	fd_close(&probe->fd);
	probe->outcome = outcome;
	probe->number = number;
	return PROBE_FOUND;
}

/* What an error of the socket says of the port. */
static enum probe_state probe_refused(struct probe *probe, int number)
{
	if (number == ECONNREFUSED || number == ECONNRESET)
		return probe_found(probe, OUTCOME_REFUSED, ECONNREFUSED);
	if (number == ETIMEDOUT)
		return probe_found(probe, OUTCOME_SILENT, number);
	return probe_found(probe, OUTCOME_FAILED, number);
}

/*
 * Whether we are talking to ourselves: the system may have chosen the very port for us that we ask, and a socket
 * can be connected to itself.
 */
static bool probe_is_mirrored(const struct probe *probe)
{
	struct sockaddr_any local;

	return probe->port >= 0 && sockaddr_local(probe->fd, &local) == 0 &&
		sockaddr_same(&local, &probe->to);
}

/* A connection stands: the options that wait for this act, and it has served its purpose. */
static enum probe_state probe_connected(struct probe *probe, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_CONNECTED, PHASE_FD, PHASE_LATE };
	struct option_target target = { .fd = probe->fd };

	if (probe_is_mirrored(probe))
		return probe_found(probe, OUTCOME_REFUSED, ECONNREFUSED);
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (options_apply(probe->target->address->options, phases[i], &target, error) < 0) {
			fd_close(&probe->fd);
			return PROBE_BROKEN;
		}
	}
	return probe_found(probe, OUTCOME_OPEN, 0);
}

/* Sends one more empty datagram. */
static enum probe_state probe_ask(struct probe *probe)
{
	probe->again = clock_after(probe->target->timeout / PROBE_DATAGRAMS + 1);
	if (call_send(probe->fd, "", 0, MSG_DONTWAIT) < 0 && errno != EAGAIN && errno != ENOBUFS &&
		errno != EINTR)
		return probe_refused(probe, errno);
	return PROBE_WAITING;
}

/* Asks the port: connects, or sends to it. */
static enum probe_state probe_connect(struct probe *probe, struct error *error)
{
	if (call_connect(probe->fd, &probe->to.any, probe->to.length) == 0) {
		if (!probe->target->datagrams)
			return probe_connected(probe, error);
		return probe_is_mirrored(probe) ? probe_found(probe, OUTCOME_REFUSED, ECONNREFUSED)
						: probe_ask(probe);
	}
	if (errno == EINPROGRESS || errno == EINTR)
		return PROBE_WAITING;
	/* a UNIX listener whose queue is full: there is no way to wait but to ask again */
	if (errno == EAGAIN && probe->to.any.sa_family == AF_UNIX)
		return PROBE_WAITING;
	return probe_refused(probe, errno);
}

/* Gives the socket the local address that was asked for. All ports are tried from it at the same time. */
static int probe_bind(const struct probe *probe, struct error *error)
{
	const struct target *target = probe->target;
	const struct options *options = target->address->options;
	int on = 1;

	if (target->locals.count > 0 && sockaddr_port(&target->locals.addresses[0]) > 0 &&
		SETTINGS(options, socket)->reuse_address == -1)
		call_setsockopt(probe->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return make_bound_client(options, probe->fd, &target->locals, probe->to.any.sa_family,
		error);
}

/* Makes the socket for the next type that the name of a UNIX socket may stand for. */
static enum probe_state probe_open(struct probe *probe, struct error *error)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct socket_kind kind = probe->target->kind;

	kind.family = probe->to.any.sa_family;
	if (kind.type == 0)
		kind.type = types[probe->attempt];
	probe->fd = make_socket(probe->target->address->options, &kind, error);
	if (probe->fd >= 0 && probe_bind(probe, error) == 0)
		return probe_connect(probe, error);
	fd_close(&probe->fd);
	if (error->number == EMFILE || error->number == ENFILE)
		return PROBE_CROWDED;
	if (error->number != EAFNOSUPPORT)
		return PROBE_BROKEN;
	error_clear(error);
	return probe_found(probe, OUTCOME_FAILED, EAFNOSUPPORT);
}

/* Asks the host whose turn it is. */
enum probe_state probe_start(struct probe *probe, struct error *error)
{
	enum probe_state state;

	probe->to = probe->target->hosts.addresses[probe->host];
	if (probe->port >= 0)
		sockaddr_set_port(&probe->to, probe->port);
	probe->deadline = clock_after(probe->target->timeout);
	state = probe_open(probe, error);
	while (state == PROBE_FOUND && probe->number == EPROTOTYPE &&
		probe->target->kind.type == 0 && probe->attempt < 2) {
		probe->attempt++;
		state = probe_open(probe, error);
	}
	return state;
}

/* Says what the probe waits for. */
void probe_prepare(struct probe *probe, struct pollset *set)
{
	probe->slot = POLLSET_NONE;
	pollset_deadline(set, probe->deadline);
	if (probe->to.any.sa_family == AF_UNIX)
		pollset_deadline(set, clock_after(DIAL_PAUSE));
	else if (probe->target->datagrams)
		pollset_deadline(set, probe->again);
	if (probe->to.any.sa_family != AF_UNIX)
		probe->slot = pollset_add(set, probe->fd,
			probe->target->datagrams ? POLLIN : POLLOUT);
}

/* Hears whether a port for datagrams has said something. */
static enum probe_state probe_hear(struct probe *probe, bool ready)
{
	char byte;

	if (ready && call_recv(probe->fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		return probe_found(probe, OUTCOME_OPEN, 0);
	if (ready && errno != EAGAIN && errno != EINTR)
		return probe_refused(probe, errno);
	if (clock_now() >= probe->deadline)
		return probe_found(probe, OUTCOME_SILENT, ETIMEDOUT);
	return clock_now() >= probe->again ? probe_ask(probe) : PROBE_WAITING;
}

/* Looks how the attempt stands. */
enum probe_state probe_step(struct probe *probe, const struct pollset *set, struct error *error)
{
	bool ready = pollset_result(set, probe->slot) != 0;
	enum probe_state state = PROBE_WAITING;
	int number = 0;
	socklen_t length = sizeof(number);

	if (probe->target->datagrams)
		return probe_hear(probe, ready);
	if (probe->to.any.sa_family == AF_UNIX)
		state = probe_connect(probe, error);
	else if (ready && call_getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &number, &length) < 0)
		number = errno;
	if (number != 0)
		return probe_refused(probe, number);
	if (ready)
		return probe_connected(probe, error);
	if (state == PROBE_WAITING && clock_now() >= probe->deadline)
		return probe_found(probe, OUTCOME_SILENT, ETIMEDOUT);
	return state;
}
