/* Names that are looked up without asking anybody. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/call_pretend.h"

/* What stands for an unknown host: addresses that are there for documentation. */
#define PRETEND_IP4 "192.0.2.1"
#define PRETEND_IP6 "2001:db8::1"

/* A name that /etc/hosts knows: its addresses of a family as text, each ending in a NUL. */
static void pretend_read_hosts(const char *host, int family, struct text *found)
{
	FILE *file = fopen("/etc/hosts", "re");
	char line[1024];
	unsigned char address[sizeof(struct in6_addr)];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		const char *blanks = " \t\r\n", *ip = line, *word = line;

		line[strcspn(line, "#")] = '\0';
		for (size_t n = 0; *word != '\0'; n++) {
			size_t length = strcspn(word, blanks);
			const char *next = word + length + strspn(word + length, blanks);

			line[(size_t)(word - line) + length] = '\0';
			if (n == 0 && inet_pton(family, ip, address) != 1)
				break;
			if (n > 0 && text_same_word(word, host)) {
				text_add(found, ip, strlen(ip) + 1);
				break;
			}
			word = next;
		}
	}
	if (file != NULL)
		fclose(file);
}

/* Adds the answers for numeric addresses, each ending in a NUL, to a list. */
static void pretend_add_answers(const struct call *call, const struct text *addresses,
	struct addrinfo **end)
{
	struct addrinfo hints = { 0 };

	if (call->values[2] != 0)
		hints = *(const struct addrinfo *)call->values[2];
	hints.ai_family = AF_UNSPEC;
	hints.ai_flags = AI_NUMERICHOST;
	for (size_t at = 0; at < addresses->length; at += strlen(addresses->data + at) + 1) {
		if (getaddrinfo(addresses->data + at, (const char *)call->values[1], &hints, end) !=
			0)
			continue;
		while (*end != NULL)
			end = &(*end)->ai_next;
	}
}

/* Looks a name up without asking anybody: what isn't known has an address for documentation. */
bool pretend_getaddrinfo(struct call *call)
{
	const struct addrinfo *asked = (const void *)call->values[2];
	const char *host = (const char *)call->values[0];
	int family = asked != NULL ? asked->ai_family : AF_UNSPEC;
	struct addrinfo **found = (void *)call->values[3];
	struct text addresses = TEXT_EMPTY;
	unsigned char address[sizeof(struct in6_addr)];

	if (host == NULL || (asked != NULL && (asked->ai_flags & AI_NUMERICHOST)) ||
		inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return false;
	if (family != AF_INET)
		pretend_read_hosts(host, AF_INET6, &addresses);
	if (family != AF_INET6)
		pretend_read_hosts(host, AF_INET, &addresses);
	if (addresses.length == 0 && family == AF_INET6)
		text_add(&addresses, PRETEND_IP6, sizeof(PRETEND_IP6));
	else if (addresses.length == 0)
		text_add(&addresses, PRETEND_IP4, sizeof(PRETEND_IP4));
	*found = NULL;
	pretend_add_answers(call, &addresses, found);
	text_free(&addresses);
	return pretend_answer(call, *found != NULL ? 0 : EAI_NONAME);
}
