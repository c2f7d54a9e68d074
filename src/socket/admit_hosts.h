/* A list of hosts and networks, from options and files: those who are let in, or those who are not. */
#ifndef SOCKET_ADMIT_HOSTS_H
#define SOCKET_ADMIT_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/resolve.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "option/range.h"

/* A network, and what its name stands for. */
struct admit_network {
	struct range range;
	struct resolve_list addresses;
};

struct admit_hosts {
	bool given; /* though there may be nobody in it */
	struct admit_network *networks;
	size_t count, room;
};

int admit_network_init(struct admit_network *network, const struct options *options, int family,
	struct error *error);
bool admit_network_has(const struct admit_network *network, const struct sockaddr_any *peer);

int admit_hosts_init(struct admit_hosts *hosts, const struct options *options, const char *option,
	const char *file_option, int family, struct error *error);
bool admit_hosts_have(const struct admit_hosts *hosts, const struct sockaddr_any *peer);
void admit_hosts_free(struct admit_hosts *hosts);

#endif
