/* UNIX sockets by path, and their twins in the abstract name space of Linux. */
#include "address/unix.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/memory.h"
#include "socket/entry.h"
#include "socket/listen.h"
#include "socket/make.h"
#include "socket/packet.h"
#include "socket/receive.h"
#include "socket/unix.h"

static bool unix_is_abstract(const struct address *address)
{
	return !(address->type->groups & GROUP_NAMED);
}

/* The socket address of the first parameter. */
static int unix_target(const struct address *address, struct sockaddr_any *target,
	struct error *error)
{
	const struct spec_word *word = &address->spec->params[0];

	return unix_name(address->options, word->data, word->length, unix_is_abstract(address),
		target, error);
}

static int unix_check(const struct address *address, struct error *error)
{
	struct sockaddr_any target;

	return unix_target(address, &target, error);
}

/* A passive address has its name as the parameter; a second one makes no sense. */
static int unix_check_passive(const struct address *address, struct error *error)
{
	if (SETTINGS(address->options, socket)->bind != NULL)
		return error_usage(error,
			_("%s is bound to its parameter: option bind is not allowed"),
			address->type->name);
	return unix_check(address, error);
}

/* Applies what waits for the finished descriptor. */
static int unix_finish(const struct address *address, struct endpoint *endpoint,
	struct error *error)
{
	if (address_apply(address, endpoint->reader->rfd, false, error) == 0)
		return 0;
	endpoint_close(endpoint);
	return -1;
}

/* Starts to connect to the parameter, by the type of socket that the row names, if any. */
static struct opening *unix_start_address(const struct address *address,
	const struct address_context *context, struct error *error)
{
	int type = address->type->socket.type > 0 ? address->type->socket.type : -1;
	struct sockaddr_any target;

	(void)context;
	if (unix_target(address, &target, error) < 0)
		return NULL;
	return unix_start(address->options, type, &target, unix_is_abstract(address),
		address_finish, address);
}

/* Sends datagrams to the name; answers need a name of our own. */
static int unix_open_sendto(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	struct sockaddr_any target;
	int fd;

	(void)context;
	make_kind(address->options, &kind);
	if (unix_target(address, &target, error) < 0)
		return -1;
	fd = make_socket(address->options, &kind, error);
	if (fd < 0)
		return -1;
	if (unix_bind_client(address->options, fd, unix_is_abstract(address), endpoint, error) <
		0) {
		fd_close(&fd);
		return -1;
	}
	if (packet_endpoint(endpoint, fd, PACKET_FROM_PEER, &target, address->options, NULL,
		    error) < 0)
		return -1;
	return unix_finish(address, endpoint, error);
}

/* Binds a socket to the parameter. *made is the path to remove at the end, or NULL. */
static int unix_bound(const struct address *address, bool listens, char **made, struct error *error)
{
	struct socket_kind kind = address->type->socket;
	const char *path = address_param(address, 0);
	bool named = !unix_is_abstract(address);
	struct sockaddr_any target;
	int fd = -1;

	*made = NULL;
	make_kind(address->options, &kind);
	if (unix_target(address, &target, error) < 0 ||
		(named && unix_prepare_path(address->options, path, error) < 0))
		return -1;
	if (listens) {
		fd = listen_bound(address->options, &kind, &target, error);
	} else {
		fd = make_socket(address->options, &kind, error);
		if (fd >= 0 && make_bound(address->options, fd, &target, false, error) < 0)
			fd_close(&fd);
	}
	if (fd < 0 || !named)
		return fd;
	if (entry_own(address->options, path, true, error) < 0) {
		call_unlink(path);
		fd_close(&fd);
		return -1;
	}
	if (SETTINGS(address->options, name)->unlink_late)
		call_unlink(path);
	else if (SETTINGS(address->options, name)->unlink_close != 0)
		*made = endpoint_path(path);
	return fd;
}

static int unix_open_recv(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	char *made;
	int fd = unix_bound(address, false, &made, error);

	(void)context;
	if (fd < 0)
		return -1;
	listen_announce(address->options, fd, false);
	if (made != NULL)
		endpoint_unlink(endpoint, made);
	free(made);
	if (packet_endpoint(endpoint, fd, PACKET_FROM_ALL, NULL, address->options, NULL, error) < 0)
		return -1;
	return unix_finish(address, endpoint, error);
}

