#include "io/ancillary.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "io/sockaddr.h"

/* Passes one finding on: to the log, and to programs as a variable. */
void ancillary_tell(struct exports *exports, const char *type, const char *name,
	const char *variable, const char *value)
{
	log_info("ancillary message: %s: %s=%s", type, name, value);
	if (exports != NULL)
		exports_add(exports, variable, value);
}

static void ancillary_time(const void *data, struct exports *exports)
{
	struct timeval arrival;
	struct text text = TEXT_EMPTY;
	struct tm parts;
	time_t seconds;
	char stamp[64];

	memcpy(&arrival, data, sizeof(arrival));
	seconds = arrival.tv_sec;
	localtime_r(&seconds, &parts);
	strftime(stamp, sizeof(stamp), "%a %b %e %H:%M:%S %Y", &parts);
	text_print(&text, "%s, %06ld usecs", stamp, (long)arrival.tv_usec);
	ancillary_tell(exports, "SCM_TIMESTAMP", "timestamp", "TIMESTAMP", text.data);
	text_free(&text);
}

static void ancillary_number(const void *data, size_t length, const char *type, const char *name,
	const char *variable, struct exports *exports)
{
	char value[16];
	int number = 0;

	memcpy(&number, data, length < sizeof(number) ? length : sizeof(number));
	snprintf(value, sizeof(value), "%d", number);
	ancillary_tell(exports, type, name, variable, value);
}

static void ancillary_bytes(const unsigned char *data, size_t length, const char *type,
	const char *name, const char *variable, struct exports *exports)
{
	struct text text = TEXT_EMPTY;

	text_add_char(&text, 'x');
	for (size_t i = 0; i < length; i++)
		text_print(&text, "%02x", data[i]);
	ancillary_tell(exports, type, name, variable, text.data);
	text_free(&text);
}

/* Tells an address. */
void ancillary_host(int family, const void *host, const char *type, const char *name,
	const char *variable, struct exports *exports)
{
	struct sockaddr_any address = { .length = sizeof(address.storage) };
	char text[SOCKADDR_TEXT];

	address.any.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		memcpy(&address.ip4.sin_addr, host, sizeof(address.ip4.sin_addr));
	else
		memcpy(&address.ip6.sin6_addr, host, sizeof(address.ip6.sin6_addr));
	ancillary_tell(exports, type, name, variable, sockaddr_host(&address, text));
}

/* Tells an interface by its name. */
void ancillary_interface(unsigned index, const char *type, const char *variable,
	struct exports *exports)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(index, name) == NULL)
		snprintf(name, sizeof(name), "%u", index);
	ancillary_tell(exports, type, "if", variable, name);
}

static void ancillary_ip4(int type, const unsigned char *data, size_t length,
	struct exports *exports)
{
	if (type == IP_TTL) {
		ancillary_number(data, length, "IP_TTL", "ttl", "IP_TTL", exports);
	} else if (type == IP_TOS) {
		ancillary_number(data, length, "IP_TOS", "tos", "IP_TOS", exports);
	} else if (type == IP_OPTIONS || type == IP_RECVOPTS) {
		ancillary_bytes(data, length, "IP_OPTIONS", "options", "IP_OPTIONS", exports);
	} else {
		ancillary_read_more(IPPROTO_IP, type, data, length, exports);
	}
}

static void ancillary_ip6(int type, const unsigned char *data, size_t length,
	struct exports *exports)
{
	static const struct {
		int type;
		const char *text, *name, *variable;
	} headers[] = {
		{ IPV6_RTHDR, "IPV6_RTHDR", "rthdr", "IPV6_RTHDR" },
		{ IPV6_HOPOPTS, "IPV6_HOPOPTS", "hopopts", "IPV6_HOPOPTS" },
		{ IPV6_DSTOPTS, "IPV6_DSTOPTS", "dstopts", "IPV6_DSTOPTS" },
	};
	struct in6_pktinfo info;
	int traffic_class = 0;
	char value[16];

	if (type == IPV6_HOPLIMIT) {
		ancillary_number(data, length, "IPV6_HOPLIMIT", "hoplimit", "IPV6_HOPLIMIT",
			exports);
	} else if (type == IPV6_TCLASS) {
		memcpy(&traffic_class, data, length < 4 ? length : 4);
		snprintf(value, sizeof(value), "x%08x", htonl((uint32_t)traffic_class));
		ancillary_tell(exports, "IPV6_TCLASS", "tclass", "IPV6_TCLASS", value);
	} else if (type == IPV6_PKTINFO && length >= sizeof(info)) {
		memcpy(&info, data, sizeof(info));
		ancillary_host(AF_INET6, &info.ipi6_addr, "IPV6_PKTINFO", "dstaddr", "IPV6_DSTADDR",
			exports);
		ancillary_interface(info.ipi6_ifindex, "IPV6_PKTINFO", "IPV6_IF", exports);
	} else {
		ancillary_read_more(IPPROTO_IPV6, type, data, length, exports);
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		if (headers[i].type == type)
			ancillary_bytes(data, length, headers[i].text, headers[i].name,
				headers[i].variable, exports);
	}
}

/* Reads all ancillary data of a received message: into the log, and into exports unless that is NULL. */
void ancillary_read(struct msghdr *message, struct exports *exports)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		const unsigned char *data = CMSG_DATA(c);
		size_t length = c->cmsg_len - (size_t)(data - (const unsigned char *)c);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP &&
			length >= sizeof(struct timeval))
			ancillary_time(data, exports);
		else if (c->cmsg_level == IPPROTO_IP)
			ancillary_ip4(c->cmsg_type, data, length, exports);
		else if (c->cmsg_level == IPPROTO_IPV6)
			ancillary_ip6(c->cmsg_type, data, length, exports);
	}
}
