#include "face/netcat_options.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "face/netcat_quote.h"
#include "face/netcat_words.h"

#ifndef IP_MINTTL
#define IP_MINTTL 21
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

#define NETCAT_LOOSE_ROUTE 131 /* the IP option of loose source routing */
#define NETCAT_MOST_HOPS 8

/* Appends an option to an address, quoted as it needs; a NULL value is none. */
void netcat_option(struct text *out, const char *name, const char *value)
{
	text_print(out, ",%s", name);
	if (value == NULL)
		return;
	text_add_char(out, '=');
	quote_parameter(out, value);
}

/* Appends an option if its value was given. */
void netcat_option_given(struct text *out, const char *name, const char *value)
{
	if (value != NULL)
		netcat_option(out, name, value);
}

static void netcat_option_number(struct text *out, const char *name, int64_t value)
{
	if (value != NETCAT_UNSET)
		text_print(out, ",%s=%lld", name, (long long)value);
}

static void netcat_option_if(struct text *out, const char *name, bool given)
{
	if (given)
		netcat_option(out, name, NULL);
}

/* A time in seconds, with as many digits behind the point as it needs. The text is the caller's. */
char *netcat_seconds(int64_t time)
{
	int64_t rest = time % SECOND;
	char *text = rest == 0
		? memory_print("%lld", (long long)(time / SECOND))
		: memory_print("%lld.%09lld", (long long)(time / SECOND), (long long)rest);

	if (rest != 0) {
		size_t length = strlen(text);

		while (text[length - 1] == '0')
			text[--length] = '\0';
	}
	return text;
}

/* Appends an option if its time was given. */
void netcat_option_time(struct text *out, const char *name, int64_t time)
{
	char *text;

	if (time == NETCAT_UNSET || time < 0)
		return;
	text = netcat_seconds(time);
	netcat_option(out, name, text);
	free(text);
}

/* Whether the other end is known to be spoken to by IPv6. */
static bool netcat_is_ip6(const struct netcat_request *request)
{
	return request->ip == 6 || (request->host != NULL && strchr(request->host, ':') != NULL);
}

/* The number of a type of service: a word of either netcat, or a number. -1 with the error filled. */
static int netcat_service_type(const char *word, struct error *error)
{
	static const struct {
		const char *word;
		int number;
	} types[] = {
		{ "critical", 0xa0 },
		{ "inetcontrol", 0xc0 },
		{ "lowcost", 0x02 },
		{ "lowdelay", 0x10 },
		{ "netcontrol", 0xe0 },
		{ "reliability", 0x04 },
		{ "throughput", 0x08 },
		{ "ef", 0xb8 },
		{ "Minimize-Delay", 0x10 },
		{ "Maximize-Throughput", 0x08 },
		{ "Maximize-Reliability", 0x04 },
		{ "Minimize-Cost", 0x02 },
	};
	intmax_t number;
	char *reason;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (text_same_word(types[i].word, word))
			return types[i].number;
	}
	/* classes: afXY with X to 4 and Y to 3, csX with X to 7 */
	if (strncmp(word, "af", 2) == 0 && strlen(word) == 4 && word[2] >= '1' && word[2] <= '4' &&
		word[3] >= '1' && word[3] <= '3')
		return ((word[2] - '0') << 5) | ((word[3] - '0') << 3);
	if (strncmp(word, "cs", 2) == 0 && strlen(word) == 3 && word[2] >= '0' && word[2] <= '7')
		return (word[2] - '0') << 5;
	if (number_parse(word, 0, 255, &number, &reason) == 0)
		return (int)number;
	error_usage(error, _("option -T %s: neither a type of service nor a number to 255"), word);
	free(reason);
	return -1;
}

/* The hops of a source route, which netcats write as one list or as several. -1 with the error filled. */
static int netcat_route_hops(const struct netcat_request *request, struct in_addr *hops,
	struct error *error)
{
	int count = 0;

