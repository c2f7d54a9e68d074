#include "tls/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "base/intl.h"
#include "base/log.h"
#include "io/path.h"
#include "tls/facts.h"

#define WORDS_NAMES 5 /* so many names of a certificate are told */

struct words_row {
	int number;
	const char *sentence, *hint; /* N_(); a hint may be NULL */
};

#define WORDS_PLAIN \
	N_("the other side doesn't speak TLS"), \
		N_("is it the right port? TCP instead of OPENSSL speaks to it without TLS")
#define WORDS_VERSION \
	N_("we have no version of TLS in common"), \
		N_("options min-version and max-version say which ones are spoken")
#define WORDS_WEAK \
	N_("a key or a signature is too weak"), N_("cipher=DEFAULT:@SECLEVEL=0 takes even that")
#define WORDS_OURS_UNKNOWN \
	N_("the other side doesn't trust our certificate"), \
		N_("there, cafile has to name who has signed ours; or verify=0")

/* What the library says of a handshake with somebody who knows nothing of TLS. */
static const struct words_row words_strangers[] = {
	{ SSL_R_WRONG_VERSION_NUMBER, WORDS_PLAIN },
	{ SSL_R_HTTP_REQUEST, WORDS_PLAIN },
	{ SSL_R_HTTPS_PROXY_REQUEST, WORDS_PLAIN },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, WORDS_PLAIN },
	{ SSL_R_UNKNOWN_PROTOCOL, WORDS_PLAIN },
	/* who echoes says hello as a client does */
	{ SSL_R_UNEXPECTED_MESSAGE, WORDS_PLAIN },
	{ 0, NULL, NULL },
};

/* What the library says of a handshake, or of a connection. */
static const struct words_row words_reasons[] = {
	{ SSL_R_UNSUPPORTED_PROTOCOL, WORDS_VERSION },
	{ SSL_R_NO_PROTOCOLS_AVAILABLE, WORDS_VERSION },
	{ SSL_R_VERSION_TOO_LOW, WORDS_VERSION },
	{ SSL_AD_REASON_OFFSET + SSL_AD_PROTOCOL_VERSION, WORDS_VERSION },
	{ SSL_R_NO_SHARED_CIPHER, N_("we have no cipher in common"),
		N_("option cipher names those that are allowed") },
	{ SSL_R_NO_CIPHERS_AVAILABLE, N_("no cipher is left that could be used"),
		N_("option cipher names those that are allowed") },
	{ SSL_R_DH_KEY_TOO_SMALL, WORDS_WEAK },
	{ SSL_R_EE_KEY_TOO_SMALL, WORDS_WEAK },
	{ SSL_R_CA_KEY_TOO_SMALL, WORDS_WEAK },
	{ SSL_R_CA_MD_TOO_WEAK, WORDS_WEAK },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, N_("the client has shown no certificate"),
		N_("verify=0 lets in clients without one; a client shows its own by option cert") },
	{ SSL_R_NO_APPLICATION_PROTOCOL, N_("no protocol of option alpn is in common"), NULL },
	{ SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL,
		N_("no protocol of option alpn is in common"), NULL },
	{ SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA, WORDS_OURS_UNKNOWN },
	{ SSL_AD_REASON_OFFSET + SSL_AD_BAD_CERTIFICATE, WORDS_OURS_UNKNOWN },
	{ SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_UNKNOWN, WORDS_OURS_UNKNOWN },
	{ SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_EXPIRED,
		N_("the other side finds that our certificate has expired"), NULL },
	{ SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_REVOKED,
		N_("the other side finds that our certificate has been revoked"), NULL },
	{ SSL_AD_REASON_OFFSET + SSL_AD_UNSUPPORTED_CERTIFICATE,
		N_("the other side finds that our certificate is meant for another purpose"),
		NULL },
	{ SSL_AD_REASON_OFFSET + SSL_AD_HANDSHAKE_FAILURE,
		N_("the other side finds nothing that both of us would accept"),
		N_("it may want a certificate (option cert), or other ciphers (option cipher)") },
	{ SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_REQUIRED,
		N_("the other side wants a certificate of us"),
		N_("option cert names a file with our certificate and its key") },
	{ SSL_AD_REASON_OFFSET + SSL_AD_UNRECOGNIZED_NAME, N_("the server has no such name"),
		N_("snihost=NAME asks for another one, nosni for none") },
	{ 0, NULL, NULL },
};

