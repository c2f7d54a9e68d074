/* UDP in its six roles, each for either IP version. */
#include "address/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "socket/listen.h"
#include "socket/make.h"
#include "socket/packet.h"
#include "socket/passive.h"
#include "socket/receive.h"

static int udp_check_port(const struct address *address, struct error *error)
{
	return address_check_port(address, 0, error);
}

/* Hands a finished socket over to its endpoint, or closes it. */
static int udp_finish(const struct address *address, int fd, enum packet_source source,
	const struct sockaddr_any *to, struct endpoint *endpoint, struct error *error)
{
	if (address_apply(address, fd, false, error) < 0) {
		fd_close(&fd);
		return -1;
	}
	return packet_endpoint(endpoint, fd, source, to, address->options, NULL, error);
}

/*
 * A socket that hears one peer alone; an empty packet is its way to say that the data has ended. Connecting finds
 * nothing out about the peer, so of a name with both versions IPv4 is taken, where listeners are, too.
 */
static int udp_connect(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	struct address_context single = *context;
	int fd;

	if (single.prefer_family == AF_UNSPEC)
		single.prefer_family = AF_INET;
	fd = address_dial(address, &single, &kind, error);
	if (fd < 0)
		return -1;
	endpoint_open_socket(endpoint, fd, kind.type);
	endpoint->reader->half_close = HALF_CLOSE_NULL;
	endpoint->empty_ends = true;
	return 0;
}

/* The one address that packets are sent to; IPv4 where a name has both and nothing else was asked for. */
static int udp_target(const struct address *address, const struct address_context *context,
	struct socket_kind *kind, struct sockaddr_any *to, struct error *error)
{
	struct resolve_query query;
	struct resolve_list list;

	make_kind(address->options, kind);
	kind->family = make_family(address->options, kind->family, error);
	if (kind->family < 0)
		return -1;
	make_query(address->options, kind, false,
		context->prefer_family != AF_UNSPEC ? context->prefer_family : AF_INET, &query);
	query.host = address_param(address, 0);
	query.service = address_param(address, 1);
	query.memory = context->memory;
	if (resolve_host(&query, &list, error) < 0)
		return -1;
	*to = list.addresses[0];
	kind->family = to->any.sa_family;
	resolve_free(&list);
	return 0;
}

/* Looks up the one peer that packets go to. */
static int udp_look_up(const struct address *address, const struct address_context *context,
	struct error *error)
{
	struct socket_kind kind = address->type->socket;
	struct sockaddr_any to;

	return udp_target(address, context, &kind, &to, error);
}

/* An unconnected socket that sends to one address. */
static int udp_send(const struct address *address, const struct address_context *context,
	enum packet_source source, struct endpoint *endpoint, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	struct resolve_list locals = { NULL, 0 };
	struct sockaddr_any to;
	int fd, result;

	if (udp_target(address, context, &kind, &to, error) < 0 ||
		make_local(address->options, &kind, kind.family, &locals, error) < 0)
		return -1;
	fd = make_socket(address->options, &kind, error);
	if (fd < 0) {
		resolve_free(&locals);
		return -1;
	}
	result = make_bound_client(address->options, fd, &locals, kind.family, error);
	resolve_free(&locals);
	if (result == 0)
		return udp_finish(address, fd, source, &to, endpoint, error);
	if (result > 0) {
		error_failed(error, _("no bind address with matching address family"));
		error_hint(error, _("bind and the host have to be both IPv4 or both IPv6"));
	}
	fd_close(&fd);
	return -1;
}

static int udp_sendto(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	return udp_send(address, context, PACKET_FROM_PEER, endpoint, error);
}

static int udp_datagram(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	return udp_send(address, context, PACKET_FROM_ALL, endpoint, error);
}

/* Receives from everybody. */
static int udp_recv(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	int fd = passive_datagram(address->options, &kind, context->listen_family,
		address_param(address, 0), false, error);

	if (fd < 0)
		return -1;
	listen_announce(address->options, fd, false);
	return udp_finish(address, fd, PACKET_FROM_ALL, NULL, endpoint, error);
}

