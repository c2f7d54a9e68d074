#include "tls/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "tls/words.h"

#define TLS_CHUNK 65536	      /* the most that is encrypted at once */
#define TLS_PACKET_MOST 16384 /* the most that a datagram of DTLS holds */
#define TLS_PACKET_LINK 1400  /* the largest packet of a handshake */
#define TLS_KEPT 8192	      /* a buffer as small as this is kept though it is empty */
#define TLS_RESTS 64	      /* how many records that nobody has read are read at the end */
#define TLS_READS 16 /* how often what carries us is read at once; then others have their turn */
#define TLS_UNSENT (1 << 20) /* who lets us answer more than that and reads nothing means us harm */

static bool tls_is_datagram(const struct tls_stream *self)
{
	return (self->inner->traits & STREAM_DATAGRAM) != 0;
}

/* Reads what carries us. That a packet of ours found nobody is told before what has come, which is read all the same. */
static ssize_t tls_read_inner(struct tls_stream *self, void *data, size_t size)
{
	ssize_t n = stream_read(self->inner, data, size);

	if (n == -1 && errno == ECONNREFUSED && tls_is_datagram(self)) {
		n = stream_read(self->inner, data, size);
		if (n < 0)
			errno = ECONNREFUSED;
	}
	return n;
}

/* The library wants to read. */
static int tls_bio_read(BIO *bio, char *data, int size)
{
	struct tls_stream *self = tls.BIO_get_data(bio);
	ssize_t n;

	tls.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
	/* nobody answers what wasn't sent; and who sends without end what isn't data has to wait like all */
	if (self->shaken ? self->reads-- <= 0 : self->unsent.length > 0) {
		tls.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
		return -1;
	}
	n = tls_read_inner(self, data, (size_t)size);
	if (n > 0)
		return (int)n;
	if (n == STREAM_END && !tls_is_datagram(self)) {
		self->cut = true;
		return 0;
	}
	/* an empty datagram means nothing here */
	if (n == 0 || n == STREAM_END || errno == EAGAIN || errno == EWOULDBLOCK) {
		tls.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
		return -1;
	}
	self->number = errno;
	return -1;
}

/*
 * The library wants to write. Of a stream of bytes everything is taken and sent later, in as few pieces as possible, by
 * tls_stream_flush: so the library never has to begin a write again.
 */
static int tls_bio_write(BIO *bio, const char *data, int size)
{
	struct tls_stream *self = tls.BIO_get_data(bio);
	ssize_t n;

	tls.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
	if (!tls_is_datagram(self) && self->unsent.length - self->sent > TLS_UNSENT) {
		self->number = ENOBUFS;
		return -1;
	}
	if (!tls_is_datagram(self)) {
		text_add(&self->unsent, data, (size_t)size);
		return size;
	}
	n = stream_write(self->inner, data, (size_t)size);
	if (n >= 0)
		return size;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		tls.BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
	else
		self->number = errno;
	return -1;
}

/* What else the library asks of what carries it. */
static long tls_bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	const struct tls_stream *self = tls.BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return self->cut;
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
	case BIO_CTRL_DGRAM_QUERY_MTU:
		return TLS_PACKET_LINK;
	default:
		return 0;
	}
}

/* The functions of ours that the library reads and writes through. */
static const BIO_METHOD *tls_bio_method(void)
{
	static BIO_METHOD *method;

	if (method != NULL)
		return method;
	method = tls.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");
	if (method == NULL)
		return NULL;
	tls.BIO_meth_set_read(method, tls_bio_read);
	tls.BIO_meth_set_write(method, tls_bio_write);
	tls.BIO_meth_set_ctrl(method, tls_bio_ctrl);
	return method;
}

/* Notes why nothing can be read, or written, any more. */
static ssize_t tls_fail(struct tls_stream *self)
{
	self->broken = true;
	error_clear(&self->error);
	words_failed(self, &self->error);
	errno = self->number != 0 ? self->number : EPROTO;
	return -1;
}

/* Sends what is encrypted and waits. Returns 0, or -1 with errno; STREAM_UNSENT stays while there is more. */
int tls_stream_flush(struct tls_stream *self)
{
	ssize_t n;

	while (self->sent < self->unsent.length) {
		n = stream_write(self->inner, self->unsent.data + self->sent,
			self->unsent.length - self->sent);
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			self->number = errno;
			return (int)tls_fail(self);
		}
		if (n < 0) {
			self->base.traits |= STREAM_UNSENT;
			return 0;
		}
		self->sent += (size_t)n;
	}
	/* a connection that was busy gives the room back when it is so no more */
	if (self->unsent.room > TLS_KEPT && self->unsent.length < self->unsent.room / 8)
		text_free(&self->unsent);
	else
		text_clear(&self->unsent);
	self->sent = 0;
	self->base.traits &= ~(unsigned)STREAM_UNSENT;
	return 0;
}

