/*
 * Patterns for hosts, matched against one end of a connection.
 *
 * Names are looked up when the first pattern needs one, and count only if they lead back to the
 * address. A name that doesn't is matched by PARANOID and UNKNOWN and nothing else. Patterns made of
 * digits and wildcards are about addresses, so that a host which calls itself 10.example.org
 * doesn't fit "10.*".
 */
#include "socket/hosts_access_search.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Takes family, address and port out of a socket address; what is no IP address stays unknown. */
void hosts_set_end(struct hosts_end *end, const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	end->family = AF_UNSPEC;
	end->name_state = HOSTS_NAME_UNASKED;
	if (address == NULL ||
		length < offsetof(struct sockaddr, sa_family) + sizeof(address->sa_family))
		return;
	if (address->sa_family == AF_INET && length >= sizeof(four)) {
		memcpy(&four, address, sizeof(four));
		end->family = AF_INET;
		end->port = ntohs(four.sin_port);
		memcpy(end->address, &four.sin_addr, 4);
	} else if (address->sa_family == AF_INET6 && length >= sizeof(six)) {
		memcpy(&six, address, sizeof(six));
		end->family = AF_INET6;
		end->port = ntohs(six.sin6_port);
		end->scope = six.sin6_scope_id;
		memcpy(end->address, &six.sin6_addr, 16);
		if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
			end->family = AF_INET;
			memmove(end->address, end->address + 12, 4);
		}
	}
}

/* Whether a name resolves to the address of an end; numbers in the place of a name don't. */
static bool hosts_leads_back(const struct hosts_end *end, const char *name)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	bool found = false;

	hints.ai_flags = AI_NUMERICHOST;
	if (getaddrinfo(name, NULL, &hints, &list) == 0) {
		freeaddrinfo(list);
		return false;
	}
	hints.ai_flags = 0;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *entry = list; entry != NULL && !found; entry = entry->ai_next) {
		struct hosts_end other = { .family = AF_UNSPEC };

		hosts_set_end(&other, entry->ai_addr, entry->ai_addrlen);
		found = other.family == end->family &&
			memcmp(other.address, end->address, end->family == AF_INET ? 4 : 16) == 0;
	}
	freeaddrinfo(list);
	return found;
}

/* Looks up the name of an end, once, and says what became of it. */
static enum hosts_name hosts_look_up(struct hosts_end *end)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_scope_id = end->scope };
	const struct sockaddr *address = (const struct sockaddr *)&six;
	socklen_t length = sizeof(six);
	size_t last;

	if (end->name_state != HOSTS_NAME_UNASKED)
		return end->name_state;
	end->name_state = HOSTS_NAME_UNKNOWN;
	if (end->family == AF_UNSPEC)
		return end->name_state;
	if (end->family == AF_INET) {
		memcpy(&four.sin_addr, end->address, 4);
		address = (const struct sockaddr *)&four;
		length = sizeof(four);
	} else {
		memcpy(&six.sin6_addr, end->address, 16);
	}
	if (getnameinfo(address, length, end->name, sizeof(end->name), NULL, 0, NI_NAMEREQD) != 0)
		return end->name_state;
	last = strlen(end->name);
	if (last > 0 && end->name[last - 1] == '.')
		end->name[last - 1] = '\0';
	end->name_state = hosts_leads_back(end, end->name) ? HOSTS_NAME_KNOWN : HOSTS_NAME_FALSE;
	return end->name_state;
}

/* Whether the first bits of two addresses agree. */
static bool hosts_same_bits(const unsigned char *a, const unsigned char *b, unsigned int bits)
{
	unsigned int bytes = bits / 8;
	unsigned int mask = 0xff00u >> bits % 8 & 0xff;

	return memcmp(a, b, bytes) == 0 && (bits % 8 == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0);
}

/* Reads an IPv4 address. */
static bool hosts_read_four(struct hosts_piece piece, unsigned char address[4])
{
	char text[INET_ADDRSTRLEN];

	return hosts_copy(text, sizeof(text), piece) && inet_pton(AF_INET, text, address) == 1;
}

