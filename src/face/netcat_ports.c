#include "face/netcat_ports.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"

#define NETCAT_LAST_PORT 65535
#define NETCAT_DIGITS "0123456789"

static int netcat_bad_port(const char *text, const char *reason, struct error *error)
{
	error_usage(error, _("port %s: %s"), text, reason);
	error_place(error, text, 0, strlen(text));
	return -1;
}

/* A port's number. Digits are decimal, whatever they begin with. */
static int netcat_port_number(const char *text, const char *digits, int low, int *port,
	struct error *error)
{
	size_t zeros = strspn(digits, "0");
	intmax_t number;
	char *reason;

	if (digits[zeros] == '\0' && zeros > 0)
		zeros--;
	if (number_parse(digits + zeros, low, NETCAT_LAST_PORT, &number, &reason) == 0) {
		*port = (int)number;
		return 0;
	}
	netcat_bad_port(text, reason, error);
	free(reason);
	return -1;
}

/* The port of a service; a backslash in its name is what the old netcat wants in front of a hyphen. */
static int netcat_port_service(const struct netcat_request *request, const char *text,
	struct netcat_ports *ports, struct error *error)
{
	const char *protocol = request->protocol == NETCAT_UDP ? "udp" : "tcp";
	struct text name = TEXT_EMPTY;
	const struct servent *service;

	text_add_string(&name, "");
	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '\\')
			text_add_char(&name, *p);
	}
	service = getservbyname(name.data != NULL ? name.data : "", protocol);
	text_free(&name);
	if (service == NULL)
		return netcat_bad_port(text, _("neither a number nor a service that is known"),
			error);
	ports->first = ports->last = ntohs((uint16_t)service->s_port);
	return 0;
}

/* Two numbers with a hyphen between them. */
static int netcat_port_range(const char *text, size_t length, int low, struct netcat_ports *ports,
	struct error *error)
{
	char *first = memory_copy(text, length);
	int result = netcat_port_number(text, first, low, &ports->first, error);

	if (result == 0)
		result = netcat_port_number(text, text + length + 1, low, &ports->last, error);
	/* a range that runs backwards means the same ports */
	if (result == 0 && ports->first > ports->last) {
		int last = ports->first;

		ports->first = ports->last;
		ports->last = last;
	}
	free(first);
	return result;
}

/* Which ports a word means. Returns -1 with the error filled. */
int netcat_ports(const struct netcat_request *request, const char *text, int low,
	struct netcat_ports *ports, struct error *error)
{
	size_t length = strspn(text, NETCAT_DIGITS);
	size_t rest = text[length] == '-' ? strspn(text + length + 1, NETCAT_DIGITS) : 0;

	if (length > 0 && text[length] == '\0') {
		if (netcat_port_number(text, text, low, &ports->first, error) < 0)
			return -1;
		ports->last = ports->first;
		return 0;
	}
	if (length > 0 && rest > 0 && text[length + 1 + rest] == '\0') {
		if (request->family != NETCAT_NCAT)
			return netcat_port_range(text, length, low, ports, error);
		return netcat_bad_port(text, _("ncat takes no ranges"), error);
	}
	return netcat_port_service(request, text, ports, error);
}