static int tls_flush(struct stream *stream)
{
	return tls_stream_flush((struct tls_stream *)stream);
}

/* From now on a connection that ends without a goodbye has ended all the same. */
static void tls_forgive(struct tls_stream *self)
{
	self->forgives = true;
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
	tls.SSL_set_options(self->ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
}

/* Reads once. Returns the bytes, STREAM_END, or -1 with errno. */
static ssize_t tls_read_once(struct tls_stream *self, unsigned char *data, size_t size)
{
	size_t n = 0;
	int result;

	if (self->broken) {
		errno = self->number != 0 ? self->number : EPROTO;
		return -1;
	}
	tls.ERR_clear_error();
	self->reads = TLS_READS;
	self->base.traits &= ~(unsigned)STREAM_HEARS;
	result = tls.SSL_read_ex(self->ssl, data, size, &n);
	self->more = result == 1 && tls.SSL_has_pending(self->ssl);
	if (result == 1)
		return (ssize_t)n;
	result = tls.SSL_get_error(self->ssl, result);
	if (self->cut && self->forgives && result != SSL_ERROR_SSL)
		result = SSL_ERROR_ZERO_RETURN;
	switch (result) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		/* what can be forgiven is an end between two records */
		if (self->cut && !log_is_classic() && tls.SSL_has_pending(self->ssl))
			return tls_fail(self);
		if (self->cut)
			log_info("the connection was cut off without a goodbye of TLS");
		self->base.traits |= STREAM_READ_OUT;
		return STREAM_END;
	default:
		return tls_fail(self);
	}
}

/* Reads what is there; of a stream as many records as the library has and the buffer takes. */
static ssize_t tls_read(struct stream *stream, void *data, size_t size)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	ssize_t total = tls_read_once(self, data, size);

	while (total > 0 && self->more && (size_t)total < size && !tls_is_datagram(self)) {
		ssize_t n = tls_read_once(self, (unsigned char *)data + total,
			size - (size_t)total);

		if (n < 0) {
			/* the end and a failure are met again; that there is no more now is no news */
			self->more = n == STREAM_END || self->broken;
			break;
		}
		total += n;
	}
	/* the library may have had something to answer */
	if (self->unsent.length > 0 && !self->broken && tls_stream_flush(self) < 0 && total < 0)
		return -1;
	if (total == -1 && !self->broken)
		errno = EAGAIN;
	return total;
}

/* The library has taken nothing, for a reason of its own. Returns -1 with errno. */
static ssize_t tls_write_later(struct tls_stream *self, int reason)
{
	if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE)
		return tls_fail(self);
	/* new keys are being agreed on, unless the other side has said goodbye in the midst of it */
	if (reason == SSL_ERROR_WANT_READ && (self->base.traits & STREAM_READ_OUT)) {
		errno = EPIPE;
		return -1;
	}
	if (reason == SSL_ERROR_WANT_READ)
		self->base.traits |= STREAM_HEARS;
	if (tls_stream_flush(self) == 0)
		errno = EAGAIN;
	return -1;
}

static ssize_t tls_write(struct stream *stream, const void *data, size_t size)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	size_t n = 0;
	int result;

	if (self->broken) {
		errno = self->number != 0 ? self->number : EPIPE;
		return -1;
	}
	if (tls_stream_flush(self) < 0)
		return -1;
	if (tls_is_datagram(self) && size > TLS_PACKET_MOST) {
		errno = EMSGSIZE;
		return -1;
	}
	if (stream->traits & STREAM_UNSENT) {
		errno = EAGAIN;
		return -1;
	}
	/* there are no empty records */
	if (size == 0)
		return 0;
	tls.ERR_clear_error();
	self->reads = TLS_READS;
	stream->traits &= ~(unsigned)STREAM_HEARS;
	result = tls.SSL_write_ex(self->ssl, data, size < TLS_CHUNK ? size : TLS_CHUNK, &n);
	if (result != 1)
		return tls_write_later(self, tls.SSL_get_error(self->ssl, result));
	if (tls_stream_flush(self) < 0)
		return -1;
	return (ssize_t)n;
}

/* Says that we have nothing more to say; the other side may go on. */
static int tls_end_write(struct stream *stream)
{
	struct tls_stream *self = (struct tls_stream *)stream;

	if (self->broken || !self->shaken || (stream->traits & STREAM_WRITTEN))
		return 0;
	stream->traits |= STREAM_WRITTEN;
	/* who has heard our goodbye may just hang up */
	tls_forgive(self);
	tls.ERR_clear_error();
	if (tls.SSL_shutdown(self->ssl) < 0 && self->number != 0) {
		errno = self->number;
		return -1;
	}
	return tls_stream_flush(self);
}

/*
 * Says goodbye before the connection is shut. What has come and nobody has read is read, since the kernel would take
 * what is still on its way to the other side for void.
 */