	for (size_t i = 0; i < request->hops.count; i++) {
		char *list = memory_string(request->hops.items[i]);
		char *next = list;

		while (next != NULL) {
			char *hop = strsep(&next, ",");
			int good = count < NETCAT_MOST_HOPS &&
				inet_pton(AF_INET, hop, &hops[count]);

			if (good != 1)
				error_usage(error,
					_("option -g %s: at most 8 hosts are allowed, by numbers of IPv4"),
					hop);
			count += good;
			if (good != 1) {
				free(list);
				return -1;
			}
		}
		free(list);
	}
	return count;
}

/* The route as bytes of an IP header: its hops, and room for the host that it leads to. */
static int netcat_add_route(const struct netcat_request *request, struct text *out,
	struct error *error)
{
	struct in_addr hops[NETCAT_MOST_HOPS + 1];
	int count = netcat_route_hops(request, hops, error);
	int64_t pointer = request->hop_pointer != NETCAT_UNSET ? request->hop_pointer : 4;

	if (count < 0)
		return -1;
	if (request->host == NULL || inet_pton(AF_INET, request->host, &hops[count]) != 1)
		return error_usage(error, _("option -g: the host has to be a number of IPv4, too"));
	if (pointer % 4 != 0)
		return error_usage(error, _("option -G %lld: a multiple of 4 is allowed"),
			(long long)pointer);
	text_print(out, ",ip-options=x%02x%02x%02x", NETCAT_LOOSE_ROUTE, 3 + 4 * (count + 1),
		(unsigned)pointer);
	for (int i = 0; i <= count; i++)
		text_print(out, "%08x", (unsigned)ntohl(hops[i].s_addr));
	text_add_string(out, "01");
	return 0;
}

/* What the socket is told before it connects or listens. */
static int netcat_add_socket(const struct netcat_request *request, struct text *out,
	struct error *error)
{
	bool ip6 = netcat_is_ip6(request);

	netcat_option_if(out, "numeric", request->numeric && netcat_is_ip(request));
	netcat_option_if(out, "broadcast", request->broadcast);
	netcat_option_if(out, "debug", request->debug);
	netcat_option_if(out, "keepalive", request->keepalive);
	netcat_option_number(out, "rcvbuf", request->receive_buffer);
	netcat_option_number(out, "sndbuf", request->send_buffer);
	netcat_option_number(out, ip6 ? "ipv6-unicast-hops" : "ttl", request->ttl);
	if (request->min_ttl != NETCAT_UNSET)
		text_print(out, ",setsockopt-socket=%d:%d:%lld", ip6 ? IPPROTO_IPV6 : IPPROTO_IP,
			ip6 ? IPV6_MINHOPCOUNT : IP_MINTTL, (long long)request->min_ttl);
	if (request->tos != NULL) {
		int number = netcat_service_type(request->tos, error);

		if (number < 0)
			return -1;
		text_print(out, ",%s=0x%02x", ip6 ? "ipv6-tclass" : "tos", (unsigned)number);
	}
	return request->hops.count > 0 ? netcat_add_route(request, out, error) : 0;
}

/* Our own end: where a client comes from, or which address is listened on. */
static int netcat_add_own_end(const struct netcat_request *request, struct text *out,
	struct error *error)
{
	const char *own = request->listens ? request->host : request->source;
	bool datagram = netcat_is_datagram(request);

	if (request->unix_sockets) {
		if (request->source != NULL && (request->listens || !datagram))
			return error_usage(error,
				_("option -s %s: only who sends datagrams has a path of its own"),
				request->source);
		netcat_option_given(out, "bind", request->source);
		netcat_option_if(out, "bind-tempname",
			datagram && !request->listens && request->source == NULL);
		return 0;
	}
	if (own != NULL) {
		text_add_string(out, ",bind=");
		quote_bracketed(out, own);
	}
	netcat_option_if(out, "ipv6only",
		request->family == NETCAT_NCAT && request->listens && request->ip == 6 &&
			netcat_is_ip(request));
	if (!request->listens && request->source_port != NULL) {
		netcat_option(out, "sourceport", request->source_port);
		netcat_option(out, "reuseaddr", NULL);
	}
	return 0;
}