/* Waits for packets, each an endpoint of its own. */
static struct acceptor *udp_recvfrom(const struct address *address,
	const struct address_context *context, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	int fd = passive_datagram(address->options, &kind, context->listen_family,
		address_param(address, 0), false, error);

	if (fd >= 0 && address_apply(address, fd, false, error) < 0)
		fd_close(&fd);
	return fd < 0 ? NULL : receive_packets(address->options, fd, error);
}

/* Waits for senders, each a session. */
static struct acceptor *udp_listen(const struct address *address,
	const struct address_context *context, struct error *error)
{
	return receive_listen(address->options, &address->type->socket, context->listen_family,
		address_param(address, 0), error);
}

#define UDP_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_UDP)
/* clang-format off */
#define UDP_ROW(name_, aliases_, params_, syntax_, family_, groups_, use_, traits_, summary_, example_) \
	.name = name_, .aliases = aliases_, .param_min = params_, .param_max = params_, .syntax = syntax_, \
	.use = use_, .traits = TRAIT_DATAGRAM | (traits_), .groups = UDP_GROUPS | (groups_), \
	.phases = PHASES_SOCKET, .socket = { family_, SOCK_DGRAM, IPPROTO_UDP }, .summary = summary_, \
	.example = example_

/* The six rows of one IP version: they differ in name, family and groups. */
#define UDP_ROWS(v, family_, groups_, host) \
	{ UDP_ROW("UDP" v "-CONNECT", NAMES("UDP" v), 2, "<host>:<port>", family_, groups_, USE_BOTH, \
		TRAIT_CONNECTS, \
		N_("exchange datagrams with one UDP port and hear nobody else"), "UDP" v ":" host ":9090"), \
		.check = address_check_target, .open = udp_connect, .look_up = udp_look_up }, \
	{ UDP_ROW("UDP" v "-LISTEN", NAMES("UDP" v "-L"), 1, "<port>", family_, \
		(groups_) | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE, USE_BOTH, TRAIT_LISTENS, \
		N_("wait for a UDP sender and talk to that one; with fork, to each"), \
		"UDP" v "-LISTEN:9090,fork"), \
		.check = udp_check_port, .listen = udp_listen }, \
	{ UDP_ROW("UDP" v "-SENDTO", NAMES("UDP" v "-SEND"), 2, "<host>:<port>", family_, groups_, USE_BOTH, 0, \
		N_("send datagrams to one UDP port, take answers from there alone"), \
		"UDP" v "-SENDTO:" host ":9090"), \
		.check = address_check_target, .open = udp_sendto, .look_up = udp_look_up }, \
	{ UDP_ROW("UDP" v "-RECVFROM", NULL, 1, "<port>", family_, \
		(groups_) | GROUP_CHILD | GROUP_RANGE, USE_BOTH, TRAIT_LISTENS | TRAIT_SINGLE, \
		N_("take one datagram and answer its sender; with fork, each one"), \
		"UDP" v "-RECVFROM:9090,fork"), \
		.check = udp_check_port, .listen = udp_recvfrom }, \
	{ UDP_ROW("UDP" v "-RECV", NULL, 1, "<port>", family_, (groups_) | GROUP_RANGE, USE_READ, 0, \
		N_("receive datagrams from everybody"), "UDP" v "-RECV:9090"), \
		.check = udp_check_port, .open = udp_recv }, \
	{ UDP_ROW("UDP" v "-DATAGRAM", NAMES("UDP" v "-DGRAM"), 2, "<host>:<port>", family_, \
		(groups_) | GROUP_RANGE, USE_BOTH, 0, \
		N_("send datagrams to an address, a broadcast or a group, hear everybody"), \
		"UDP" v "-DATAGRAM:" host ":9090,sourceport=9090"), \
		.check = address_check_target, .open = udp_datagram, .look_up = udp_look_up }

const struct address_type address_udp_types[] = {
	UDP_ROWS("", AF_UNSPEC, GROUP_IP4 | GROUP_IP6, "localhost"),
	UDP_ROWS("4", AF_INET, GROUP_IP4, "127.0.0.1"),
	UDP_ROWS("6", AF_INET6, GROUP_IP6, "[::1]"),
	{ .name = NULL },
};
/* clang-format on */
