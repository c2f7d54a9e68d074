#include "tls/context.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "option/check.h"
#include "option/settings.h"
#include "tls/certificate.h"
#include "tls/library.h"
#include "tls/ncat.h"
#include "tls/words.h"

#define CONTEXT_CIPHERS "HIGH:-NULL:-PSK:-aNULL"
#define CONTEXT_READ_BUFFER (68 * 1024) /* four records of the largest size */

struct context {
	struct context *next;
	const struct options *options;
	SSL_CTX *ssl;
	struct text protocols; /* of ALPN, each behind its length */
};

static struct context *contexts;

/* Asks for the password of a key: only at a terminal, for standard input may have data. */
static int context_password(char *room, int size, int writing, void *context)
{
	bool *lonely = context;
	int fd = call_open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);

	*lonely = fd < 0;
	if (fd < 0)
		return -1;
	fd_close(&fd);
	return tls.PEM_def_callback(room, size, writing, NULL);
}

/* Reads our key. Returns -1 with the error filled on failure. */
static int context_key(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
	const char *path = settings->certificate;
	const char *key = settings->key != NULL ? settings->key : path;
	bool lonely = false;
	int result;

	tls.SSL_CTX_set_default_passwd_cb(ssl, context_password);
	tls.SSL_CTX_set_default_passwd_cb_userdata(ssl, &lonely);
	result = tls.SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM);
	tls.SSL_CTX_set_default_passwd_cb_userdata(ssl, NULL);
	if (result == 1)
		return 0;
	if (lonely)
		return error_failed(error,
			_("the key in %s has a password, and there is no terminal to ask for it"),
			key);
	if (ERR_GET_REASON(tls.ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH && !log_is_classic())
		return error_failed(error,
			_("the key in %s does not belong to the certificate in %s"), key, path);
	words_file(key, "SSL_CTX_use_PrivateKey_file", error, _("cannot use the key in %s"), key);
	if (settings->key == NULL)
		error_hint(error, _("option key names the file that has the key"));
	return -1;
}

/* Reads our certificate and its key; a server without one makes one up. */
static int context_identity(SSL_CTX *ssl, const struct tls_settings *settings,
	const struct tls_role *role, struct error *error)
{
	const char *path = settings->certificate;

	if (path == NULL && settings->key != NULL)
		log_warning(_("option key has no effect without option cert"));
	if (path == NULL)
		return role->server ? certificate_make(ssl, error) : 0;
	if (tls.SSL_CTX_use_certificate_chain_file(ssl, path) != 1)
		return words_file(path, "SSL_CTX_use_certificate_file", error,
			_("cannot use the certificate in %s"), path);
	return context_key(ssl, settings, error);
}

/* Whether what is trusted has revocation lists in it. */
static bool context_has_lists(SSL_CTX *ssl)
{
	X509_STORE *store = tls.SSL_CTX_get_cert_store(ssl);
	const OPENSSL_STACK *objects = (const OPENSSL_STACK *)tls.X509_STORE_get0_objects(store);

	for (int i = 0; i < tls.OPENSSL_sk_num(objects); i++) {
		if (tls.X509_OBJECT_get_type(tls.OPENSSL_sk_value(objects, i)) == X509_LU_CRL)
			return true;
	}
	return false;
}

/* Reads whom to trust, and decides what the other side has to show. */
static int context_trust(SSL_CTX *ssl, const struct tls_settings *settings,
	const struct tls_role *role, struct error *error)
{
	const char *file = settings->authorities, *folder = settings->authority_folder;
	int mode = SSL_VERIFY_PEER;

	if (role->server)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT | SSL_VERIFY_CLIENT_ONCE;
	tls.SSL_CTX_set_verify(ssl, settings->verify ? mode : SSL_VERIFY_NONE, NULL);
	if (file == NULL && folder == NULL) {
		/* ncat tells whether a certificate could be trusted even where anybody is */
		if (settings->verify || (!role->server && ncat_tells()))
			tls.SSL_CTX_set_default_verify_paths(ssl);
		return 0;
	}
	if (file != NULL && tls.SSL_CTX_load_verify_locations(ssl, file, NULL) != 1)
		return words_file(file, "SSL_CTX_load_verify_locations", error,
			_("cannot use the certificates in %s"), file);
	if (folder != NULL && tls.SSL_CTX_load_verify_locations(ssl, NULL, folder) != 1)
		return words_file(folder, "SSL_CTX_load_verify_locations", error,
			_("cannot use the certificates in %s"), folder);
	if (context_has_lists(ssl))
		tls.X509_STORE_set_flags(tls.SSL_CTX_get_cert_store(ssl), X509_V_FLAG_CRL_CHECK);
	/* clients choose their certificate by it */
	if (role->server && file != NULL && settings->verify)
		tls.SSL_CTX_set_client_CA_list(ssl, tls.SSL_load_client_CA_file(file));
	return 0;
}

