/* What is known of a connection once TLS stands: told in the log, and to programs. */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "io/endpoint.h"
#include "tls/stream.h"

void facts_add(struct text *text, const void *value, int length);
char *facts_line(const X509_NAME *name, unsigned long flags);
char *facts_values(const X509_NAME *name, int kind, int most);
void facts_tell(const struct tls_stream *stream, const char *name, struct endpoint *endpoint);

#endif
