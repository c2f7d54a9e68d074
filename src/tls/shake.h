/* The handshake: what has to be done with a connection before TLS can be spoken on it. */
#ifndef TLS_SHAKE_H
#define TLS_SHAKE_H

#include "io/opening.h"
#include "option/options.h"
#include "tls/context.h"

struct opening *shake_start(const struct options *options, const struct tls_role *role,
	const char *host, struct endpoint *endpoint, struct error *error);

#endif