/* Who may connect, and how many. */
static void netcat_add_admission(const struct netcat_request *request, struct text *out)
{
	bool each = netcat_runs(request) || request->family != NETCAT_OPENBSD;

	netcat_option_given(out, "allow", request->peer_host);
	netcat_option_given(out, "sourceport", request->peer_port);
	for (size_t i = 0; i < request->allow.count; i++)
		netcat_option(out, "allow", request->allow.items[i]);
	for (size_t i = 0; i < request->allow_files.count; i++)
		netcat_option(out, "allow-file", request->allow_files.items[i]);
	for (size_t i = 0; i < request->deny.count; i++)
		netcat_option(out, "deny", request->deny.items[i]);
	for (size_t i = 0; i < request->deny_files.count; i++)
		netcat_option(out, "deny-file", request->deny_files.items[i]);
	if (netcat_is_room(request)) {
		netcat_option(out, "hub",
			request->chat		  ? NULL
				: request->broker ? "bytes"
						  : "star");
		netcat_option_if(out, "names", request->chat);
	} else if (request->keeps && !netcat_hears_all(request)) {
		netcat_option(out, "fork", NULL);
		netcat_option(out, "children", "term");
		if (!each && request->max_connections == NETCAT_UNSET)
			netcat_option(out, "max-children", "1");
	}
	netcat_option_number(out, "max-children", request->max_connections);
}

/* Whether a side that has said nothing is kept from telling the peer that it has ended: the peer might leave at once. */
static bool netcat_ends_silently(const struct netcat_request *request)
{
	bool client = request->family == NETCAT_NCAT && !request->listens;

	return !client && !request->shut && request->quit < 0 && !request->no_input &&
		!request->send_only && !request->receive_only;
}

/* How the other side is told that ours has ended. */
static void netcat_add_end(const struct netcat_request *request, struct text *out)
{
	if (netcat_is_datagram(request))
		netcat_option_if(out, "shut-none", !request->listens && !request->shut);
	else if (request->no_shutdown)
		netcat_option(out, "shut-none", NULL);
	else
		netcat_option_if(out, "shut-said", netcat_ends_silently(request));
}

/* Whether the network's end is that of all, or only once the other side has sent what it is about to send. */
static bool netcat_ends_at_once(const struct netcat_request *request)
{
	return netcat_is_datagram(request) || request->packets != NETCAT_UNSET ||
		request->no_input || request->receive_only;
}

/* How what passes is treated, and when it ends. */
static void netcat_add_transfer(const struct netcat_request *request, struct text *out)
{
	bool alone = !netcat_runs(request) && !netcat_is_room(request);

	netcat_option_if(out, "telnet", request->telnet);
	netcat_option_if(out, "crlf-out", request->crlf);
	if (request->family == NETCAT_OPENBSD)
		netcat_option_time(out, "pause", request->pause);
	netcat_option_number(out, "readpackets", request->packets);
	if (alone && !netcat_hears_all(request))
		netcat_add_end(request, out);
	if (alone && request->listens && request->protocol == NETCAT_UDP &&
		request->family == NETCAT_NCAT && !netcat_is_secret(request))
		netcat_option(out, "null-eof", "0");
	if (alone && !request->send_only && !netcat_hears_all(request))
		netcat_option(out, netcat_ends_at_once(request) ? "ends-all" : "ends-soon", NULL);
}

/* Appends all options of the address. Returns -1 with the error filled. */
int netcat_add_options(const struct netcat_request *request, struct text *out, struct error *error)
{
	int64_t connecting = request->connect_wait != NETCAT_UNSET ? request->connect_wait
								   : request->wait;

	if (netcat_add_own_end(request, out, error) < 0 ||
		netcat_add_socket(request, out, error) < 0)
		return -1;
	if (!request->listens)
		netcat_option_time(out, "connect-timeout", connecting);
	if (!request->listens && netcat_is_secret(request))
		netcat_option_time(out, "handshake-timeout", connecting);
	if (request->listens && request->family == NETCAT_TRADITIONAL &&
		request->protocol == NETCAT_TCP)
		netcat_option_time(out, "accept-timeout", request->wait);
	if (request->listens)
		netcat_add_admission(request, out);
	if (!request->scans && !request->pass_fd)
		netcat_add_transfer(request, out);
	return 0;
}