/* Matches the first fields of an IPv4 address, "131.155.". */
static enum hosts_match hosts_match_fields(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern)
{
	struct hosts_piece rest = pattern;
	unsigned char address[4] = { 0 };
	unsigned int fields = 0;
	unsigned int value;

	while (rest.length > 0) {
		const char *dot = memchr(rest.text, '.', rest.length);
		struct hosts_piece field = { rest.text,
			dot != NULL ? (size_t)(dot - rest.text) : 0 };

		if (fields == 3 || !hosts_number(field, 255, &value))
			return hosts_broken(s, pattern, "is no beginning of an IPv4 address");
		address[fields++] = (unsigned char)value;
		rest.text += field.length + 1;
		rest.length -= field.length + 1;
	}
	return end->family == AF_INET && hosts_same_bits(end->address, address, 8 * fields);
}

/* Matches "net/mask" and "net/bits" of IPv4. */
static enum hosts_match hosts_match_net(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern, size_t slash)
{
	struct hosts_piece net = { pattern.text, slash };
	struct hosts_piece rest = { pattern.text + slash + 1, pattern.length - slash - 1 };
	unsigned char address[4];
	unsigned char mask[4];
	unsigned int bits;

	if (!hosts_read_four(net, address))
		return hosts_broken(s, pattern, "has no IPv4 address in front of its slash");
	if (hosts_number(rest, 32, &bits))
		return end->family == AF_INET && hosts_same_bits(end->address, address, bits);
	if (!hosts_read_four(rest, mask))
		return hosts_broken(s, pattern,
			"has neither 0 to 32 bits nor a mask behind its slash");
	for (int i = 0; i < 4; i++) {
		if ((address[i] & ~mask[i]) != 0)
			return hosts_broken(s, pattern,
				"can't match, the network has bits beside its mask");
	}
	for (int i = 0; i < 4; i++) {
		if (end->family != AF_INET || (end->address[i] & mask[i]) != address[i])
			return HOSTS_NO;
	}
	return HOSTS_YES;
}

/*
 * Matches "[address]" and "[net]/bits" of IPv6. A pattern for IPv4 in an IPv6 coat is taken as
 * IPv4.
 */
static enum hosts_match hosts_match_six(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern)
{
	const char *close = memchr(pattern.text, ']', pattern.length);
	struct hosts_piece net = { pattern.text + 1,
		close != NULL ? (size_t)(close - pattern.text) - 1 : 0 };
	size_t behind = net.length + 2;
	struct hosts_piece rest = { pattern.text, 0 };
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	unsigned int bits = 128;

	if (close == NULL || !hosts_copy(text, sizeof(text), net) ||
		inet_pton(AF_INET6, text, &address) != 1)
		return hosts_broken(s, pattern, "has no IPv6 address in brackets");
	if (behind < pattern.length) {
		rest = (struct hosts_piece){ pattern.text + behind + 1,
			pattern.length - behind - 1 };
		if (pattern.text[behind] != '/' || !hosts_number(rest, 128, &bits))
			return hosts_broken(s, pattern, "wants /0 to /128 behind its bracket");
	}
	if (IN6_IS_ADDR_V4MAPPED(&address) && bits >= 96)
		return end->family == AF_INET &&
			hosts_same_bits(end->address, address.s6_addr + 12, bits - 96);
	return end->family == AF_INET6 && hosts_same_bits(end->address, address.s6_addr, bits);
}

/* Matches * and ? against the address, and against the name where the pattern has letters. */
static enum hosts_match hosts_match_glob(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	char text[INET6_ADDRSTRLEN];

	if (pattern.text[0] == '.' || pattern.text[pattern.length - 1] == '.' ||
		memchr(pattern.text, '/', pattern.length) != NULL)
		return hosts_broken(s, pattern, "mixes * or ? with another kind of pattern");
	if (end->family == AF_UNSPEC)
		return HOSTS_NO;
	inet_ntop(end->family, end->address, text, sizeof(text));
	if (hosts_glob(pattern, text))
		return HOSTS_YES;
	if (hosts_made_of(pattern, "0123456789.*?"))
		return HOSTS_NO;
	return hosts_look_up(end) == HOSTS_NAME_KNOWN && hosts_glob(pattern, end->name);
}