/* Why a certificate isn't trusted, and what of it. */
static const struct words_row words_verdicts[] = {
	{ X509_V_ERR_CERT_HAS_EXPIRED, N_("its certificate has expired"),
		N_("is our clock right? verify=0 takes it all the same, and anybody's") },
	{ X509_V_ERR_CERT_NOT_YET_VALID, N_("its certificate isn't valid yet"),
		N_("is our clock right? verify=0 takes it all the same, and anybody's") },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
		N_("its certificate is signed by nobody but itself"),
		N_("cafile=FILE trusts the certificates in that file, verify=0 anybody") },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
		N_("its certificate comes from an issuer we don't trust"),
		N_("cafile=FILE trusts the certificates in that file, verify=0 anybody") },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
		N_("its certificate comes from an issuer we don't know"),
		N_("cafile=FILE trusts the certificates in that file, verify=0 anybody") },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
		N_("its certificate comes from an issuer we don't know"),
		N_("cafile=FILE trusts the certificates in that file, verify=0 anybody") },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
		N_("its certificate comes from an issuer we don't know"),
		N_("cafile=FILE trusts the certificates in that file, verify=0 anybody") },
	{ X509_V_ERR_CERT_REVOKED, N_("its certificate has been revoked"), NULL },
	{ X509_V_ERR_UNABLE_TO_GET_CRL, N_("there is no revocation list of its issuer"),
		N_("cafile has revocation lists, so it needs one of every issuer") },
	{ X509_V_ERR_CRL_HAS_EXPIRED, N_("the revocation list of its issuer has expired"), NULL },
	{ X509_V_ERR_INVALID_PURPOSE, N_("its certificate is meant for another purpose"), NULL },
	{ X509_V_ERR_EE_KEY_TOO_SMALL, WORDS_WEAK },
	{ X509_V_ERR_CA_MD_TOO_WEAK, WORDS_WEAK },
	{ 0, NULL, NULL },
};

static const struct words_row *words_find(const struct words_row *row, int number)
{
	while (row->sentence != NULL && row->number != number)
		row++;
	return row->sentence != NULL ? row : NULL;
}

/* The library's own report of what has just failed, as socat prints it. */
static int words_classic(const char *call, struct error *error)
{
	char text[256];
	unsigned long code = tls.ERR_peek_error();

	tls.ERR_error_string_n(code, text, sizeof(text));
	return error_failed(error, "%s(): %s", call, text);
}

/* errno of the system call that failed inside the library, or 0. */
static int words_system(unsigned long code)
{
	return ERR_GET_LIB(code) == ERR_LIB_SYS ? ERR_GET_REASON(code) : 0;
}

/* Fills the error with the sentence for a reason, or the library's. */
static void words_fill(const char *what, const struct words_row *row, const char *reason,
	struct error *error)
{
	/* TRANSLATORS: what failed, and why: "the TLS handshake failed: we have no cipher in common" */
	error_failed(error, _("%s: %s"), what, row != NULL ? _(row->sentence) : reason);
	if (row != NULL && row->hint != NULL)
		error_hint(error, "%s", _(row->hint));
}

/* Why the last call for a connection failed. Returns -1. */
int words_failed(struct tls_stream *self, struct error *error)
{
	unsigned long code = tls.ERR_peek_error();
	int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
	const char *what = self->shaken ? _("the TLS connection failed")
					: _("the TLS handshake failed");
	const char *text = code != 0 ? tls.ERR_reason_error_string(code) : NULL;
	const struct words_row *row = words_find(words_reasons, reason);

	if (row == NULL && !self->shaken)
		row = words_find(words_strangers, reason);
	if (log_is_classic() && code != 0)
		return words_classic(self->shaken ? "SSL_read"
				: self->server	  ? "SSL_accept"
						  : "SSL_connect",
			error);
	if (self->number != 0) {
		error_system(error, self->number, "%s", what);
	} else if (self->cut && self->shaken) {
		error_failed(error,
			_("the connection was cut off without a goodbye of TLS: something may be missing"));
		error_hint(error,
			_("its program may only have closed the socket: TLS wants to be shut down before that"));
	} else if (self->cut) {
		error_failed(error, _("%s: the other side has hung up"), what);
		error_hint(error, _("it may not speak TLS, or turn us away"));
	} else {
		words_fill(what, row, text != NULL ? text : _("the library doesn't say why"),
			error);
	}
	return -1;
}

