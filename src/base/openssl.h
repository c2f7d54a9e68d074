/* What OpenSSL's libraries are called: as they were when we were built, and elsewhere. */
#ifndef BASE_OPENSSL_H
#define BASE_OPENSSL_H

#include <openssl/opensslv.h>

#define OPENSSL_STRING_OF(text) #text
#define OPENSSL_STRING(text) OPENSSL_STRING_OF(text)
#ifdef SHLIB_VERSION_NUMBER
#define OPENSSL_LIBRARY_VERSION SHLIB_VERSION_NUMBER
#else
#define OPENSSL_LIBRARY_VERSION OPENSSL_STRING(OPENSSL_SHLIB_VERSION)
#endif

#define OPENSSL_LIBRARY(name) \
	{ \
		name ".so." OPENSSL_LIBRARY_VERSION, name ".so", name ".dylib", NULL \
	}

#endif
