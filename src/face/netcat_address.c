/* The address on the network's side: its type, where it leads, and its options. */
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "face/netcat_options.h"
#include "face/netcat_quote.h"
#include "face/netcat_words.h"

#define NETCAT_SOCKS_PORT "1080"
#define NETCAT_HTTP_PORT "3128"
#define NETCAT_PROTOCOL_SCTP 132

/* How the types of addresses are called, by protocol. */
static const struct {
	const char *connect, *listen;
	bool digit; /* the IP version is part of the name */
} netcat_types[] = {
	[NETCAT_TCP] = { "TCP%s", "TCP%s-LISTEN", true },
	[NETCAT_UDP] = { "UDP%s", "UDP%s-LISTEN", true },
	[NETCAT_SCTP] = { "SCTP%s", "SCTP%s-LISTEN", true },
	[NETCAT_DCCP] = { "DCCP%s", "DCCP%s-LISTEN", true },
	[NETCAT_VSOCK] = { "VSOCK-CONNECT%s", "VSOCK-LISTEN%s", false },
};

/* The digit in the name of a type: that of the family that was asked for, or of the number to listen on. */
static const char *netcat_digit(const struct netcat_request *request)
{
	const char *host = request->listens ? request->host : NULL;

	if (request->ip != 0)
		return request->ip == 4 ? "4" : "6";
	return host != NULL && strchr(host, ':') != NULL ? "6" : "";
}

/* The type and parameters of a UNIX socket. A name that begins with @ is one without a file. */
static void netcat_add_unix(const struct netcat_request *request, struct text *out)
{
	bool abstract = request->host[0] == '@';
	const char *use = request->listens ? "LISTEN" : "CONNECT";

	if (netcat_is_datagram(request) && request->listens)
		use = "RECV";
	text_print(out, "%s-%s:", abstract ? "ABSTRACT" : "UNIX", use);
	quote_parameter(out, request->host + abstract);
	/* SENDTO would hear a peer only if it calls itself by the very same path */
	if (netcat_is_datagram(request) && !request->listens)
		netcat_option(out, "socktype", "2");
}

static const char *netcat_type(const struct netcat_request *request)
{
	bool datagrams = request->protocol == NETCAT_UDP;

	if (netcat_hears_all(request))
		return "UDP%s-RECV";
	if (!netcat_is_secret(request))
		return request->listens ? netcat_types[request->protocol].listen
					: netcat_types[request->protocol].connect;
	if (datagrams)
		return request->listens ? "OPENSSL-DTLS-SERVER%s" : "OPENSSL-DTLS-CLIENT%s";
	return request->listens ? "OPENSSL-LISTEN%s" : "OPENSSL%s";
}

/* The type and parameters of a direct connection, or of a listener. */
static void netcat_add_direct(const struct netcat_request *request, const char *port,
	struct text *out)
{
	bool digit = netcat_types[request->protocol].digit && !netcat_is_secret(request);
	const char *type = netcat_type(request);
	size_t place = strcspn(type, "%");

	text_add(out, type, place);
	text_add_string(out, digit ? netcat_digit(request) : "");
	text_add_string(out, type + place + 2);
	text_add_char(out, ':');
	if (!request->listens) {
		quote_bracketed(out, request->host);
		text_add_char(out, ':');
	}
	quote_parameter(out, port);
}

/* Takes host[:port] apart; port stays as it is where none is said. */
static void netcat_split_proxy(const char *proxy, struct text *host, const char **port)
{
	const char *end = proxy[0] == '[' ? strchr(proxy, ']') : NULL;
	const char *colon = strrchr(end != NULL ? end : proxy, ':');

	/* a number of IPv6 without brackets has no port */
	if (end == NULL && colon != NULL && strchr(proxy, ':') != colon)
		colon = NULL;
	text_add(host, proxy, colon != NULL ? (size_t)(colon - proxy) : strlen(proxy));
	if (colon != NULL)
		*port = colon + 1;
}

/* What a proxy speaks, in the words of either netcat; NULL with the error filled for what neither knows. */
static const char *netcat_proxy_type(const struct netcat_request *request, struct error *error)
{
	static const struct {
		const char *word, *type;
	} types[] = {
		{ "4", "SOCKS4" },
		{ "5", "SOCKS5-CONNECT" },
		{ "connect", "PROXY" },
		{ "socks4", "SOCKS4A" },
		{ "socks5", "SOCKS5-CONNECT" },
		{ "http", "PROXY" },
	};
	bool nc = request->proxy != NULL;
	const char *word = nc ? request->proxy_protocol : request->proxy_type;

	if (word == NULL)
		word = nc ? "5" : "http";
	for (size_t i = nc ? 0 : 3; i < (nc ? 3 : 6); i++) {
		if (strcmp(types[i].word, word) != 0)
			continue;
		if (strcmp(types[i].type, "SOCKS4A") == 0 && request->proxy_dns != NULL &&
			strcmp(request->proxy_dns, "local") == 0)
			return "SOCKS4";
		return types[i].type;
	}
	error_usage(error, _("option %s %s: %s is allowed"), nc ? "-X" : "--proxy-type", word,
		nc ? "4|5|connect" : "http|socks4|socks5");
	return NULL;
}