/* The names that a certificate is for, as far as they are DNS names. */
static void words_names(const X509 *certificate, struct text *list)
{
	GENERAL_NAMES *names = tls.X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const OPENSSL_STACK *stack = (const OPENSSL_STACK *)names;
	int count = 0;

	for (int i = 0; names != NULL && i < tls.OPENSSL_sk_num(stack); i++) {
		const GENERAL_NAME *name = tls.OPENSSL_sk_value(stack, i);

		if (name->type != GEN_DNS)
			continue;
		text_add_string(list, list->length > 0 ? ", " : "");
		if (count++ == WORDS_NAMES) {
			text_add_string(list, "...");
			break;
		}
		facts_add(list, tls.ASN1_STRING_get0_data(name->d.dNSName),
			tls.ASN1_STRING_length(name->d.dNSName));
	}
	if (names != NULL)
		tls.GENERAL_NAMES_free(names);
}

/* The certificate is somebody else's. */
static void words_other_name(struct tls_stream *self, const char *name, struct error *error)
{
	/* a certificate that isn't trusted stands nowhere but in the chain, and of a client not even there */
	const OPENSSL_STACK *chain = (const OPENSSL_STACK *)tls.SSL_get_peer_cert_chain(self->ssl);
	struct text list = TEXT_EMPTY;

	if (tls.OPENSSL_sk_num(chain) > 0)
		words_names(tls.OPENSSL_sk_value(chain, 0), &list);
	if (list.length > 0)
		error_failed(error,
			_("cannot trust the other side: its certificate is for %s, not for %s"),
			list.data, name);
	else
		error_failed(error, _("cannot trust the other side: its certificate isn't for %s"),
			name);
	error_hint(error, _("commonname=NAME expects another name, commonname= takes any"));
	text_free(&list);
}

/* Why the certificate of the other side isn't trusted, when name was expected. Returns -1. */
int words_untrusted(struct tls_stream *self, const char *name, struct error *error)
{
	int verdict = (int)tls.SSL_get_verify_result(self->ssl);

	if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
		if (log_is_classic())
			return error_failed(error,
				"certificate is valid but its commonName does not match hostname \"%s\"",
				name);
		words_other_name(self, name, error);
		return -1;
	}
	if (log_is_classic())
		return words_classic(self->server ? "SSL_accept" : "SSL_connect", error);
	words_fill(_("cannot trust the other side"), words_find(words_verdicts, verdict),
		tls.X509_verify_cert_error_string(verdict), error);
	return -1;
}

/* Whether nothing of the kind that was looked for is in a file. */
static bool words_lacks(unsigned long code)
{
	int library = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);

#ifdef ERR_LIB_OSSL_DECODER
	if (library == ERR_LIB_OSSL_DECODER)
		return reason == ERR_R_UNSUPPORTED;
#endif
#ifdef X509_R_NO_CERTIFICATE_OR_CRL_FOUND
	if (library == ERR_LIB_X509)
		return reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND;
#endif
	return library == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE;
}

/* Why a file couldn't be used. Returns -1. */
int words_file(const char *path, const char *call, struct error *error, const char *what, ...)
{
	unsigned long code = tls.ERR_peek_error();
	int number = words_system(code);
	struct stat status;
	const char *reason = code != 0 ? tls.ERR_reason_error_string(code) : NULL;
	struct text sentence = TEXT_EMPTY;
	va_list args;

	va_start(args, what);
	text_vprint(&sentence, what, args);
	va_end(args);
	if (number == 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		number = EISDIR;
	if (log_is_classic())
		words_classic(call, error);
	else if (number != 0)
		error_system(error, number, "%s", sentence.data);
	else if (words_lacks(code))
		error_failed(error, _("%s: it has no such part in PEM form (-----BEGIN ...)"),
			sentence.data);
	else
		words_fill(sentence.data,
			ERR_GET_LIB(code) == ERR_LIB_SSL
				? words_find(words_reasons, ERR_GET_REASON(code))
				: NULL,
			reason != NULL ? reason : _("the library doesn't say why"), error);
	if (number != 0)
		path_hint(path, O_RDONLY, number, error);
	text_free(&sentence);
	return -1;
}

/* Why the library refuses what an option asks of it. Returns -1. */
int words_library(const char *what, const char *call, struct error *error)
{
	unsigned long code = tls.ERR_peek_error();
	const char *reason = code != 0 ? tls.ERR_reason_error_string(code) : NULL;

	if (log_is_classic() && code != 0)
		return words_classic(call, error);
	return error_failed(error, _("%s: %s"), what,
		reason != NULL ? reason : _("the library doesn't say why"));
}
