/* TCP: a client that tries every address of a host, and a server. */
#include "address/tcp.h"

#include <netinet/in.h>

#include "socket/listen.h"
#include "socket/passive.h"

static int tcp_check_listen(const struct address *address, struct error *error)
{
	return address_check_port(address, 0, error);
}

/* Listens on a port. */
static struct acceptor *tcp_listen(const struct address *address,
	const struct address_context *context, struct error *error)
{
	int fd = passive_stream(address->options, &address->type->socket, context->listen_family,
		address_param(address, 0), error);

	return fd < 0 ? NULL : listen_acceptor(address->options, fd, error);
}

#define TCP_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_TCP)

/* clang-format off */
#define TCP_CONNECT(name_, short_, family_, groups_, summary_, example_) \
	{ \
		.name = name_, \
		.aliases = short_, \
		.syntax = "<host>:<port>", \
		.param_min = 2, \
		.param_max = 2, \
		.summary = summary_, \
		.example = example_, \
		.use = USE_BOTH, \
		.traits = TRAIT_HALF_CLOSES | TRAIT_CONNECTS, \
		.groups = TCP_GROUPS | (groups_), \
		.phases = PHASES_SOCKET, \
		.socket = { family_, SOCK_STREAM, IPPROTO_TCP }, \
		.check = address_check_target, \
		.start = address_start, \
		.look_up = address_look_up, \
	}

#define TCP_LISTEN(name_, short_, family_, groups_, summary_, example_) \
	{ \
		.name = name_, \
		.aliases = short_, \
		.syntax = "<port>", \
		.param_min = 1, \
		.param_max = 1, \
		.summary = summary_, \
		.example = example_, \
		.use = USE_BOTH, \
		.traits = TRAIT_HALF_CLOSES | TRAIT_LISTENS, \
		.groups = TCP_GROUPS | GROUP_LISTEN | GROUP_RANGE | (groups_), \
		.phases = PHASES_SOCKET, \
		.socket = { family_, SOCK_STREAM, IPPROTO_TCP }, \
		.check = tcp_check_listen, \
		.listen = tcp_listen, \
	}

const struct address_type address_tcp_types[] = {
	TCP_CONNECT("TCP-CONNECT", NAMES("TCP", "INET"), AF_UNSPEC, GROUP_IP4 | GROUP_IP6,
		N_("connect to a TCP port, by IPv4 or IPv6, whichever answers"), "TCP:localhost:9090"),
	TCP_LISTEN("TCP-LISTEN", NAMES("TCP-L", "INET-L", "INET-LISTEN"), AF_UNSPEC, GROUP_IP4 | GROUP_IP6,
		N_("accept TCP connections on a port"), "TCP-LISTEN:9090,fork"),
	TCP_CONNECT("TCP4-CONNECT", NAMES("TCP4", "INET4"), AF_INET, GROUP_IP4,
		N_("connect to a TCP port by IPv4"), "TCP4:127.0.0.1:9090"),
	TCP_LISTEN("TCP4-LISTEN", NAMES("TCP4-L", "INET4-L", "INET4-LISTEN"), AF_INET, GROUP_IP4,
		N_("accept TCP connections by IPv4"), "TCP4-LISTEN:9090,fork"),
	TCP_CONNECT("TCP6-CONNECT", NAMES("TCP6", "INET6"), AF_INET6, GROUP_IP6,
		N_("connect to a TCP port by IPv6"), "TCP6:[::1]:9090"),
	TCP_LISTEN("TCP6-LISTEN", NAMES("TCP6-L", "INET6-L", "INET6-LISTEN"), AF_INET6, GROUP_IP6,
		N_("accept TCP connections by IPv6"), "TCP6-LISTEN:9090,fork,ipv6only=0"),
	{ .name = NULL },
};
/* clang-format on */