/* The options of a proxy: its port, and who we are there. */
static void netcat_add_proxy_options(const struct netcat_request *request, const char *type,
	const char *port, struct text *out)
{
	const char *auth = request->proxy != NULL ? request->proxy_user : request->proxy_auth;
	bool http = strcmp(type, "PROXY") == 0;
	size_t user = auth != NULL ? strcspn(auth, ":") : 0;
	struct text name = TEXT_EMPTY;

	if (strcmp(type, "SOCKS5-CONNECT") != 0)
		netcat_option(out, http ? "proxyport" : "socksport", port);
	if (http && request->proxy_dns != NULL && strcmp(request->proxy_dns, "local") == 0)
		netcat_option(out, "resolve", NULL);
	if (auth == NULL)
		return;
	if (http) {
		netcat_option(out, "proxyauth", auth);
		return;
	}
	text_add(&name, auth, user);
	netcat_option(out, "socksuser", name.data != NULL ? name.data : "");
	text_free(&name);
	if (auth[user] == ':')
		netcat_option(out, "sockspass", auth + user + 1);
}

/* A connection that goes by a proxy. */
static int netcat_add_proxy(const struct netcat_request *request, const char *port,
	struct text *out, struct error *error)
{
	const char *type = netcat_proxy_type(request, error);
	const char *proxy = request->proxy != NULL ? request->proxy : request->http_proxy;
	const char *proxy_port = NETCAT_SOCKS_PORT;
	struct text host = TEXT_EMPTY;

	if (type == NULL)
		return -1;
	if (request->proxy_dns != NULL && strcmp(request->proxy_dns, "local") != 0 &&
		strcmp(request->proxy_dns, "remote") != 0)
		return error_usage(error, _("option --proxy-dns %s: %s is allowed"),
			request->proxy_dns, "local|remote");
	if (strcmp(type, "PROXY") == 0)
		proxy_port = NETCAT_HTTP_PORT;
	netcat_split_proxy(proxy, &host, &proxy_port);
	text_print(out, "%s:", type);
	quote_bracketed(out, host.data != NULL ? host.data : "");
	text_free(&host);
	if (strcmp(type, "SOCKS5-CONNECT") == 0) {
		text_add_char(out, ':');
		quote_parameter(out, proxy_port);
	}
	text_add_char(out, ':');
	quote_bracketed(out, request->host);
	text_add_char(out, ':');
	quote_parameter(out, port);
	netcat_add_proxy_options(request, type, proxy_port, out);
	return 0;
}

/* The protocols of --ssl-alpn, which ncat separates by commas. */
static void netcat_add_protocols(const char *list, struct text *out)
{
	char *protocols = memory_string(list);

	for (char *p = protocols; *p != '\0'; p++) {
		if (*p == ',')
			*p = ':';
	}
	netcat_option(out, "alpn", protocols);
	free(protocols);
}

/* Whom we trust, and by which name we ask for the server. A server trusts everybody, whatever is said, as ncat does. */
static void netcat_add_trust(const struct netcat_request *request, struct text *out)
{
	bool verifies = !request->listens && (request->ssl_verify || request->ssl_trust != NULL);

	if (!verifies)
		netcat_option(out, "verify", "0");
	if (request->listens)
		return;
	netcat_option_given(out, "cafile", request->ssl_trust);
	netcat_option_given(out, "snihost", request->ssl_name);
	if (verifies)
		netcat_option_given(out, "commonname", request->ssl_name);
}

/* The options of TLS. */
static void netcat_add_secret(const struct netcat_request *request, struct text *out)
{
	const char *digit = netcat_digit(request);

	netcat_add_trust(request, out);
	netcat_option_given(out, "cert", request->ssl_certificate);
	netcat_option_given(out, "key", request->ssl_key);
	netcat_option_given(out, "cipher", request->ssl_ciphers);
	if (request->ssl_alpn != NULL)
		netcat_add_protocols(request->ssl_alpn, out);
	if (digit[0] != '\0')
		text_print(out, ",pf=ip%s", digit);
	if (request->protocol == NETCAT_SCTP)
		text_print(out, ",prototype=%d", NETCAT_PROTOCOL_SCTP);
}

/* The address on the network's side. Returns NULL with the error filled where it cannot be written. */
char *netcat_network(const struct netcat_request *request, const char *port, struct error *error)
{
	struct text out = TEXT_EMPTY;
	int result = 0;

	if (request->unix_sockets)
		netcat_add_unix(request, &out);
	else if (request->proxy != NULL || request->http_proxy != NULL)
		result = netcat_add_proxy(request, port, &out, error);
	else
		netcat_add_direct(request, port, &out);
	if (netcat_is_secret(request))
		netcat_add_secret(request, &out);
	if (result == 0)
		result = netcat_add_options(request, &out, error);
	if (result == 0)
		return text_take(&out);
	text_free(&out);
	return NULL;
}