/* Sets the limit that a command is about to the version that was given, if one was. */
static int context_version(SSL_CTX *ssl, const struct tls_role *role, int command, const char *word,
	struct error *error)
{
	int number;
	char *reason;

	if (word == NULL)
		return 0;
	if (check_tls_version_parse(word, &number, &reason) < 0) {
		error_usage(error, "%s: %s", word, reason);
		free(reason);
		return -1;
	}
	/* the library would overlook a version of the other kind */
	if (role->datagrams != (number >> 8 == DTLS1_VERSION_MAJOR) ||
		tls.SSL_CTX_ctrl(ssl, command, number, NULL) != 1)
		return error_failed(error, _("this OpenSSL doesn't speak %s here"), word);
	return 0;
}

/*
 * Chooses ciphers. OpenSSL has one list for TLS 1.3, whose names begin with TLS_, and one for all that is older; who names
 * none of one kind leaves that list as it is.
 */
static int context_ciphers(SSL_CTX *ssl, const char *words, struct error *error)
{
	struct text suites = TEXT_EMPTY, ciphers = TEXT_EMPTY;
	int result = 1;

	while (words != NULL && *words != '\0') {
		size_t length = strcspn(words, ": ,");
		struct text *list = strncasecmp(words, "TLS_", 4) == 0 ? &suites : &ciphers;

		if (list->length > 0)
			text_add_char(list, ':');
		text_add(list, words, length);
		words += length + strspn(words + length, ": ,");
	}
	if (suites.length > 0)
		result = tls.SSL_CTX_set_ciphersuites(ssl, suites.data);
	if (result == 1)
		result = tls.SSL_CTX_set_cipher_list(ssl,
			ciphers.length > 0 ? ciphers.data : CONTEXT_CIPHERS);
	text_free(&suites);
	text_free(&ciphers);
	return result == 1
		? 0
		: words_library(_("cannot use these ciphers"), "SSL_CTX_set_cipher_list", error);
}

/* Chooses versions and ciphers. */
static int context_versions(SSL_CTX *ssl, const struct tls_settings *settings,
	const struct tls_role *role, struct error *error)
{
	const struct {
		int command;
		const char *word;
	} limits[] = {
		{ SSL_CTRL_SET_MIN_PROTO_VERSION, settings->method },
		{ SSL_CTRL_SET_MAX_PROTO_VERSION, settings->method },
		{ SSL_CTRL_SET_MIN_PROTO_VERSION, settings->min_version },
		{ SSL_CTRL_SET_MAX_PROTO_VERSION, settings->max_version },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (context_version(ssl, role, limits[i].command, limits[i].word, error) < 0)
			return -1;
	}
	return context_ciphers(ssl, settings->ciphers, error);
}

/* Reads the parameters for Diffie-Hellman: those of the option, of the certificate's file, or the library's own. */
static int context_exchange(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
	bool asked = settings->dh_parameters != NULL;
	const char *path = asked ? settings->dh_parameters : settings->certificate;
	BIO *file = path != NULL ? tls.BIO_new_file(path, "r") : NULL;
	bool done = false;

	if (file != NULL) {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
		EVP_PKEY *parameters = tls.PEM_read_bio_Parameters(file, NULL);

		done = parameters != NULL && tls.SSL_CTX_set0_tmp_dh_pkey(ssl, parameters) == 1;
		if (!done && parameters != NULL)
			tls.EVP_PKEY_free(parameters);
#else
		DH *parameters = tls.PEM_read_bio_DHparams(file, NULL, NULL, NULL);

		done = parameters != NULL &&
			tls.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_TMP_DH, 0, parameters) == 1;
		tls.DH_free(parameters);
#endif
		tls.BIO_free(file);
	}
	if (!done && asked)
		return words_file(path, "PEM_read_bio_DHparams", error,
			_("cannot use the parameters in %s"), path);
	if (!done)
		tls.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_DH_AUTO, 1, NULL);
	tls.ERR_clear_error();
	return 0;
}

/* Chooses the first of our protocols that the client speaks, too. */
static int context_choose(SSL *connection, const unsigned char **chosen, unsigned char *length,
	const unsigned char *offered, unsigned int count, void *context)
{
	const struct text *protocols = &((const struct context *)context)->protocols;
	unsigned char *choice;

	(void)connection;
	if (tls.SSL_select_next_proto(&choice, length, (const unsigned char *)protocols->data,
		    (unsigned)protocols->length, offered, count) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = choice;
	return SSL_TLSEXT_ERR_OK;
}

/* Offers the protocols of option alpn, or chooses among them. */
static void context_protocols(struct context *context, const char *names, bool server)
{
	struct text *protocols = &context->protocols;

	while (names != NULL && *names != '\0') {
		size_t length = strcspn(names, ":");

		text_add_char(protocols, (char)length);
		text_add(protocols, names, length);
		names += length + (names[length] == ':');
	}
	if (protocols->length == 0)
		return;
	if (server)
		tls.SSL_CTX_set_alpn_select_cb(context->ssl, context_choose, context);
	else
		tls.SSL_CTX_set_alpn_protos(context->ssl, (const unsigned char *)protocols->data,
			(unsigned)protocols->length);
}

/* Uses nothing but what FIPS allows. */
static int context_fips(struct error *error)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
	if (tls.OSSL_PROVIDER_load(NULL, "fips") != NULL &&
		tls.EVP_set_default_properties(NULL, "fips=yes") == 1)
		return 0;
	return words_library(_("cannot switch to FIPS"), "FIPS_mode_set", error);
#else
	return error_failed(error, _("cannot switch to FIPS: this OpenSSL has none"));
#endif
}

