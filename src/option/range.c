#include "option/range.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "option/data.h"

#define BITS_IPV4 32
#define BITS_IPV6 128

#define RANGE_BETWEEN ", \t\r\n\v\f" /* the entries of a list of hosts */

/* Fills the reason and returns -1. */
static int range_refuse(char **reason, const char *text)
{
	*reason = memory_string(text);
	return -1;
}

/* Copies the host without its brackets and finds out whether it is an address. */
static int range_host(const char *text, size_t length, struct range *range, char **reason)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';

	text += bracketed;
	length -= bracketed ? 2 : 0;
	if (length == 0)
		return range_refuse(reason, _("the address is missing"));
	if (length >= sizeof(range->host))
		return range_refuse(reason, _("the name is too long"));
	memcpy(range->host, text, length);
	range->host[length] = '\0';
	if (inet_pton(AF_INET6, range->host, address) == 1)
		range->family = AF_INET6;
	else if (bracketed)
		return range_refuse(reason, _("in brackets an IPv6 address is needed"));
	else if (inet_pton(AF_INET, range->host, address) == 1)
		range->family = AF_INET;
	else if (strchr(range->host, ':') != NULL)
		return range_refuse(reason, _("this is neither an address nor a name"));
	return 0;
}

/* Parses the number of leading bits behind a slash. */
static int range_bits(const char *text, struct range *range, char **reason)
{
	intmax_t most = range->family == AF_INET ? BITS_IPV4 : BITS_IPV6;
	intmax_t bits;

	range->kind = RANGE_BITS;
	if (number_parse(text, 0, most, &bits, reason) < 0)
		return -1;
	range->bits = (int)bits;
	return 0;
}

/* Parses the mask behind a colon, which is written like an address. */
static int range_mask(const char *text, struct range *range, char **reason)
{
	char *plain = memory_string(text);
	size_t length = strlen(plain);
	int good;

	range->kind = RANGE_MASK;
	if (range->family == AF_INET6) {
		if (length >= 2 && plain[0] == '[' && plain[length - 1] == ']') {
			plain[length - 1] = '\0';
			memmove(plain, plain + 1, length - 1);
		}
		range->length = sizeof(struct in6_addr);
		good = inet_pton(AF_INET6, plain, range->mask);
	} else {
		range->length = sizeof(struct in_addr);
		good = inet_pton(AF_INET, plain, range->mask);
	}
	free(plain);
	if (good == 1)
		return 0;
	return range_refuse(reason, _("a mask is needed: address/bits or address:mask"));
}

/* Parses bytes in data notation into a buffer of RANGE_RAW_MOST. */
static int range_data(const char *text, size_t length, unsigned char *buffer, size_t *used,
	char **reason)
{
	unsigned char *data;
	size_t bad_at;
	const char *why;

	if (data_parse(text, length, &data, used, &bad_at, &why) < 0) {
		*reason = memory_print(_("syntax error in data at \"%s\": %s"), text + bad_at, why);
		return -1;
	}
	if (*used <= RANGE_RAW_MOST)
		memcpy(buffer, data, *used);
	free(data);
	return *used <= RANGE_RAW_MOST ? 0 : range_refuse(reason, _("the address is too long"));
}

/* Parses a raw address and its mask, which have to be of one length. */
static int range_raw(const char *text, const char *colon, struct range *range, char **reason)
{
	size_t length;

	range->kind = RANGE_RAW;
	if (range_data(text, (size_t)(colon - text), range->address, &range->length, reason) < 0 ||
		range_data(colon + 1, strlen(colon + 1), range->mask, &length, reason) < 0)
		return -1;
	if (length != range->length)
		return range_refuse(reason, _("address and mask differ in length"));
	return 0;
}

/* Whether address:mask is raw: both halves are hexadecimal data items. */
static bool range_is_raw(const char *text, const char *colon)
{
	size_t digits;

	if (text[0] != 'x' || colon[1] != 'x')
		return false;
	digits = strspn(text + 1, "0123456789abcdefABCDEFx ");
	return text + 1 + digits == colon;
}

