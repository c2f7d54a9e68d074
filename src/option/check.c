#include "option/check.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "option/option.h"
#include "option/range.h"

#define NAME_SERVER_PORT 53

static const struct {
	const char *word;
	int family;
} check_families[] = {
	{ "ip4", AF_INET },
	{ "ipv4", AF_INET },
	{ "inet4", AF_INET },
	{ "inet", AF_INET },
	{ "ip6", AF_INET6 },
	{ "ipv6", AF_INET6 },
	{ "inet6", AF_INET6 },
	{ "ip", AF_UNSPEC },
	{ "unspec", AF_UNSPEC },
	{ "unix", AF_UNIX },
	{ "local", AF_UNIX },
};

/*
 * Parses a family of addresses: one of the words above or a number. On failure *reason is a new
 * string.
 */
int check_family_parse(const char *value, int *family, char **reason)
{
	intmax_t number;

	for (size_t i = 0; i < sizeof(check_families) / sizeof(check_families[0]); i++) {
		if (text_same_word(value, check_families[i].word)) {
			*family = check_families[i].family;
			return 0;
		}
	}
	if (number_parse(value, 0, UINT16_MAX, &number, reason) < 0) {
		free(*reason);
		*reason = memory_string(_("ip4, ip6, unix or a number from 0 to 65535 is allowed"));
		return -1;
	}
	*family = (int)number;
	return 0;
}

/* Whether the value names a family of addresses. */
int check_family(const char *value, char **reason)
{
	int family;

	return check_family_parse(value, &family, reason);
}

/*
 * Parses address[:port] of a name server, which has to be IPv4. On failure *reason is a new
 * string.
 */
int check_name_server_parse(const char *value, struct sockaddr_in *address, char **reason)
{
	const char *colon = strchr(value, ':');
	intmax_t port = NAME_SERVER_PORT;
	char host[INET_ADDRSTRLEN] = "";
	size_t length = colon != NULL ? (size_t)(colon - value) : strlen(value);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	if (length < sizeof(host))
		memcpy(host, value, length);
	if (length >= sizeof(host) || inet_pton(AF_INET, host, &address->sin_addr) != 1) {
		*reason = memory_string(_("an IPv4 address in digits is needed, :port may follow"));
		return -1;
	}
	if (colon != NULL && number_parse(colon + 1, 1, UINT16_MAX, &port, reason) < 0)
		return -1;
	address->sin_port = htons((uint16_t)port);
	return 0;
}

/* Whether the value names a name server. */
int check_name_server(const char *value, char **reason)
{
	struct sockaddr_in address;

	return check_name_server_parse(value, &address, reason);
}

/* Whether the value is a network of peers. */
int check_range(const char *value, char **reason)
{
	struct range range;

	return range_parse(value, &range, reason);
}

/* Whether the value is a list of hosts and networks, with commas or blanks between them. */
int check_hosts(const char *value, char **reason)
{
	struct range range;
	char *entry;
	int result;

	if (*range_skip(value) == '\0') {
		*reason = memory_string(_("a host or a network is needed"));
		return -1;
	}
	while ((entry = range_next(&value)) != NULL) {
		result = range_parse_host(entry, &range, reason);
		free(entry);
		if (result < 0)
			return -1;
	}
	return 0;
}

/*
 * Whether a template has the letters that make a name unique; none at all asks for the default
 * template.
 */
int check_temporary(const char *value, char **reason)
{
	if (value[0] == '\0' || strstr(value, "XXXXXX") != NULL)
		return 0;
	*reason = memory_string(_("the template must contain XXXXXX"));
	return -1;
}

/* Whether the value is a user's name or number. */
int check_user(const char *value, char **reason)
{
	intmax_t id;

	return option_user_find(value, &id, reason);
}

