/* A certificate for servers that were given none: made up at the start, known to nobody, gone at the end. */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "base/error.h"
#include "tls/library.h"

int certificate_make(SSL_CTX *context, struct error *error);

#endif
