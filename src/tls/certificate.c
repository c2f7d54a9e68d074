#include "tls/certificate.h"

#include <stdbool.h>
#include <time.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/text.h"
#include "tls/ncat.h"
#include "tls/words.h"

#define CERTIFICATE_YEAR (365L * 24 * 3600)
#define CERTIFICATE_VERSION 2 /* stands for version 3 */

/* A new key. Owned by the caller; NULL on failure. */
static EVP_PKEY *certificate_key(void)
{
	EVP_PKEY_CTX *maker = tls.EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	if (maker == NULL || tls.EVP_PKEY_keygen_init(maker) != 1 ||
		tls.EVP_PKEY_CTX_ctrl_str(maker, "ec_paramgen_curve", "P-256") != 1 ||
		tls.EVP_PKEY_keygen(maker, &key) != 1)
		key = NULL;
	tls.EVP_PKEY_CTX_free(maker);
	return key;
}

/* Adds an extension, which is written as openssl's own files have it. */
static bool certificate_extend(X509 *certificate, int number, const char *value)
{
	X509V3_CTX about;
	X509_EXTENSION *extension;
	bool done;

	tls.X509V3_set_ctx(&about, certificate, certificate, NULL, NULL, 0);
	extension = tls.X509V3_EXT_conf_nid(NULL, &about, number, value);
	done = extension != NULL && tls.X509_add_ext(certificate, extension, -1) == 1;
	if (extension != NULL)
		tls.X509_EXTENSION_free(extension);
	return done;
}

/* Writes all that a certificate for this machine has to say, and signs it. */
static bool certificate_write(X509 *certificate, EVP_PKEY *key)
{
	X509_NAME *name = tls.X509_get_subject_name(certificate);

	tls.X509_set_version(certificate, CERTIFICATE_VERSION);
	return tls.ASN1_INTEGER_set(tls.X509_get_serialNumber(certificate), (long)time(NULL)) ==
		1 &&
		tls.X509_gmtime_adj(tls.X509_getm_notBefore(certificate), 0) != NULL &&
		tls.X509_gmtime_adj(tls.X509_getm_notAfter(certificate), CERTIFICATE_YEAR) !=
		NULL &&
		tls.X509_set_pubkey(certificate, key) == 1 &&
		tls.X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			(const unsigned char *)"localhost", -1, -1, 0) == 1 &&
		tls.X509_set_issuer_name(certificate, name) == 1 &&
		certificate_extend(certificate, NID_subject_alt_name,
			"DNS:localhost,IP:127.0.0.1,IP:::1") &&
		certificate_extend(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
		tls.X509_sign(certificate, key, tls.EVP_sha256()) > 0;
}

/* Says by what the certificate can be known. */
static void certificate_tell(const X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	struct text hex = TEXT_EMPTY;

	if (log_style() != LOG_STYLE_NETTOOL) {
		ncat_tell_made_up(certificate);
		return;
	}
	tls.X509_digest(certificate, tls.EVP_sha256(), digest, &length);
	for (unsigned i = 0; i < length; i++)
		text_print(&hex, "%s%02X", i > 0 ? ":" : "", digest[i]);
	if (log_is_classic())
		log_warning("no certificate given; consider option \"cert\"");
	else
		log_warning(
			_("no certificate was given (option cert), so one was made up for this run; its SHA-256 fingerprint is %s"),
			hex.data);
	text_free(&hex);
}

/* Makes up a certificate for the server and takes it. Returns -1 with the error filled on failure. */
int certificate_make(SSL_CTX *context, struct error *error)
{
	EVP_PKEY *key = certificate_key();
	X509 *certificate = tls.X509_new();
	int result = 0;

	if (key == NULL || certificate == NULL || !certificate_write(certificate, key) ||
		tls.SSL_CTX_use_certificate(context, certificate) != 1 ||
		tls.SSL_CTX_use_PrivateKey(context, key) != 1)
		result = words_library(_("cannot make up a certificate"), "X509_sign", error);
	else
		certificate_tell(certificate);
	tls.X509_free(certificate);
	tls.EVP_PKEY_free(key);
	return result;
}
