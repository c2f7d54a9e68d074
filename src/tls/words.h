/* Why TLS failed, in words. */
#ifndef TLS_WORDS_H
#define TLS_WORDS_H

#include "base/error.h"
#include "tls/stream.h"

int words_failed(struct tls_stream *self, struct error *error);
int words_untrusted(struct tls_stream *self, const char *name, struct error *error);
int words_file(const char *path, const char *call, struct error *error, const char *what, ...)
	__attribute__((format(printf, 4, 5)));
int words_library(const char *what, const char *call, struct error *error);

#endif
