/*
 * OpenSSL, loaded when the first address wants TLS and not before. What is used of it is named once, in TLS_FUNCTIONS;
 * it is called by its own names, as tls.SSL_read_ex(...).
 */
#ifndef TLS_LIBRARY_H
#define TLS_LIBRARY_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/error.h"

/* What has another name, or is missing, in older versions. */
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#define TLS_FUNCTIONS_OF_VERSION(X) \
	X(SSL_get1_peer_certificate) \
	X(PEM_read_bio_Parameters) \
	X(SSL_CTX_set0_tmp_dh_pkey) \
	X(EVP_set_default_properties) \
	X(OSSL_PROVIDER_load)
#include <openssl/provider.h>
#else
#define TLS_FUNCTIONS_OF_VERSION(X) \
	X(SSL_get_peer_certificate) \
	X(PEM_read_bio_DHparams) \
	X(DH_free)
#endif

#define TLS_FUNCTIONS(X) \
	X(TLS_client_method) \
	X(TLS_server_method) \
	X(DTLS_client_method) \
	X(DTLS_server_method) \
	X(SSL_CTX_new) \
	X(SSL_CTX_free) \
	X(SSL_CTX_ctrl) \
	X(SSL_CTX_set_options) \
	X(SSL_CTX_set_cipher_list) \
	X(SSL_CTX_set_ciphersuites) \
	X(SSL_CTX_use_certificate_chain_file) \
	X(SSL_CTX_use_certificate) \
	X(SSL_CTX_use_PrivateKey_file) \
	X(SSL_CTX_set_default_passwd_cb) \
	X(SSL_CTX_set_default_passwd_cb_userdata) \
	X(PEM_def_callback) \
	X(SSL_CTX_use_PrivateKey) \
	X(SSL_CTX_check_private_key) \
	X(SSL_CTX_load_verify_locations) \
	X(SSL_CTX_set_default_verify_paths) \
	X(SSL_CTX_set_verify) \
	X(SSL_CTX_get_cert_store) \
	X(SSL_CTX_set_default_read_buffer_len) \
	X(SSL_CTX_set_tlsext_max_fragment_length) \
	X(SSL_CTX_set_alpn_protos) \
	X(SSL_CTX_set_alpn_select_cb) \
	X(SSL_CTX_set_client_CA_list) \
	X(SSL_CTX_set_num_tickets) \
	X(SSL_select_next_proto) \
	X(SSL_load_client_CA_file) \
	X(SSL_new) \
	X(SSL_free) \
	X(SSL_set_bio) \
	X(SSL_set_connect_state) \
	X(SSL_set_accept_state) \
	X(SSL_set_options) \
	X(SSL_do_handshake) \
	X(SSL_read_ex) \
	X(SSL_peek_ex) \
	X(SSL_write_ex) \
	X(SSL_shutdown) \
	X(SSL_get_error) \
	X(SSL_has_pending) \
	X(SSL_ctrl) \
	X(SSL_get_verify_result) \
	X(SSL_get_peer_cert_chain) \
	X(SSL_get0_param) \
	X(SSL_get0_alpn_selected) \
	X(SSL_get_version) \
	X(SSL_get_current_cipher) \
	X(SSL_CIPHER_get_name) \
	X(ERR_clear_error) \
	X(ERR_get_error) \
	X(ERR_peek_error) \
	X(ERR_error_string_n) \
	X(ERR_reason_error_string) \
	X(BIO_new) \
	X(BIO_new_file) \
	X(BIO_free) \
	X(BIO_ctrl) \
	X(BIO_s_mem) \
	X(BIO_meth_new) \
	X(BIO_meth_set_read) \
	X(BIO_meth_set_write) \
	X(BIO_meth_set_ctrl) \
	X(BIO_set_data) \
	X(BIO_get_data) \
	X(BIO_set_init) \
	X(BIO_set_flags) \
	X(BIO_clear_flags) \
	X(X509_new) \
	X(X509_free) \
	X(X509_set_version) \
	X(X509_get_serialNumber) \
	X(X509_getm_notBefore) \
	X(X509_getm_notAfter) \
	X(X509_gmtime_adj) \
	X(X509_set_pubkey) \
	X(X509_set_issuer_name) \
	X(X509_add_ext) \
	X(X509_EXTENSION_free) \
	X(X509_sign) \
	X(X509_digest) \
	X(X509_get_subject_name) \
	X(X509_get_issuer_name) \
	X(X509_get_ext_d2i) \
	X(X509_NAME_add_entry_by_txt) \
	X(X509_NAME_print_ex) \
	X(X509_NAME_entry_count) \
	X(X509_NAME_get_entry) \
	X(X509_NAME_ENTRY_get_object) \
	X(X509_NAME_ENTRY_get_data) \
	X(X509_OBJECT_get_type) \
	X(X509_STORE_get0_objects) \
	X(X509_STORE_set_flags) \
	X(X509_VERIFY_PARAM_set1_host) \
	X(X509_VERIFY_PARAM_set1_ip_asc) \
	X(X509_VERIFY_PARAM_set_hostflags) \
	X(X509_verify_cert_error_string) \
	X(X509V3_EXT_conf_nid) \
	X(X509V3_set_ctx) \
	X(ASN1_INTEGER_set) \
	X(ASN1_STRING_to_UTF8) \
	X(ASN1_STRING_get0_data) \
	X(ASN1_STRING_length) \
	X(OBJ_obj2nid) \
	X(OBJ_nid2ln) \
	X(GENERAL_NAMES_free) \
	X(OPENSSL_sk_num) \
	X(OPENSSL_sk_value) \
	X(CRYPTO_free) \
	X(EVP_PKEY_CTX_new_id) \
	X(EVP_PKEY_CTX_ctrl_str) \
	X(EVP_PKEY_CTX_free) \
	X(EVP_PKEY_keygen_init) \
	X(EVP_PKEY_keygen) \
	X(EVP_PKEY_free) \
	X(EVP_sha1) \
	X(EVP_sha256) \
	TLS_FUNCTIONS_OF_VERSION(X)

#define TLS_FUNCTION(name) __typeof__(name) *name;

struct tls_library {
	TLS_FUNCTIONS(TLS_FUNCTION)
};

extern struct tls_library tls;

int tls_load(struct error *error);
X509 *tls_peer_certificate(const SSL *ssl);

#endif