/* Checks that a value is one of the words, which end in NULL. */
static int check_word(const char *value, const char *const *words, char **reason)
{
	struct text text = TEXT_EMPTY;

	for (const char *const *word = words; *word != NULL; word++) {
		if (strcmp(value, *word) == 0) {
			text_free(&text);
			return 0;
		}
		text_add_string(&text, word == words ? "" : ", ");
		text_add_string(&text, *word);
	}
	*reason = memory_print(_("these words are allowed: %s"), text.data);
	text_free(&text);
	return -1;
}

/* Checks what shall happen to the children of a listener that is ended. */
int check_children(const char *value, char **reason)
{
	return check_word(value, NAMES("keep", "term"), reason);
}

/* Checks how a hub passes on what is said. */
int check_hub(const char *value, char **reason)
{
	return check_word(value, NAMES("lines", "bytes", "star"), reason);
}

/* Checks what a hub shall do with slow members. */
int check_hub_slow(const char *value, char **reason)
{
	return check_word(value, NAMES("close", "drop", "block"), reason);
}

/* Checks who begins. */
int check_turns(const char *value, char **reason)
{
	return check_word(value, NAMES("begin", "wait"), reason);
}

/* Checks the path of a program, which is not looked for. */
int check_program(const char *value, char **reason)
{
	if (strchr(value, '/') != NULL)
		return 0;
	*reason = memory_string(_("the path of a program with a '/' in it is needed"));
	return -1;
}

/* Versions of SSL, TLS and DTLS, by the numbers that they have in the protocol. */
static const struct {
	const char *word;
	int number;
} check_tls_versions[] = {
	{ "SSL2", 0x0002 },
	{ "SSL3", 0x0300 },
	{ "TLS1", 0x0301 },
	{ "TLS1.0", 0x0301 },
	{ "TLS1.1", 0x0302 },
	{ "TLS1.2", 0x0303 },
	{ "TLS1.3", 0x0304 },
	{ "DTLS1", 0xfeff },
	{ "DTLS1.0", 0xfeff },
	{ "DTLS1.2", 0xfefd },
};

/* Compares a version, which may be written TLSv1.2 as well, with a word of the table. */
static bool check_tls_is(const char *value, const char *word)
{
	size_t letters = strcspn(word, "123456789");

	if (strncasecmp(value, word, letters) != 0)
		return false;
	value += letters;
	if (*value == 'v' || *value == 'V')
		value++;
	return strcmp(value, word + letters) == 0;
}

/* Parses a version of TLS into its number in the protocol. On failure *reason is a new string. */
int check_tls_version_parse(const char *value, int *number, char **reason)
{
	for (size_t i = 0; i < sizeof(check_tls_versions) / sizeof(*check_tls_versions); i++) {
		if (check_tls_is(value, check_tls_versions[i].word)) {
			*number = check_tls_versions[i].number;
			return 0;
		}
	}
	*reason = memory_string(_("a version such as TLS1.2 or DTLS1.2 is needed"));
	return -1;
}

/* Whether the value names a version of TLS. */
int check_tls_version(const char *value, char **reason)
{
	int number;

	return check_tls_version_parse(value, &number, reason);
}

/* Whether the value says how TLS compresses. */
int check_tls_compress(const char *value, char **reason)
{
	return check_word(value, NAMES("none", "auto"), reason);
}

/* Whether the value is one of the sizes that a client can ask for. */
int check_tls_fragment(const char *value, char **reason)
{
	return check_word(value, NAMES("512", "1024", "2048", "4096"), reason);
}

/* Whether the value is a list of names of protocols, of at most 255 bytes each. */
int check_alpn(const char *value, char **reason)
{
	for (;;) {
		size_t length = strcspn(value, ":");

		if (length == 0 || length > UINT8_MAX) {
			*reason = memory_string(
				_("names of 1 to 255 bytes with ':' between them are needed"));
			return -1;
		}
		if (value[length] == '\0')
			return 0;
		value += length + 1;
	}
}
