/* Who may talk to a passive address: range, sourceport, lowport, TCP wrappers. */
#ifndef SOCKET_ADMIT_H
#define SOCKET_ADMIT_H

#include <stdbool.h>

#include "base/error.h"
#include "io/resolve.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "option/range.h"

struct admission {
	const struct options *options;
	bool ranged, wrapped;
	bool any_port; /* the peer's port doesn't matter */
	struct range range;
	struct resolve_list networks;
};

int admit_init(struct admission *admission, const struct options *options, int family,
	struct error *error);
bool admit_peer(const struct admission *admission, const struct sockaddr_any *peer,
	const struct sockaddr_any *local);
void admit_free(struct admission *admission);

#endif