/* What the library does for whoever uses it as we do. */
static void context_manners(SSL_CTX *ssl, const struct tls_settings *settings,
	const struct tls_role *role)
{
	bool compress = settings->compress != NULL && strcmp(settings->compress, "auto") == 0;

	tls.SSL_CTX_ctrl(ssl, SSL_CTRL_MODE,
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS, NULL);
	tls.SSL_CTX_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (!compress)
		tls.SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION);
	if (role->server) {
		tls.SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
		/* nobody resumes a session with us, and tickets that a client doesn't read may cost it data */
		tls.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, NULL);
		tls.SSL_CTX_set_num_tickets(ssl, 0);
	}
	if (!role->datagrams) {
		tls.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_READ_AHEAD, 1, NULL);
		tls.SSL_CTX_set_default_read_buffer_len(ssl, CONTEXT_READ_BUFFER);
	}
}

/* Limits the pieces in which data is sent, here and by the server. */
static int context_fragments(SSL_CTX *ssl, const struct tls_settings *settings,
	const struct tls_role *role, struct error *error)
{
	static const struct {
		int size;
		uint8_t mode;
	} modes[] = {
		{ 512, TLSEXT_max_fragment_length_512 },
		{ 1024, TLSEXT_max_fragment_length_1024 },
		{ 2048, TLSEXT_max_fragment_length_2048 },
		{ 4096, TLSEXT_max_fragment_length_4096 },
	};

	for (size_t i = 0; !role->server && i < sizeof(modes) / sizeof(*modes); i++) {
		if (modes[i].size == settings->max_fragment)
			tls.SSL_CTX_set_tlsext_max_fragment_length(ssl, modes[i].mode);
	}
	if (settings->max_sent > 0 &&
		tls.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_MAX_SEND_FRAGMENT, settings->max_sent, NULL) !=
			1)
		return words_library(_("cannot limit what is sent at once"),
			"SSL_CTX_set_max_send_fragment", error);
	return 0;
}

/* Sets up everything that the options ask for. */
static int context_fill(struct context *context, const struct tls_role *role, struct error *error)
{
	const struct tls_settings *settings = SETTINGS(context->options, tls);
	SSL_CTX *ssl = context->ssl;

	if (settings->random_daemon != NULL || settings->pseudo_random)
		log_warning(
			_("egd and pseudo have no effect: random numbers come from the system"));
	context_manners(ssl, settings, role);
	context_protocols(context, settings->protocols, role->server);
	if (context_versions(ssl, settings, role, error) < 0 ||
		context_fragments(ssl, settings, role, error) < 0 ||
		context_trust(ssl, settings, role, error) < 0 ||
		(role->server && context_exchange(ssl, settings, error) < 0))
		return -1;
	return context_identity(ssl, settings, role, error);
}

static const SSL_METHOD *context_method(const struct tls_role *role)
{
	if (role->datagrams)
		return role->server ? tls.DTLS_server_method() : tls.DTLS_client_method();
	return role->server ? tls.TLS_server_method() : tls.TLS_client_method();
}

/* What TLS is for an address with these options; kept as long as the program runs. NULL with the error filled. */
SSL_CTX *tls_context(const struct options *options, const struct tls_role *role,
	struct error *error)
{
	struct context *context = contexts;

	while (context != NULL && context->options != options)
		context = context->next;
	if (context != NULL)
		return context->ssl;
	if (tls_load(error) < 0 || (SETTINGS(options, tls)->fips && context_fips(error) < 0))
		return NULL;
	context = memory_zero(1, sizeof(*context));
	context->options = options;
	tls.ERR_clear_error();
	context->ssl = tls.SSL_CTX_new(context_method(role));
	if (context->ssl == NULL)
		words_library(_("OpenSSL cannot begin"), "SSL_CTX_new", error);
	if (context->ssl == NULL || context_fill(context, role, error) < 0) {
		tls.SSL_CTX_free(context->ssl);
		text_free(&context->protocols);
		free(context);
		return NULL;
	}
	context->next = contexts;
	contexts = context;
	return context->ssl;
}
