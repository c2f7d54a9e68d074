#include "tls/library.h"

#include <stdbool.h>

#include "base/dynamic.h"
#include "base/exports.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/openssl.h"

#define TLS_SYMBOL(name) DYNAMIC_SYMBOL(tls, name),

struct tls_library tls;

/* libcrypto comes along with it. */
static const char *const tls_names[] = OPENSSL_LIBRARY("libssl");

/* Loads the library once. */
int tls_load(struct error *error)
{
	const struct dynamic_symbol symbols[] = { TLS_FUNCTIONS(TLS_SYMBOL) };
	static bool loaded;
	const char *missing;
	void *library;

	if (loaded)
		return 0;
	library = dynamic_open(tls_names);
	if (library == NULL)
		return error_failed(error, _("TLS needs OpenSSL: %s cannot be loaded"),
			tls_names[0]);
	missing = dynamic_find(library, symbols, sizeof(symbols) / sizeof(*symbols));
	if (missing != NULL)
		return error_failed(error, _("this OpenSSL is too old: it has no %s"), missing);
	loaded = true;
	exports_forget(log_program(), "OPENSSL_");
	return 0;
}

/* The certificate that the other side has shown. Owned by the caller; NULL if it has shown none. */
X509 *tls_peer_certificate(const SSL *ssl)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	return tls.SSL_get1_peer_certificate(ssl);
#else
	return tls.SSL_get_peer_certificate(ssl);
#endif
}
