#include "tls/shake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "option/settings.h"
#include "tls/facts.h"
#include "tls/ncat.h"
#include "tls/stream.h"
#include "tls/words.h"

struct shake {
	struct opening base;
	const struct options *options;
	struct tls_role role;
	struct tls_stream *stream; /* the endpoint's */
	char *name;		   /* whom we expect at the other end; NULL: anybody */
	int64_t deadline;
};

/* Whether a name is an address, which is no name for SNI. */
static bool shake_is_numeric(const char *name)
{
	unsigned char room[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* The host without the brackets of an IPv6 address. Owned by the caller. */
static char *shake_host(const char *host)
{
	size_t length = strlen(host);

	if (length >= 2 && host[0] == '[' && host[length - 1] == ']')
		return memory_copy(host + 1, length - 2);
	return memory_string(host);
}

/* Tells the library whom we expect, and the server whom we want. Returns -1 with the error filled. */
static int shake_names(struct shake *self, struct tls_stream *stream, const char *host,
	struct error *error)
{
	const struct tls_settings *settings = SETTINGS(self->options, tls);
	X509_VERIFY_PARAM *check = tls.SSL_get0_param(stream->ssl);
	const char *common = settings->common_name, *wanted = settings->server_name;
	int result = 1;
	char *copy;

	if (common != NULL && common[0] != '\0')
		self->name = memory_string(common);
	else if (common == NULL && host != NULL)
		self->name = shake_host(host);
	if (self->name != NULL && settings->verify) {
		tls.X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		result = shake_is_numeric(self->name)
			? tls.X509_VERIFY_PARAM_set1_ip_asc(check, self->name)
			: tls.X509_VERIFY_PARAM_set1_host(check, self->name, 0);
	}
	if (result != 1)
		return error_failed(error, _("%s is no name for a certificate"), self->name);
	if (self->role.server || settings->no_server_name)
		return 0;
	if (wanted == NULL)
		wanted = self->name != NULL ? self->name : host;
	if (wanted == NULL || wanted[0] == '\0' || shake_is_numeric(wanted) || wanted[0] == '[')
		return 0;
	/* what SSL_set_tlsext_host_name stands for */
	copy = memory_string(wanted);
	result = (int)tls.SSL_ctrl(stream->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		TLSEXT_NAMETYPE_host_name, copy);
	free(copy);
	return result == 1 ? 0 : error_failed(error, _("%s is no name for a server"), wanted);
}

static void shake_prepare(struct opening *opening, struct pollset *set)
{
	struct shake *self = (struct shake *)opening;
	const struct tls_stream *stream = self->stream;
	short events = POLLIN;

	if (stream->base.traits & STREAM_UNSENT)
		events |= POLLOUT;
	opening->slot = pollset_add(set, stream->base.rfd, events);
	pollset_deadline(set, self->deadline);
	pollset_deadline(set, tls_stream_wake(stream));
	if (stream_pending(stream->inner))
		pollset_deadline(set, 0);
}

/* The handshake has failed: the other side hears why, as far as that is possible, and we find words for it. */
static int shake_fail(struct shake *self, struct error *error)
{
	struct tls_stream *stream = self->stream;
	bool untrusted = ERR_GET_REASON(tls.ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;

	ncat_tell_untrusted(stream);
	if (untrusted)
		words_untrusted(stream, self->name, error);
	else
		words_failed(stream, error);
	ncat_reword(stream, error);
	tls_stream_flush(stream);
	return -1;
}

/* Goes on with the handshake as far as that is possible now. */
static int shake_step(struct opening *opening, const struct pollset *set, struct endpoint *endpoint,
	struct error *error)
{
	struct shake *self = (struct shake *)opening;
	struct tls_stream *stream = self->stream;
	int result, reason;

	(void)set;
	tls_stream_hurry(stream);
	tls.ERR_clear_error();
	result = tls.SSL_do_handshake(stream->ssl);
	reason = result == 1 ? SSL_ERROR_NONE : tls.SSL_get_error(stream->ssl, result);
	if (reason != SSL_ERROR_NONE && reason != SSL_ERROR_WANT_READ &&
		reason != SSL_ERROR_WANT_WRITE)
		return shake_fail(self, error);
	if (tls_stream_flush(stream) < 0)
		return words_failed(stream, error);
	if (reason == SSL_ERROR_NONE) {
		stream->shaken = true;
		/* data may have come together with the end of the handshake */
		stream->more = true;
		facts_tell(stream, self->name, endpoint);
		return 1;
	}
	if (clock_now() < self->deadline)
		return 0;
	error_failed(error, _("the TLS handshake failed: no answer within handshake-timeout"));
	error_hint(error, _("it may not speak TLS, or not yet; is it the right port?"));
	ncat_reword_late(stream, error);
	return -1;
}

static void shake_free(struct opening *opening)
{
	free(((struct shake *)opening)->name);
}

/* What is said where a real connection says goodbye. */
static int shake_pretend_end(struct stream *stream)
{
	(void)stream;
	call_note(_("TLS says goodbye (close_notify), encrypted like all that is sent"));
	return 0;
}

/* Nothing passes while calls are only pretended, so neither does a handshake. */
static int shake_pretend(struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error)
{
	static const struct stream_ops ops = { .end_write = shake_pretend_end };

	(void)opening;
	(void)set;
	(void)error;
	/* packets that have come before stay what they are */
	if (endpoint->reader->ops == NULL)
		endpoint->reader->ops = &ops;
	call_note(_(
		"TLS: both sides agree on keys, and look at certificates where verify asks for it; from here on all is encrypted"));
	return 1;
}

/* What the options say of the time that there is. */
static int64_t shake_deadline(const struct options *options, int fd)
{
	int64_t limit = SETTINGS(options, tls)->handshake_timeout;
	struct timeval silence = { 0 };
	socklen_t length = sizeof(silence);

	/* so it is with socat, whose handshake blocks */
	if (options_given(options, "so-rcvtimeo") &&
		call_getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, &length) == 0 &&
		(silence.tv_sec > 0 || silence.tv_usec > 0))
		limit = silence.tv_sec * SECOND + silence.tv_usec * (SECOND / 1000000);
	return clock_after(limit);
}

/* Puts TLS on top of the stream of an endpoint. Returns -1 with the error filled on failure. */
static int shake_wrap(struct shake *self, const char *host, struct endpoint *endpoint,
	struct error *error)
{
	SSL_CTX *context = tls_context(self->options, &self->role, error);

	if (context == NULL)
		return -1;
	self->deadline = shake_deadline(self->options, endpoint->reader->rfd);
	self->stream = tls_stream_create(context, endpoint->reader, error);
	if (self->stream == NULL)
		return -1;
	endpoint_use(endpoint, &self->stream->base);
	endpoint->empty_ends = false;
	self->stream->server = self->role.server;
	self->stream->verifies = SETTINGS(self->options, tls)->verify;
	if (self->role.server)
		tls.SSL_set_accept_state(self->stream->ssl);
	else
		tls.SSL_set_connect_state(self->stream->ssl);
	return shake_names(self, self->stream, host, error);
}

/*
 * Begins the handshake on a connection, whose stream is an encrypted one from then on. Owned by the caller; NULL with
 * the error filled on failure. A host is who was connected to.
 */
struct opening *shake_start(const struct options *options, const struct tls_role *role,
	const char *host, struct endpoint *endpoint, struct error *error)
{
	static const struct opening_ops real = {
		.prepare = shake_prepare,
		.step = shake_step,
		.free = shake_free,
	};
	static const struct opening_ops pretended = {
		.prepare = shake_prepare,
		.step = shake_pretend,
		.free = shake_free,
	};
	struct shake *self = memory_zero(1, sizeof(*self));

	self->base = (struct opening){
		.ops = call_pretends() ? &pretended : &real,
		.slot = POLLSET_NONE,
	};
	self->options = options;
	self->role = *role;
	if (call_pretends() || shake_wrap(self, host, endpoint, error) == 0)
		return &self->base;
	opening_free(&self->base);
	return NULL;
}
