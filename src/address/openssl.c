/* TLS over TCP and DTLS over UDP: as their kin without encryption, with a handshake behind connecting or accepting. */
#include "address/openssl.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/call.h"
#include "base/fd.h"
#include "io/chain.h"
#include "socket/listen.h"
#include "socket/passive.h"
#include "socket/receive.h"
#include "tls/shake.h"

/* What is read or written as datagrams. */
static bool openssl_is_datagram(const struct address *address)
{
	return address->type->socket.type == SOCK_DGRAM;
}

static int openssl_check_listen(const struct address *address, struct error *error)
{
	return address_check_port(address, 0, error);
}

/* The handshake of a client, once it is connected. */
static struct opening *openssl_greet_server(const void *context, struct endpoint *endpoint,
	struct error *error)
{
	const struct address *address = context;
	struct tls_role role = { .server = false, .datagrams = openssl_is_datagram(address) };

	return shake_start(address->options, &role, address_param(address, 0), endpoint, error);
}

/* Reads what the options name before anybody is bothered. */
static int openssl_prepare(const struct address *address, struct error *error)
{
	struct tls_role role = {
		.server = address->type->listen != NULL,
		.datagrams = openssl_is_datagram(address),
	};

	if (call_pretends())
		return 0;
	return tls_context(address->options, &role, error) == NULL ? -1 : 0;
}

/* Connects, then shakes hands. */
static struct opening *openssl_start(const struct address *address,
	const struct address_context *context, struct error *error)
{
	struct address_context single = *context;
	struct opening *connecting;

	/* connecting finds nothing out about a UDP peer, so of a name with both versions IPv4 is taken */
	if (openssl_is_datagram(address) && single.prefer_family == AF_UNSPEC)
		single.prefer_family = AF_INET;
	if (openssl_prepare(address, error) < 0)
		return NULL;
	connecting = address_start(address, &single, error);
	return connecting == NULL ? NULL : chain_create(connecting, openssl_greet_server, address);
}

/* The handshake of a server with somebody who has come. */
static struct opening *openssl_greet(const struct address *address, struct endpoint *endpoint,
	struct error *error)
{
	struct tls_role role = { .server = true, .datagrams = openssl_is_datagram(address) };

	return shake_start(address->options, &role, NULL, endpoint, error);
}

/* Listens on a TCP port. */
static struct acceptor *openssl_listen(const struct address *address,
	const struct address_context *context, struct error *error)
{
	int fd;

	if (openssl_prepare(address, error) < 0)
		return NULL;
	fd = passive_stream(address->options, &address->type->socket, context->listen_family,
		address_param(address, 0), error);
	return fd < 0 ? NULL : listen_acceptor(address->options, fd, error);
}

/* Waits for senders on a UDP port. */
static struct acceptor *openssl_receive(const struct address *address,
	const struct address_context *context, struct error *error)
{
	if (openssl_prepare(address, error) < 0)
		return NULL;
	return receive_listen(address->options, &address->type->socket, context->listen_family,
		address_param(address, 0), error);
}

#define OPENSSL_GROUPS \
	(GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_IP4 | GROUP_IP6 | \
		GROUP_OPENSSL)

/* clang-format off */
const struct address_type address_openssl_types[] = {
	{
		.name = "OPENSSL",
		.aliases = NAMES("SSL", "OPENSSL-CONNECT", "SSL-CONNECT", "TLS", "TLS-CONNECT"),
		.syntax = "<host>:<port>",
		.param_min = 2,
		.param_max = 2,
		.summary = N_("connect to a TCP port and speak TLS"),
		.example = "OPENSSL:localhost:4433,cafile=/tmp/server.crt",
		.use = USE_BOTH,
		.traits = TRAIT_HALF_CLOSES | TRAIT_CONNECTS,
		.groups = OPENSSL_GROUPS | GROUP_TCP,
		.phases = PHASES_SOCKET,
		.socket = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
		.check = address_check_target,
		.start = openssl_start,
		.prepare = openssl_prepare,
		.look_up = address_look_up,
	},
	{
		.name = "OPENSSL-LISTEN",
		.aliases = NAMES("SSL-L", "OPENSSL-L", "SSL-LISTEN", "TLS-L", "TLS-LISTEN"),
		.syntax = "<port>",
		.param_min = 1,
		.param_max = 1,
		.summary = N_("accept TCP connections and speak TLS"),
		.example = "OPENSSL-LISTEN:4433,cert=/tmp/server.pem,verify=0,fork",
		.use = USE_BOTH,
		.traits = TRAIT_HALF_CLOSES | TRAIT_LISTENS,
		.groups = OPENSSL_GROUPS | GROUP_TCP | GROUP_LISTEN | GROUP_RANGE,
		.phases = PHASES_SOCKET,
		.socket = { AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP },
		.check = openssl_check_listen,
		.listen = openssl_listen,
		.greet = openssl_greet,
	},
	{
		.name = "OPENSSL-DTLS-CLIENT",
		.aliases = NAMES("DTLS", "DTLS-C", "DTLS-CLIENT", "DTLS-CONNECT", "OPENSSL-DTLS-CONNECT"),
		.syntax = "<host>:<port>",
		.param_min = 2,
		.param_max = 2,
		.summary = N_("exchange datagrams with a UDP port and encrypt them by DTLS"),
		.example = "OPENSSL-DTLS-CLIENT:localhost:4433,cafile=/tmp/server.crt",
		.use = USE_BOTH,
		.traits = TRAIT_DATAGRAM | TRAIT_HALF_CLOSES | TRAIT_CONNECTS,
		.groups = OPENSSL_GROUPS | GROUP_UDP,
		.phases = PHASES_SOCKET,
		.socket = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
		.check = address_check_target,
		.start = openssl_start,
		.prepare = openssl_prepare,
		.look_up = address_look_up,
	},
	{
		.name = "OPENSSL-DTLS-SERVER",
		.aliases = NAMES("DTLS-L", "DTLS-LISTEN", "DTLS-SERVER", "OPENSSL-DTLS-LISTEN"),
		.syntax = "<port>",
		.param_min = 1,
		.param_max = 1,
		.summary = N_("wait for a UDP sender and speak DTLS with it; with fork, with each"),
		.example = "OPENSSL-DTLS-SERVER:4433,cert=/tmp/server.pem,verify=0,fork",
		.use = USE_BOTH,
		.traits = TRAIT_DATAGRAM | TRAIT_HALF_CLOSES | TRAIT_LISTENS,
		.groups = OPENSSL_GROUPS | GROUP_UDP | GROUP_LISTEN | GROUP_RANGE,
		.phases = PHASES_SOCKET,
		.socket = { AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP },
		.check = openssl_check_listen,
		.listen = openssl_receive,
		.greet = openssl_greet,
	},
	{ .name = NULL },
};
/* clang-format on */
