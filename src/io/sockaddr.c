#include "io/sockaddr.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/escape.h"
#include "base/intl.h"

/* How many bytes of sun_path count. */
static size_t sockaddr_path_length(const struct sockaddr_any *address)
{
	size_t head = offsetof(struct sockaddr_un, sun_path);

	return address->length > head ? address->length - head : 0;
}

/* The path of a UNIX socket, '@' for the NUL of an abstract name, escaped for terminals. */
static void sockaddr_path(const struct sockaddr_any *address, char *out)
{
	size_t length = sockaddr_path_length(address);
	const char *path = address->local.sun_path;
	struct text text = TEXT_EMPTY;

	if (length > 0 && path[0] == '\0') {
		text_add_char(&text, '@');
		while (length > 1 && path[length - 1] == '\0')
			length--;
		escape_terminal(&text, path + 1, length - 1);
	} else {
		escape_terminal(&text, path, strnlen(path, length));
	}
	snprintf(out, SOCKADDR_TEXT - 16, "%s", text.length > 0 ? text.data : "");
	text_free(&text);
}

/* An IPv6 address as eight groups of four hexadecimal digits in brackets. */
static void sockaddr_ip6_long(const struct sockaddr_any *address, char *out)
{
	const unsigned char *b = address->ip6.sin6_addr.s6_addr;
	int length = 0;

	for (int i = 0; i < 16; i += 2)
		length += snprintf(out + length, (size_t)(SOCKADDR_TEXT - length), "%c%02x%02x",
			i == 0 ? '[' : ':', b[i], b[i + 1]);
	snprintf(out + length, (size_t)(SOCKADDR_TEXT - length), "]");
}

/* The host alone as the variables for programs have it: 1.2.3.4, [0000:...:0001], a path, or <anon>. */
const char *sockaddr_host(const struct sockaddr_any *address, char *out)
{
	if (address->length >= sizeof(address->ip4) && address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->ip4.sin_addr, out, SOCKADDR_TEXT);
	} else if (address->length >= sizeof(address->ip6) && address->any.sa_family == AF_INET6) {
		sockaddr_ip6_long(address, out);
	} else if (sockaddr_path_length(address) > 0 && address->any.sa_family == AF_UNIX) {
		sockaddr_path(address, out);
	} else {
		snprintf(out, SOCKADDR_TEXT, "<anon>");
	}
	return out;
}

/* The address as log lines have it: AF=2 1.2.3.4:80, AF=10 [...]:80, AF=1 "path". */
const char *sockaddr_classic(const struct sockaddr_any *address, char *out)
{
	char host[SOCKADDR_TEXT];
	int family = address->length > 0 ? address->any.sa_family : AF_UNSPEC;

	sockaddr_host(address, host);
	if (family == AF_INET || family == AF_INET6)
		snprintf(out, SOCKADDR_TEXT, "AF=%d %.64s:%d", family, host,
			sockaddr_port(address));
	else if (family == AF_UNIX)
		snprintf(out, SOCKADDR_TEXT, "AF=%d \"%.130s\"", family, host);
	else
		snprintf(out, SOCKADDR_TEXT, "AF=%d", family);
	return out;
}

/* The address as people write it: 1.2.3.4:80, [::1]:80, /path, @abstract. */
const char *sockaddr_plain(const struct sockaddr_any *address, char *out)
{
	char host[SOCKADDR_TEXT];

	if (address->length > 0 && address->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->ip6.sin6_addr, host, sizeof(host));
		snprintf(out, SOCKADDR_TEXT, "[%.64s]:%d", host, sockaddr_port(address));
	} else if (address->length > 0 && address->any.sa_family == AF_INET) {
		snprintf(out, SOCKADDR_TEXT, "%.64s:%d", sockaddr_host(address, host),
			sockaddr_port(address));
	} else {
		sockaddr_host(address, out);
	}
	return out;
}