/* Parses a network of peers; nothing is looked up. On failure *reason is a new string. */
int range_parse(const char *text, struct range *range, char **reason)
{
	const char *slash = strrchr(text, '/'), *colon = strrchr(text, ':');
	const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;

	*range = (struct range){ .family = AF_UNSPEC };
	if (slash != NULL)
		return range_host(text, (size_t)(slash - text), range, reason) < 0
			? -1
			: range_bits(slash + 1, range, reason);
	if (bracket != NULL)
		colon = bracket[1] == ':' ? bracket + 1 : NULL;
	if (colon == NULL)
		return range_refuse(reason, _("a mask is needed: address/bits or address:mask"));
	if (range_is_raw(text, colon))
		return range_raw(text, colon, range, reason);
	if (bracket == NULL && strchr(text, ':') != colon)
		return range_refuse(reason, _("a mask is needed: address/bits or address:mask"));
	if (range_host(text, (size_t)(colon - text), range, reason) < 0)
		return -1;
	return range_mask(colon + 1, range, reason);
}

/* Whether a text is a single host, not a network. */
static bool range_is_host(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	size_t length = strlen(text);

	if (strchr(text, '/') != NULL)
		return false;
	return strchr(text, ':') == NULL || inet_pton(AF_INET6, text, address) == 1 ||
		(text[0] == '[' && strchr(text, ']') == text + length - 1);
}

/* Parses a network of peers, or a host: a name or an address. On failure *reason is a new string. */
int range_parse_host(const char *text, struct range *range, char **reason)
{
	if (!range_is_host(text))
		return range_parse(text, range, reason);
	*range = (struct range){ .kind = RANGE_HOST, .family = AF_UNSPEC };
	return range_host(text, strlen(text), range, reason);
}

/* Skips what stands between the entries of a list of hosts. */
const char *range_skip(const char *text)
{
	return text + strspn(text, RANGE_BETWEEN);
}

/* Takes the next entry out of a list of hosts. A new string, NULL at the end. */
char *range_next(const char **text)
{
	const char *start = range_skip(*text);
	size_t length = strcspn(start, RANGE_BETWEEN);

	*text = start + length;
	return length > 0 ? memory_copy(start, length) : NULL;
}

/* The bytes of an IP address as IPv6 has them, IPv4 mapped. Returns false for other families. */
static bool range_map(const struct sockaddr *address, struct in6_addr *bytes)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (address == NULL) {
		return false;
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		*bytes = in6.sin6_addr;
	} else if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		memcpy(bytes->s6_addr, mapped, sizeof(mapped));
		memcpy(bytes->s6_addr + sizeof(mapped), &in.sin_addr, sizeof(in.sin_addr));
	} else {
		return false;
	}
	return true;
}

/*
 * Makes a mask of 16 bytes from the bits or the mask of the range; false when it doesn't fit
 * the family.
 */
static bool range_wide_mask(const struct range *range, int family, unsigned char *wide)
{
	size_t skipped = family == AF_INET ? (BITS_IPV6 - BITS_IPV4) / 8 : 0;
	int bits = range->bits + (int)skipped * 8;

	memset(wide, range->kind == RANGE_HOST ? 0xff : 0, sizeof(struct in6_addr));
	if (range->kind == RANGE_HOST)
		return true;
	if (range->kind == RANGE_MASK) {
		if (range->length != sizeof(struct in6_addr) - skipped)
			return false;
		memset(wide, 0xff, skipped);
		memcpy(wide + skipped, range->mask, range->length);
		return true;
	}
	if (bits > BITS_IPV6)
		return false;
	for (int i = 0; i < bits; i++)
		wide[i / 8] |= (unsigned char)(0x80 >> i % 8);
	return true;
}

/* Whether two addresses are the same as far as the mask counts. */
static bool range_same(const unsigned char *a, const unsigned char *b, const unsigned char *mask,
	size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (((a[i] ^ b[i]) & mask[i]) != 0)
			return false;
	}
	return true;
}

/*
 * Whether the peer belongs to the range. network is what the range's host resolved to, and is
 * not looked at for a raw range, whose peer has to stand in a struct sockaddr_storage. IPv4
 * peers of IPv6 sockets, which come mapped, count as IPv4.
 */
bool range_covers(const struct range *range, const struct sockaddr *network,
	const struct sockaddr *peer)
{
	struct in6_addr net, address;
	unsigned char mask[sizeof(struct in6_addr)];

	if (range->kind == RANGE_RAW)
		return range_same((const unsigned char *)peer + offsetof(struct sockaddr, sa_data),
			range->address, range->mask, range->length);
	return range_map(network, &net) && range_map(peer, &address) &&
		range_wide_mask(range, network->sa_family, mask) &&
		range_same(net.s6_addr, address.s6_addr, mask, sizeof(mask));
}