/* Gives an acceptor the path that it has to remove, or removes it where there is no acceptor. */
static struct acceptor *unix_accepting(struct acceptor *acceptor, char *made)
{
	if (acceptor != NULL) {
		acceptor->unlink = made;
		acceptor->owner = getpid();
	} else if (made != NULL) {
		call_unlink(made);
		free(made);
	}
	return acceptor;
}

static struct acceptor *unix_listen(const struct address *address,
	const struct address_context *context, struct error *error)
{
	char *made;
	int fd = unix_bound(address, true, &made, error);

	(void)context;
	return fd < 0 ? NULL : unix_accepting(listen_acceptor(address->options, fd, error), made);
}

static struct acceptor *unix_recvfrom(const struct address *address,
	const struct address_context *context, struct error *error)
{
	char *made;
	int fd = unix_bound(address, false, &made, error);

	(void)context;
	return fd < 0 ? NULL : unix_accepting(receive_packets(address->options, fd, error), made);
}

/* clang-format off */
#define UNIX_ROW(name_, groups_, type_, use_, traits_, summary_, example_) \
	.name = name_, .param_min = 1, .param_max = 1, .use = use_, .traits = TRAIT_BYTES | (traits_), \
	.groups = GROUP_FD | GROUP_SOCKET | GROUP_RETRY | GROUP_UNIX | (groups_), .phases = PHASES_SOCKET, \
	.socket = { AF_UNIX, type_, 0 }, .summary = summary_, .example = example_

/* The rows of one name space. */
#define UNIX_ROWS(prefix, syntax_, connect_aliases, client_aliases, listen_aliases, send_aliases, groups_, \
	name) \
	{ UNIX_ROW(prefix "-CONNECT", groups_, SOCK_STREAM, USE_BOTH, TRAIT_HALF_CLOSES | TRAIT_CONNECTS, \
		N_("connect to a UNIX stream socket"), prefix "-CONNECT:" name), \
		.aliases = connect_aliases, .syntax = syntax_, .check = unix_check, .start = unix_start_address }, \
	{ UNIX_ROW(prefix "-LISTEN", (groups_) | GROUP_LISTEN | GROUP_CHILD, SOCK_STREAM, \
		USE_BOTH, TRAIT_HALF_CLOSES | TRAIT_LISTENS, \
		N_("accept connections on a UNIX stream socket"), prefix "-LISTEN:" name ",fork"), \
		.aliases = listen_aliases, .syntax = syntax_, .check = unix_check_passive, .listen = unix_listen }, \
	{ UNIX_ROW(prefix "-SENDTO", groups_, SOCK_DGRAM, USE_BOTH, TRAIT_DATAGRAM, \
		N_("send datagrams to a UNIX socket; with bind, take its answers"), \
		prefix "-SENDTO:" name ",bind=" name ".me"), \
		.aliases = send_aliases, .syntax = syntax_, .check = unix_check, .open = unix_open_sendto }, \
	{ UNIX_ROW(prefix "-RECVFROM", (groups_) | GROUP_CHILD, SOCK_DGRAM, USE_BOTH, \
		TRAIT_DATAGRAM | TRAIT_LISTENS | TRAIT_SINGLE, \
		N_("take one UNIX datagram and answer its sender; with fork, each one"), \
		prefix "-RECVFROM:" name ",fork"), \
		.syntax = syntax_, .check = unix_check_passive, .listen = unix_recvfrom }, \
	{ UNIX_ROW(prefix "-RECV", groups_, SOCK_DGRAM, USE_READ, TRAIT_DATAGRAM, \
		N_("receive UNIX datagrams from everybody"), prefix "-RECV:" name), \
		.syntax = syntax_, .check = unix_check_passive, .open = unix_open_recv }, \
	{ UNIX_ROW(prefix "-CLIENT", groups_, 0, USE_BOTH, TRAIT_HALF_CLOSES | TRAIT_CONNECTS, \
		N_("connect to a UNIX socket of whatever kind it turns out to be"), prefix "-CLIENT:" name), \
		.aliases = client_aliases, .syntax = syntax_, .check = unix_check, .start = unix_start_address }

const struct address_type address_unix_types[] = {
	UNIX_ROWS("UNIX", "<path>", NAMES("LOCAL"), NAMES("UNIX"), NAMES("UNIX-L"),
		NAMES("UNIX-SEND"), GROUP_NAMED, "/tmp/room"),
	UNIX_ROWS("ABSTRACT", "<name>", NULL, NAMES("ABSTRACT"), NULL, NULL, 0, "room"),
	{ .name = NULL },
};
/* clang-format on */
