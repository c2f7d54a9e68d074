/* A listening socket that was inherited, as inetd and systemd hand it over. */
#include "address/accept_fd.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/call.h"
#include "base/fd.h"
#include "socket/listen.h"

static struct acceptor *accept_fd_listen(const struct address *address,
	const struct address_context *context, struct error *error)
{
	int fd = (int)strtol(address_param(address, 0), NULL, 0);
	int listening = 0;
	socklen_t length = sizeof(listening);

	(void)context;
	if (call_getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0) {
		error_system(error, errno, _("cannot use descriptor %d"), fd);
		return NULL;
	}
	if (!listening) {
		error_failed(error, _("descriptor %d is a socket, but it does not listen"), fd);
		return NULL;
	}
	fd_set_cloexec(fd, true);
	return listen_acceptor(address->options, fd, error);
}

const struct address_type address_accept_fd_types[] = {
	{
		.name = "ACCEPT-FD",
		.aliases = NAMES("ACCEPT"),
		.syntax = "<number>",
		.param_min = 1,
		.param_max = 1,
		.summary = N_("accept connections on a listening socket that was inherited open"),
		.example = "ACCEPT-FD:3,fork",
		.use = USE_BOTH,
		.traits = TRAIT_LISTENS | TRAIT_HALF_CLOSES | TRAIT_INHERITS,
		.groups = GROUP_FD | GROUP_SOCKET | GROUP_LISTEN | GROUP_CHILD | GROUP_RETRY |
			GROUP_RANGE | GROUP_UNIX | GROUP_IP4 | GROUP_IP6 | GROUP_UDP | GROUP_TCP |
			GROUP_SCTP | GROUP_DCCP | GROUP_UDPLITE,
		.phases = PHASES_SOCKET,
		.check = address_check_descriptor,
		.listen = accept_fd_listen,
	},
	{ .name = NULL },
};
