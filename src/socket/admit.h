/* Who may talk to a passive address: range, allow, deny, sourceport, lowport, TCP wrappers. */
#ifndef SOCKET_ADMIT_H
#define SOCKET_ADMIT_H

#include <stdbool.h>

#include "base/error.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/admit_hosts.h"

struct admission {
	const struct options *options;
	bool ranged, wrapped;
	bool any_port;		      /* the peer's port doesn't matter */
	struct admit_network network; /* of range */
	struct admit_hosts allowed, denied;
};

int admit_init(struct admission *admission, const struct options *options, int family,
	struct error *error);
bool admit_peer(const struct admission *admission, const struct sockaddr_any *peer,
	const struct sockaddr_any *local);
void admit_free(struct admission *admission);

#endif
