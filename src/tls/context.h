/*
 * What the options of an address make of TLS: certificates, whom to trust, versions and ciphers. Reading all that costs
 * more than a handshake, so it is done once for an address, and kept.
 */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include <stdbool.h>

#include "base/error.h"
#include "option/options.h"

/* Who we are to the other side. */
struct tls_role {
	bool server, datagrams;
};

struct ssl_ctx_st *tls_context(const struct options *options, const struct tls_role *role,
	struct error *error);

#endif
