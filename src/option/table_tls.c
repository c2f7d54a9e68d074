/* Options of TLS. */
#include "option/settings.h"
#include "option/table.h"

/* clang-format off */
#define TLS_ROW(phase_, name_, aliases_, kind_, values_, member, summary_) \
	.name = "openssl-" name_, .aliases = aliases_, .kind = kind_, .groups = GROUP_OPENSSL, \
	.phase = phase_, .values = values_, .summary = summary_, .effect = STORE(tls, member)

const struct option option_table_tls[] = {
	{ TLS_ROW(PHASE_SPECIFIC, "certificate", NAMES("cert", "certificate"), OPTION_STRING, "<path>", certificate,
		N_("our certificate: a PEM file, which may hold the key and its issuers too")) },
	{ TLS_ROW(PHASE_SPECIFIC, "key", NAMES("key"), OPTION_STRING, "<path>", key,
		N_("the private key of our certificate, if another PEM file has it")) },
	{ TLS_ROW(PHASE_SPECIFIC, "verify", NAMES("verify"), OPTION_BOOL, NULL, verify,
		N_("look at the other side's certificate; off: trust anybody")) },
	{ TLS_ROW(PHASE_SPECIFIC, "cafile", NAMES("cafile"), OPTION_STRING, "<path>", authorities,
		N_("whom to trust: a PEM file of certificates; revocation lists in it are heeded")) },
	{ TLS_ROW(PHASE_SPECIFIC, "capath", NAMES("capath"), OPTION_STRING, "<directory>", authority_folder,
		N_("whom to trust: a folder of certificates, named as openssl rehash does it")) },
	{ TLS_ROW(PHASE_SPECIFIC, "commonname", NAMES("cn", "commonname"), OPTION_STRING, "<host>", common_name,
		N_("the name that the other side's certificate must have; empty: any")) },
	{ TLS_ROW(PHASE_SPECIFIC, "snihost", NAMES("snihost"), OPTION_STRING, "<host>", server_name,
		N_("the server's name that is sent in the handshake, instead of the host's")) },
	{ TLS_ROW(PHASE_SPECIFIC, "no-sni", NAMES("nosni", "no-sni"), OPTION_BOOL, NULL, no_server_name,
		N_("don't send the server's name in the handshake")) },
	{ .name = "alpn", .kind = OPTION_STRING, .groups = GROUP_OPENSSL, .phase = PHASE_SPECIFIC,
	  .values = "<name>[:<name>...]", .check = check_alpn,
	  .summary = N_("the protocols to be spoken above TLS, the best first"),
	  .effect = STORE(tls, protocols) },
	{ .name = "handshake-timeout", .kind = OPTION_SECONDS, .groups = GROUP_OPENSSL,
	  .phase = PHASE_SPECIFIC, .summary = N_("how long the TLS handshake may take: 60 s if not given"),
	  .effect = STORE(tls, handshake_timeout) },
	{ TLS_ROW(PHASE_INIT, "min-proto-version", NAMES("min-version", "min-proto-version"), OPTION_STRING,
		"TLS1.0|TLS1.1|TLS1.2|TLS1.3|DTLS1.0|DTLS1.2", min_version,
		N_("the oldest version of the protocol that is spoken")), .check = check_tls_version },
	{ TLS_ROW(PHASE_INIT, "max-proto-version", NAMES("max-version", "max-proto-version"), OPTION_STRING,
		"TLS1.0|TLS1.1|TLS1.2|TLS1.3|DTLS1.0|DTLS1.2", max_version,
		N_("the newest version of the protocol that is spoken")), .check = check_tls_version },
	{ TLS_ROW(PHASE_SPECIFIC, "method", NAMES("method"), OPTION_STRING, "TLS1.0|TLS1.1|TLS1.2|TLS1.3|DTLS1.0|DTLS1.2",
		method, N_("the one version that is spoken; min- and max-version say it better")),
	  .check = check_tls_version },
	{ TLS_ROW(PHASE_SPECIFIC, "cipherlist", NAMES("cipher", "cipherlist", "ciphers"), OPTION_STRING, "<ciphers>",
		ciphers, N_("the ciphers that are allowed, as openssl ciphers names them")) },
	{ TLS_ROW(PHASE_SPECIFIC, "dhparam", NAMES("dh", "dhparam", "dhparams", "openssl-dhparams"), OPTION_STRING,
		"<path>", dh_parameters, N_("a PEM file of Diffie-Hellman parameters for the server")) },
	{ TLS_ROW(PHASE_SPECIFIC, "compress", NAMES("compress"), OPTION_STRING, "none|auto", compress,
		N_("whether TLS compresses: auto leaves it to OpenSSL")), .check = check_tls_compress },
	{ TLS_ROW(PHASE_SPECIFIC, "maxfraglen", NAMES("maxfraglen"), OPTION_INT, "512|1024|2048|4096", max_fragment,
		N_("ask the server for pieces of at most so many bytes")), .range = { 512, 4096 },
	  .check = check_tls_fragment },
	{ TLS_ROW(PHASE_SPECIFIC, "maxsendfrag", NAMES("maxsendfrag"), OPTION_INT, "<bytes>", max_sent,
		N_("send pieces of at most so many bytes")), .range = { 512, 16384 } },
	{ TLS_ROW(PHASE_SPECIFIC, "fips", NAMES("fips"), OPTION_BOOL, NULL, fips,
		N_("use nothing but what FIPS allows (OpenSSL needs its FIPS provider)")) },
	{ TLS_ROW(PHASE_SPECIFIC, "egd", NAMES("egd"), OPTION_STRING, "<path>", random_daemon,
		N_("a daemon that random numbers came from; without effect today")) },
	{ TLS_ROW(PHASE_SPECIFIC, "pseudo", NAMES("pseudo"), OPTION_BOOL, NULL, pseudo_random,
		N_("weak random numbers where there were no others; without effect today")) },
	{ .name = NULL },
};
/* clang-format on */