/* Matches a name, or ".domain" against the end of it. */
static enum hosts_match hosts_match_name(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	size_t length;

	if (!hosts_made_of(pattern,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."))
		return hosts_broken(s, pattern, "is no pattern for hosts");
	if (hosts_made_of(pattern, "0123456789."))
		return hosts_broken(s, pattern, "is no IPv4 address");
	if (hosts_look_up(end) != HOSTS_NAME_KNOWN)
		return HOSTS_NO;
	length = strlen(end->name);
	if (pattern.text[0] != '.')
		return hosts_same(pattern, end->name);
	return length > pattern.length && hosts_same(pattern, end->name + length - pattern.length);
}

static enum hosts_match hosts_match_file(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern);

/* Matches one host pattern against one end of the connection. */
enum hosts_match hosts_match_host(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	const char *slash = memchr(pattern.text, '/', pattern.length);
	unsigned char address[4];

	if (hosts_same(pattern, "ALL"))
		return HOSTS_YES;
	if (hosts_same(pattern, "KNOWN"))
		return hosts_look_up(end) == HOSTS_NAME_KNOWN;
	if (hosts_same(pattern, "UNKNOWN"))
		return hosts_look_up(end) != HOSTS_NAME_KNOWN;
	if (hosts_same(pattern, "PARANOID"))
		return hosts_look_up(end) == HOSTS_NAME_FALSE;
	if (hosts_same(pattern, "LOCAL"))
		return hosts_look_up(end) == HOSTS_NAME_KNOWN && strchr(end->name, '.') == NULL;
	if (pattern.length == 0 || hosts_same(pattern, "EXCEPT"))
		return hosts_broken(s, pattern, "stands where a host belongs");
	if (pattern.text[0] == '@')
		return hosts_broken(s, pattern, "is a netgroup, which is not supported");
	if (pattern.text[0] == '/')
		return hosts_match_file(s, end, pattern);
	if (pattern.text[0] == '[')
		return hosts_match_six(s, end, pattern);
	if (memchr(pattern.text, '*', pattern.length) != NULL ||
		memchr(pattern.text, '?', pattern.length) != NULL)
		return hosts_match_glob(s, end, pattern);
	if (slash != NULL)
		return hosts_match_net(s, end, pattern, (size_t)(slash - pattern.text));
	if (pattern.text[pattern.length - 1] == '.')
		return hosts_match_fields(s, end, pattern);
	if (hosts_read_four(pattern, address))
		return end->family == AF_INET && memcmp(end->address, address, 4) == 0;
	return hosts_match_name(s, end, pattern);
}

/* Matches the patterns listed in a file, which are separated by blanks. */
static enum hosts_match hosts_match_file(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	enum hosts_match result;
	struct hosts_piece line;
	struct hosts_piece word;
	unsigned long number = 0;
	char *path;
	char *data;
	char *at;
	size_t length;

	if (s->files_left-- <= 0)
		return hosts_broken(s, pattern, "is one pattern file too many");
	path = strndup(pattern.text, pattern.length);
	if (path == NULL)
		return hosts_broken(s, pattern, "takes more memory than there is");
	result = hosts_load(s, path, &data, &length);
	free(path);
	if (result != HOSTS_YES)
		return hosts_broken(s, pattern, "can't be used");
	result = HOSTS_NO;
	at = data;
	while (result == HOSTS_NO && hosts_next_line(&at, data + length, &line, &number)) {
		if (hosts_is_idle(line))
			continue;
		while (result == HOSTS_NO && hosts_next(&line, HOSTS_BLANKS, &word))
			result = hosts_match_host(s, end, word);
	}
	free(data);
	return result;
}