static void tls_shut(struct stream *stream)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	unsigned char rest[4096];

	tls_end_write(stream);
	for (int i = 0; i < TLS_RESTS && !self->broken && self->shaken; i++) {
		if ((stream->traits & STREAM_READ_OUT) ||
			tls_read_once(self, rest, sizeof(rest)) <= 0)
			break;
	}
}

static bool tls_pending(const struct stream *stream)
{
	const struct tls_stream *self = (const struct tls_stream *)stream;

	return self->more || stream_pending(self->inner);
}

/* When a packet of the handshake is to be sent again, in case it was lost. */
int64_t tls_stream_wake(const struct tls_stream *self)
{
	struct timeval left;

	if (!tls_is_datagram(self) || tls.SSL_ctrl(self->ssl, DTLS_CTRL_GET_TIMEOUT, 0, &left) != 1)
		return CLOCK_NEVER;
	return clock_after(left.tv_sec * SECOND + left.tv_usec * (SECOND / 1000000));
}

/* Sends a packet of the handshake again if it is time for that. */
void tls_stream_hurry(struct tls_stream *self)
{
	if (tls_is_datagram(self))
		tls.SSL_ctrl(self->ssl, DTLS_CTRL_HANDLE_TIMEOUT, 0, NULL);
}

/* Why the last read or write failed, where errno doesn't say it all. */
static void tls_blame(struct stream *stream, struct error *error)
{
	struct tls_stream *self = (struct tls_stream *)stream;
	unsigned char byte;
	size_t n;

	/* a connection that is broken off may have brought the reason before that */
	if (self->error.message == NULL || self->number != 0) {
		tls.ERR_clear_error();
		self->reads = TLS_READS;
		if (tls.SSL_peek_ex(self->ssl, &byte, 1, &n) == 1 || self->cut ||
			tls.SSL_get_error(self->ssl, 0) != SSL_ERROR_SSL)
			return;
		self->number = 0;
		tls_fail(self);
	}
	error_clear(error);
	error_failed(error, "%s", self->error.message);
	if (self->error.hint != NULL)
		error_hint(error, "%s", self->error.hint);
}

static const struct sockaddr_any *tls_peer(const struct stream *stream, bool reading)
{
	const struct stream *inner = ((const struct tls_stream *)stream)->inner;

	return inner->ops != NULL && inner->ops->peer != NULL ? inner->ops->peer(inner, reading)
							      : NULL;
}

/* Frees everything without a word to the other side: another process may go on with the connection. */
static void tls_close(struct stream *stream)
{
	struct tls_stream *self = (struct tls_stream *)stream;

	tls.SSL_free(self->ssl);
	text_free(&self->unsent);
	error_clear(&self->error);
	stream_close(self->inner);
	free(self->inner);
	stream->rfd = stream->wfd = -1;
}

/*
 * Makes an encrypted stream above another one, which becomes its own; not on failure. Owned by the caller; NULL with
 * the error filled.
 */
struct tls_stream *tls_stream_create(SSL_CTX *context, struct stream *inner, struct error *error)
{
	static const struct stream_ops ops = {
		.read = tls_read,
		.write = tls_write,
		.flush = tls_flush,
		.end_write = tls_end_write,
		.shut = tls_shut,
		.pending = tls_pending,
		.blame = tls_blame,
		.peer = tls_peer,
		.close = tls_close,
	};
	struct tls_stream *self = memory_zero(1, sizeof(*self));
	const BIO_METHOD *method = tls_bio_method();
	BIO *bio = method != NULL ? tls.BIO_new(method) : NULL;

	self->base = *inner;
	self->base.ops = &ops;
	self->base.taps = NULL;
	/* the goodbye of DTLS may get lost like any packet */
	if (!(inner->traits & STREAM_DATAGRAM))
		self->base.traits |= STREAM_ENDS;
	self->base.half_close = HALF_CLOSE_DEFAULT;
	self->inner = inner;
	self->ssl = tls.SSL_new(context);
	if (bio == NULL || self->ssl == NULL) {
		tls.BIO_free(bio);
		tls.SSL_free(self->ssl);
		free(self);
		error_failed(error, _("OpenSSL cannot begin a connection"));
		return NULL;
	}
	tls.BIO_set_data(bio, self);
	tls.BIO_set_init(bio, 1);
	tls.SSL_set_bio(self->ssl, bio, bio);
	/* so it is with socat and the netcats */
	if (log_is_classic() || log_style() != LOG_STYLE_NETTOOL)
		tls_forgive(self);
	if (tls_is_datagram(self)) {
		tls.SSL_set_options(self->ssl, SSL_OP_NO_QUERY_MTU);
		tls.SSL_ctrl(self->ssl, DTLS_CTRL_SET_LINK_MTU, TLS_PACKET_LINK, NULL);
	}
	return self;
}
