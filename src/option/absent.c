/*
 * The words of options whose part of the program is not built in. They are known so that a
 * message can say so instead of calling them unknown. Sorted, for a binary search.
 */
#include <stdlib.h>

#include "base/text.h"
#include "option/option.h"

static const char *const absent_names[] = {
	"allmulti",
	"automedia",
	"ccid",
	"dccp-set-ccid",
	"http-version",
	"if-mtu",
	"iff-allmulti",
	"iff-automedia",
	"iff-broadcast",
	"iff-debug",
	"iff-dynamic",
	"iff-loopback",
	"iff-master",
	"iff-multicast",
	"iff-no-pi",
	"iff-noarp",
	"iff-notrailers",
	"iff-pointopoint",
	"iff-portsel",
	"iff-promisc",
	"iff-running",
	"iff-slave",
	"iff-up",
	"ignorecr",
	"interface-mtu",
	"loopback",
	"master",
	"mq-flush",
	"mq-maxmsg",
	"mq-msgsize",
	"mq-prio",
	"multicast",
	"no-pi",
	"noarp",
	"notrailers",
	"pointopoint",
	"portsel",
	"posixmq-flush",
	"posixmq-maxmsg",
	"posixmq-msgsize",
	"posixmq-priority",
	"promisc",
	"proxy-auth",
	"proxy-authorization",
	"proxy-authorization-file",
	"proxy-resolve",
	"proxyauth",
	"proxyauthfile",
	"proxyport",
	"resolv",
	"resolve",
	"retrieve-vlan",
	"running",
	"sctp-maxseg",
	"sctp-maxseg-late",
	"sctp-nodelay",
	"slave",
	"sockspass",
	"socksport",
	"socksuser",
	"tun-device",
	"tun-name",
	"tun-no-pi",
	"tun-type",
	"udplite-recv-cscov",
	"udplite-send-cscov",
	"up",
};

#if !HAVE_OPENSSL
static const char *const absent_tls_names[] = {
	"alpn",
	"cafile",
	"capath",
	"cert",
	"certificate",
	"cipher",
	"cipherlist",
	"ciphers",
	"cn",
	"commonname",
	"compress",
	"dh",
	"dhparam",
	"dhparams",
	"egd",
	"fips",
	"handshake-timeout",
	"key",
	"max-proto-version",
	"max-version",
	"maxfraglen",
	"maxsendfrag",
	"method",
	"min-proto-version",
	"min-version",
	"no-sni",
	"nosni",
	"openssl-cafile",
	"openssl-capath",
	"openssl-certificate",
	"openssl-cipherlist",
	"openssl-commonname",
	"openssl-compress",
	"openssl-dhparam",
	"openssl-dhparams",
	"openssl-egd",
	"openssl-fips",
	"openssl-key",
	"openssl-max-proto-version",
	"openssl-maxfraglen",
	"openssl-maxsendfrag",
	"openssl-method",
	"openssl-min-proto-version",
	"openssl-no-sni",
	"openssl-pseudo",
	"openssl-snihost",
	"openssl-verify",
	"pseudo",
	"snihost",
	"verify",
};
#endif

/* Compares the word that bsearch looks for with an element. */
static int absent_compare(const void *name, const void *element)
{
	return text_compare_words(name, *(const char *const *)element);
}

static bool absent_has(const char *const *names, size_t count, const char *name)
{
	return bsearch(name, names, count, sizeof(*names), absent_compare) != NULL;
}

/* Whether a name that no table knows is that of an option which this program was built without. */
bool option_is_absent(const char *name)
{
#if !HAVE_OPENSSL
	if (absent_has(absent_tls_names, sizeof(absent_tls_names) / sizeof(*absent_tls_names),
		    name))
		return true;
#endif
	return absent_has(absent_names, sizeof(absent_names) / sizeof(*absent_names), name);
}
