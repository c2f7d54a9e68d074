/*
 * A stream that is encrypted: TLS above a stream of bytes, DTLS above one of datagrams. The library reads and writes
 * through functions of ours, so it never waits, and what it does is seen by --trace like all else. It is made for one
 * of two roles, and nothing passes before the handshake (shake.h).
 */
#ifndef TLS_STREAM_H
#define TLS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "io/stream.h"
#include "tls/library.h"

struct tls_stream {
	struct stream base;
	struct stream *inner; /* what carries it; owned */
	SSL *ssl;
	struct text unsent; /* encrypted, and not taken by the inner stream */
	size_t sent;	    /* of unsent */
	int reads;	    /* how often the inner stream may still be read in this call */
	bool server;	    /* our role */
	bool verifies;	    /* the certificate of the other side is looked at */
	bool shaken;	    /* the handshake is done */
	bool more;	    /* the library may have more than it has given */
	bool forgives;	    /* an end without goodbye is an end */
	bool cut;	    /* the inner stream has ended */
	bool broken;	    /* nothing can be said any more */
	int number;	    /* errno of the inner stream, or 0 */
	struct error error; /* why the last read or write failed */
};

struct tls_stream *tls_stream_create(SSL_CTX *context, struct stream *inner, struct error *error);
int tls_stream_flush(struct tls_stream *self);
int64_t tls_stream_wake(const struct tls_stream *self);
void tls_stream_hurry(struct tls_stream *self);

#endif