/* The port, or -1 where there is no such thing. */
int sockaddr_port(const struct sockaddr_any *address)
{
	if (address->length > 0 && address->any.sa_family == AF_INET)
		return ntohs(address->ip4.sin_port);
	if (address->length > 0 && address->any.sa_family == AF_INET6)
		return ntohs(address->ip6.sin6_port);
	return -1;
}

/* Sets the port where there is one. */
void sockaddr_set_port(struct sockaddr_any *address, int port)
{
	if (address->any.sa_family == AF_INET)
		address->ip4.sin_port = htons((in_port_t)port);
	else if (address->any.sa_family == AF_INET6)
		address->ip6.sin6_port = htons((in_port_t)port);
}

/* Whether two addresses name the same host, whatever the port; IPv4 in IPv6 clothes counts as IPv4. */
bool sockaddr_same_host(const struct sockaddr_any *a, const struct sockaddr_any *b)
{
	const unsigned char *mapped;

	if (a->any.sa_family == AF_INET && b->any.sa_family == AF_INET)
		return a->ip4.sin_addr.s_addr == b->ip4.sin_addr.s_addr;
	if (a->any.sa_family == AF_INET6 && b->any.sa_family == AF_INET6)
		return memcmp(&a->ip6.sin6_addr, &b->ip6.sin6_addr, sizeof(a->ip6.sin6_addr)) == 0;
	if (a->any.sa_family == AF_INET6 && b->any.sa_family == AF_INET)
		return sockaddr_same_host(b, a);
	if (a->any.sa_family == AF_INET && b->any.sa_family == AF_INET6) {
		mapped = b->ip6.sin6_addr.s6_addr;
		return IN6_IS_ADDR_V4MAPPED(&b->ip6.sin6_addr) &&
			memcmp(mapped + 12, &a->ip4.sin_addr, 4) == 0;
	}
	return false;
}

/* Whether two addresses are the same endpoint. */
bool sockaddr_same(const struct sockaddr_any *a, const struct sockaddr_any *b)
{
	if (sockaddr_port(a) >= 0 || sockaddr_port(b) >= 0)
		return sockaddr_port(a) == sockaddr_port(b) && sockaddr_same_host(a, b);
	return a->length == b->length && memcmp(&a->storage, &b->storage, a->length) == 0;
}

/*
 * Makes the address of a UNIX socket. A name that doesn't fit is an error rather than silently cut; tight
 * lengths end with the name, loose ones with the structure.
 */
int sockaddr_unix(struct sockaddr_any *address, const char *name, size_t length, bool abstract,
	bool tight, struct error *error)
{
	size_t head = offsetof(struct sockaddr_un, sun_path);
	size_t room = sizeof(address->local.sun_path) - 1;

	if (length > room) {
		error_usage(error,
			_("the name of a UNIX socket has at most %zu bytes, this one has %zu"),
			room, length);
		if (!abstract)
			error_hint(error, _("option chdir=<folder> makes the path short"));
		return -1;
	}
	if (!abstract && (length == 0 || memchr(name, '\0', length) != NULL))
		return error_usage(error, _("a UNIX socket needs a path without NUL bytes"));
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	memcpy(address->local.sun_path + (abstract ? 1 : 0), name, length);
	address->length = (socklen_t)(tight ? head + length + 1 : sizeof(address->local));
	return 0;
}

/* The local address of a socket. Returns -1 with errno. */
int sockaddr_local(int fd, struct sockaddr_any *address)
{
	address->length = sizeof(address->storage);
	if (call_getsockname(fd, &address->any, &address->length) == 0)
		return 0;
	address->length = 0;
	return -1;
}

/* The address of a socket's peer. Returns -1 with errno. */
int sockaddr_peer(int fd, struct sockaddr_any *address)
{
	address->length = sizeof(address->storage);
	if (call_getpeername(fd, &address->any, &address->length) == 0)
		return 0;
	address->length = 0;
	return -1;
}
