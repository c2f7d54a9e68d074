/* No netcat but ncat has TLS, so under all their names it is told in its words, which are never translated. */
#include "tls/ncat.h"

#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/memory.h"
#include "io/sockaddr.h"
#include "tls/facts.h"

#define NCAT_NAME_FLAGS (XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB)

/* Whether anything of this is told. */
bool ncat_tells(void)
{
	return log_style() != LOG_STYLE_NETTOOL && log_tells();
}

/* By what a certificate can be known. */
static void ncat_tell_fingerprint(const X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	struct text hex = TEXT_EMPTY;

	tls.X509_digest(certificate, tls.EVP_sha1(), digest, &length);
	for (unsigned i = 0; i < length; i++)
		text_print(&hex, "%s%02X", i > 0 && i % 2 == 0 ? " " : "", digest[i]);
	log_told(LOG_LEVEL_NOTICE, "SHA-1 fingerprint: %s", hex.data);
	text_free(&hex);
}

/* A certificate was made up, since none was given. */
void ncat_tell_made_up(const X509 *certificate)
{
	if (!ncat_tells())
		return;
	log_told(LOG_LEVEL_NOTICE,
		"Generating a temporary 256-bit EC key. Use --ssl-key and --ssl-cert to use a permanent one.");
	ncat_tell_fingerprint(certificate);
}

/* The server's certificate, also one that isn't trusted. NULL if it has shown none. */
static X509 *ncat_certificate(const struct tls_stream *stream)
{
	const OPENSSL_STACK *chain = (const OPENSSL_STACK *)tls.SSL_get_peer_cert_chain(
		stream->ssl);

	return tls.OPENSSL_sk_num(chain) > 0 ? tls.OPENSSL_sk_value(chain, 0) : NULL;
}

static void ncat_tell_name(const char *whose, const X509_NAME *name)
{
	char *line = facts_line(name, NCAT_NAME_FLAGS);

	log_told(LOG_LEVEL_NOTICE, "%s: %s", whose, line);
	free(line);
}

/* Nobody we trust vouches for the server's certificate, which may be all the same to us. */
void ncat_tell_untrusted(const struct tls_stream *stream)
{
	long verdict = tls.SSL_get_verify_result(stream->ssl);
	X509 *certificate;

	if (!ncat_tells() || stream->server || verdict == X509_V_OK ||
		verdict == X509_V_ERR_HOSTNAME_MISMATCH ||
		verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
		return;
	certificate = ncat_certificate(stream);
	if (certificate == NULL)
		return;
	ncat_tell_name("Subject", tls.X509_get_subject_name(certificate));
	ncat_tell_name("Issuer", tls.X509_get_issuer_name(certificate));
	ncat_tell_fingerprint(certificate);
	log_told(LOG_LEVEL_NOTICE, "Certificate verification failed (%s).",
		tls.X509_verify_cert_error_string(verdict));
}

/* The number of the host at the other end. Returns its port, or -1 if that isn't known any more. */
static int ncat_peer(const struct tls_stream *stream, char host[SOCKADDR_TEXT])
{
	struct sockaddr_any peer;

	if (sockaddr_peer(stream->base.rfd, &peer) < 0 ||
		getnameinfo(&peer.any, peer.length, host, SOCKADDR_TEXT, NULL, 0, NI_NUMERICHOST) !=
			0)
		return -1;
	return sockaddr_port(&peer);
}

/* Says of a client whose handshake has failed who it was. */
void ncat_reword(const struct tls_stream *stream, struct error *error)
{
	char host[SOCKADDR_TEXT], *message;

	if (log_style() != LOG_STYLE_NCAT || !stream->server || ncat_peer(stream, host) < 0)
		return;
	message = memory_print("Failed SSL connection from %s: %s", host, error->message);
	error_reword(error, message);
	free(message);
}

/* The same where nothing has come in time, as a client says it of connecting. */
void ncat_reword_late(const struct tls_stream *stream, struct error *error)
{
	if (log_style() == LOG_STYLE_NCAT && !stream->server)
		error_reword(error, "TIMEOUT.");
	else
		ncat_reword(stream, error);
}

/* TLS stands. */
void ncat_tell_connected(const struct tls_stream *stream)
{
	char host[SOCKADDR_TEXT];
	int port = ncat_peer(stream, host);
	X509 *certificate;
	char *organization;

	if (!ncat_tells() || stream->server || port < 0)
		return;
	certificate = ncat_certificate(stream);
	if (certificate == NULL)
		return;
	organization = facts_values(tls.X509_get_subject_name(certificate), NID_organizationName,
		1);
	log_told(LOG_LEVEL_NOTICE, "SSL connection to %s:%d.%s%s", host, port,
		organization[0] != '\0' ? " " : "", organization);
	ncat_tell_fingerprint(certificate);
	free(organization);
}
