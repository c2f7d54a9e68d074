#include "tls/facts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "tls/ncat.h"

/* "C = FR, O = Cours, CN = localhost" */
#define FACTS_NAME (XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB)
#define FACTS_ALL (-1)
#define FACTS_BETWEEN " // " /* several values in one variable */

/* A name in one line, as the library's flags want it. Owned by the caller. */
char *facts_line(const X509_NAME *name, unsigned long flags)
{
	BIO *memory = tls.BIO_new(tls.BIO_s_mem());
	char *data, *line = NULL;
	long length;

	if (memory == NULL)
		return memory_string("");
	tls.X509_NAME_print_ex(memory, name, 0, flags);
	length = tls.BIO_ctrl(memory, BIO_CTRL_INFO, 0, &data);
	line = memory_copy(data, length > 0 ? (size_t)length : 0);
	tls.BIO_free(memory);
	return line;
}

/*
 * Adds what somebody has had written into his certificate. Control bytes become what they are in a subject: a NUL as it is
 * would end the name where its owner likes, and a line feed would let him write lines of ours.
 */
void facts_add(struct text *text, const void *value, int length)
{
	const unsigned char *bytes = value;

	for (int i = 0; i < length; i++) {
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			text_print(text, "\\%02X", bytes[i]);
		else
			text_add_char(text, (char)bytes[i]);
	}
}

/* Adds a value to a list. */
static void facts_append(struct text *list, const void *value, int length)
{
	if (list->length > 0)
		text_add_string(list, FACTS_BETWEEN);
	facts_add(list, value, length);
}

/* The values of one kind in a name, such as its common names: all, or so many. Owned by the caller. */
char *facts_values(const X509_NAME *name, int kind, int most)
{
	struct text list = TEXT_EMPTY;

	for (int i = 0; most != 0 && i < tls.X509_NAME_entry_count(name); i++) {
		X509_NAME_ENTRY *entry = tls.X509_NAME_get_entry(name, i);
		unsigned char *value;
		int length;

		if (tls.OBJ_obj2nid(tls.X509_NAME_ENTRY_get_object(entry)) != kind)
			continue;
		length = tls.ASN1_STRING_to_UTF8(&value, tls.X509_NAME_ENTRY_get_data(entry));
		if (length < 0)
			continue;
		facts_append(&list, value, length);
		most--;
		tls.CRYPTO_free(value, __FILE__, __LINE__);
	}
	return text_take(&list);
}

/* A variable for each kind of value in the subject: OPENSSL_X509_COMMONNAME and the like. */
static void facts_export_subject(const X509_NAME *name, struct exports *exports)
{
	for (int i = 0; i < tls.X509_NAME_entry_count(name); i++) {
		X509_NAME_ENTRY *entry = tls.X509_NAME_get_entry(name, i);
		int kind = tls.OBJ_obj2nid(tls.X509_NAME_ENTRY_get_object(entry));
		const char *word = kind != NID_undef ? tls.OBJ_nid2ln(kind) : NULL;
		char *upper, *variable, *values;

		if (word == NULL)
			continue;
		upper = text_upper(word);
		variable = memory_print("OPENSSL_X509_%s", upper);
		values = facts_values(name, kind, FACTS_ALL);
		exports_add(exports, variable, values);
		free(values);
		free(variable);
		free(upper);
	}
}

/* The further names and addresses that the certificate is for. */
static void facts_export_names(X509 *certificate, struct exports *exports)
{
	GENERAL_NAMES *names = tls.X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const OPENSSL_STACK *stack = (const OPENSSL_STACK *)names;
	struct text hosts = TEXT_EMPTY, addresses = TEXT_EMPTY;

	for (int i = 0; names != NULL && i < tls.OPENSSL_sk_num(stack); i++) {
		const GENERAL_NAME *name = tls.OPENSSL_sk_value(stack, i);
		const unsigned char *data;
		char text[INET6_ADDRSTRLEN];
		int length;

		if (name->type != GEN_DNS && name->type != GEN_IPADD)
			continue;
		data = tls.ASN1_STRING_get0_data(name->d.ia5);
		length = tls.ASN1_STRING_length(name->d.ia5);
		if (name->type == GEN_DNS)
			facts_append(&hosts, data, length);
		else if ((length == 4 || length == 16) &&
			inet_ntop(length == 4 ? AF_INET : AF_INET6, data, text, sizeof(text)) !=
				NULL)
			facts_append(&addresses, text, (int)strlen(text));
	}
	if (names != NULL)
		tls.GENERAL_NAMES_free(names);
	if (hosts.length > 0)
		exports_add(exports, "OPENSSL_X509V3_SUBJECTALTNAME_DNS", hosts.data);
	if (addresses.length > 0)
		exports_add(exports, "OPENSSL_X509V3_SUBJECTALTNAME_IPADD", addresses.data);
	text_free(&hosts);
	text_free(&addresses);
}

/* Who is at the other end, by the certificate that it has shown. */
static void facts_tell_peer(X509 *certificate, bool trusted, const char *name,
	struct exports *exports)
{
	char *subject = facts_line(tls.X509_get_subject_name(certificate), FACTS_NAME);
	char *issuer = facts_line(tls.X509_get_issuer_name(certificate), FACTS_NAME);

	if (trusted)
		log_info("peer certificate is trusted");
	log_info("SSL peer cert subject: \"%s\"", subject);
	log_info("SSL peer cert issuer: \"%s\"", issuer);
	if (trusted && name != NULL)
		log_notice("trusting certificate, commonName matches");
	else if (trusted)
		log_notice("trusting certificate, no check of commonName");
	else
		log_notice("no check of certificate");
	exports_add(exports, "OPENSSL_X509_SUBJECT", subject);
	exports_add(exports, "OPENSSL_X509_ISSUER", issuer);
	facts_export_subject(tls.X509_get_subject_name(certificate), exports);
	facts_export_names(certificate, exports);
	free(subject);
	free(issuer);
}

/* Tells of a connection on which TLS stands. A name is that of who was expected. */
void facts_tell(const struct tls_stream *stream, const char *name, struct endpoint *endpoint)
{
	struct exports *exports = &endpoint_more(endpoint)->exports;
	const char *version = tls.SSL_get_version(stream->ssl);
	const char *cipher = tls.SSL_CIPHER_get_name(tls.SSL_get_current_cipher(stream->ssl));
	X509 *certificate = tls_peer_certificate(stream->ssl);
	bool trusted = stream->verifies && tls.SSL_get_verify_result(stream->ssl) == X509_V_OK;
	const unsigned char *protocol;
	unsigned length = 0;

	ncat_tell_untrusted(stream);
	ncat_tell_connected(stream);
	if (certificate != NULL)
		facts_tell_peer(certificate, trusted, name, exports);
	tls.X509_free(certificate);
	exports_add(exports, "OPENSSL_PROTO_VERSION", version);
	exports_add(exports, "OPENSSL_CIPHER", cipher);
	log_notice("SSL proto version used: %s", version);
	log_notice("SSL connection using %s", cipher);
	tls.SSL_get0_alpn_selected(stream->ssl, &protocol, &length);
	if (length == 0)
		return;
	exports_print(exports, "OPENSSL_ALPN", "%.*s", (int)length, (const char *)protocol);
	log_notice("SSL application protocol \"%.*s\"", (int)length, (const char *)protocol);
}
