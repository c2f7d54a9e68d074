#include "filter/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/dynamic.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/openssl.h"

/* What is used of the library. */
#define DIGEST_FUNCTIONS(X) \
	X(EVP_get_digestbyname) \
	X(EVP_MD_do_all_sorted) \
	X(EVP_MD_CTX_new) \
	X(EVP_MD_CTX_free) \
	X(EVP_MD_CTX_copy_ex) \
	X(EVP_DigestInit_ex) \
	X(EVP_DigestUpdate) \
	X(EVP_DigestFinal_ex)

#define DIGEST_FUNCTION(name) __typeof__(name) *name;
#define DIGEST_SYMBOL(name) DYNAMIC_SYMBOL(digest_library, name),

static const char *const digest_names[] = OPENSSL_LIBRARY("libcrypto");

static struct {
	DIGEST_FUNCTIONS(DIGEST_FUNCTION)
} digest_library;

struct digest {
	struct tap base;
	EVP_MD_CTX *state; /* NULL: nobody wants to know */
	char *label;	   /* whose it is */
};

/* What is told of the names of digests. */
struct digest_search {
	struct near near;
	struct text list;
};

/* Loads the library once. */
static int digest_load(struct error *error)
{
	const struct dynamic_symbol symbols[] = { DIGEST_FUNCTIONS(DIGEST_SYMBOL) };
	static bool loaded;
	const char *missing;
	void *handle;

	if (loaded)
		return 0;
	handle = dynamic_open(digest_names);
	if (handle == NULL)
		return error_failed(error, _("--digest needs OpenSSL: %s cannot be loaded"),
			digest_names[0]);
	missing = dynamic_find(handle, symbols, sizeof(symbols) / sizeof(*symbols));
	if (missing != NULL)
		return error_failed(error, _("this OpenSSL is too old: it has no %s"), missing);
	loaded = true;
	return 0;
}

/* A digest that has just begun, or NULL if the library can't compute it. */
static EVP_MD_CTX *digest_begin(const EVP_MD *method)
{
	EVP_MD_CTX *state = digest_library.EVP_MD_CTX_new();
	unsigned char result[EVP_MAX_MD_SIZE];
	unsigned length;

	/* some can be begun, and yet have no end of their own */
	if (method == NULL || digest_library.EVP_DigestInit_ex(state, method, NULL) != 1 ||
		digest_library.EVP_DigestFinal_ex(state, result, &length) != 1 ||
		digest_library.EVP_DigestInit_ex(state, method, NULL) != 1) {
		digest_library.EVP_MD_CTX_free(state);
		return NULL;
	}
	return state;
}

/* Takes a name into the search, if it is one that can be had. */
static void digest_offer(const EVP_MD *method, const char *from, const char *to, void *context)
{
	struct digest_search *search = context;
	EVP_MD_CTX *state;

	(void)to;
	if (method == NULL || strncmp(from, "RSA-", 4) == 0 ||
		(state = digest_begin(method)) == NULL)
		return;
	digest_library.EVP_MD_CTX_free(state);
	text_print(&search->list, "%s%s", search->list.length > 0 ? ", " : "", from);
	near_offer(&search->near, from);
}

/* Refuses a name that the library doesn't know. */
int digest_check(const char *name, struct error *error)
{
	struct digest_search search = { .list = TEXT_EMPTY };
	EVP_MD_CTX *state;

	if (digest_load(error) < 0)
		return -1;
	state = digest_begin(digest_library.EVP_get_digestbyname(name));
	if (state != NULL) {
		digest_library.EVP_MD_CTX_free(state);
		return 0;
	}
	near_start(&search.near, name);
	digest_library.EVP_MD_do_all_sorted(digest_offer, &search);
	error_usage(error, _("--digest=%s: OpenSSL knows no such digest, but %s"), name,
		search.list.data);
	if (search.near.best != NULL)
		error_hint(error, _("did you mean %s?"), search.near.best);
	text_free(&search.list);
	return -1;
}

static void digest_take(struct tap *tap, const void *data, size_t length)
{
	struct digest *digest = (struct digest *)tap;

	if (digest->state != NULL)
		digest_library.EVP_DigestUpdate(digest->state, data, length);
}

static void digest_free(struct tap *tap)
{
	struct digest *digest = (struct digest *)tap;

	if (digest->state != NULL)
		digest_library.EVP_MD_CTX_free(digest->state);
	free(digest->label);
	free(digest);
}

static const struct tap_ops digest_reading = { .was_read = digest_take, .free = digest_free };
static const struct tap_ops digest_writing = { .was_written = digest_take, .free = digest_free };

/*
 * Computes the digest of all that is read from a stream from now on, or of what is written. Its name has passed
 * digest_check; without one only the label is kept.
 */
void digest_watch(struct stream *stream, bool reading, const char *name, const char *label)
{
	struct digest *digest = memory_zero(1, sizeof(*digest));

	digest->base.ops = reading ? &digest_reading : &digest_writing;
	digest->label = memory_string(label);
	if (name != NULL)
		digest->state = digest_begin(digest_library.EVP_get_digestbyname(name));
	tap_add(&stream->taps, &digest->base);
}

/* The digest that watches a direction of a stream, or NULL. */
static const struct digest *digest_find(const struct stream *stream, bool reading)
{
	const struct tap *tap = stream->taps;

	while (tap != NULL && tap->ops != (reading ? &digest_reading : &digest_writing))
		tap = tap->next;
	return (const struct digest *)tap;
}

/* What the digest of a direction was called when it began. */
const char *digest_label(const struct stream *stream, bool reading)
{
	const struct digest *digest = digest_find(stream, reading);

	return digest != NULL ? digest->label : "";
}

/* Adds the digest of all so far in hexadecimal. Returns false if there is none. */
bool digest_add(const struct stream *stream, bool reading, struct text *hex)
{
	const struct digest *digest = digest_find(stream, reading);
	unsigned char result[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	EVP_MD_CTX *copy;

	if (digest == NULL || digest->state == NULL)
		return false;
	copy = digest_library.EVP_MD_CTX_new();
	digest_library.EVP_MD_CTX_copy_ex(copy, digest->state);
	digest_library.EVP_DigestFinal_ex(copy, result, &length);
	digest_library.EVP_MD_CTX_free(copy);
	for (unsigned i = 0; i < length; i++)
		text_print(hex, "%02x", result[i]);
	return true;
}
