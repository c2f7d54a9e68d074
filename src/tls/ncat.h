/* What ncat tells of TLS, where messages are to be in a netcat's words and notices are to be seen. */
#ifndef TLS_NCAT_H
#define TLS_NCAT_H

#include <stdbool.h>

#include "tls/stream.h"

bool ncat_tells(void);
void ncat_tell_made_up(const X509 *certificate);
void ncat_tell_untrusted(const struct tls_stream *stream);
void ncat_tell_connected(const struct tls_stream *stream);
void ncat_reword(const struct tls_stream *stream, struct error *error);
void ncat_reword_late(const struct tls_stream *stream, struct error *error);

#endif
