/* Hosts, ports, interfaces and names of sockets: what this system knows of the network. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/intl.h"
#include "base/memory.h"
#include "cli/complete.h"

#define NETWORK_HOSTS "/etc/hosts"
#define NETWORK_SOCKETS "/proc/net/unix"
#define NETWORK_BLANKS " \t\r\n"

/* What comes next in a line of words; NULL behind the last. The line is cut there. */
static char *network_word(char **line)
{
	char *word = *line + strspn(*line, NETWORK_BLANKS);
	size_t length = strcspn(word, NETWORK_BLANKS);

	if (length == 0)
		return NULL;
	*line = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

/* Whether an address in digits belongs to the family that is wanted. */
static bool network_fits(const char *digits, int family)
{
	unsigned char address[sizeof(struct in6_addr)];

	return (family != AF_INET6 && inet_pton(AF_INET, digits, address) == 1) ||
		(family != AF_INET && inet_pton(AF_INET6, digits, address) == 1);
}

/* Offers an address, which has brackets around it if there are colons in it. */
static void network_offer_digits(const struct completion *completion, const char *digits,
	const char *tail, const char *summary)
{
	bool brackets = strchr(digits, ':') != NULL;
	char *host = memory_print(brackets ? "[%s]" : "%s", digits);

	complete_offer(completion, COMPLETE_PLAIN, host, tail, summary);
	free(host);
}

/* Offers the names of a line of the hosts file; the address itself to those who begin with a digit. */
static void network_host_line(const struct completion *completion, int family, char *line,
	const char *tail)
{
	char *digits = network_word(&line), *name;
	char first = completion->typed[0];

	if (digits == NULL || !network_fits(digits, family))
		return;
	while ((name = network_word(&line)) != NULL) {
		complete_offer(completion, COMPLETE_PLAIN, name, tail, digits);
		if (first == '[' || (first >= '0' && first <= '9'))
			network_offer_digits(completion, digits, tail, name);
	}
}

/* Offers the hosts that have an entry in /etc/hosts. */
void complete_hosts(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	FILE *file = fopen(NETWORK_HOSTS, "re");
	char *line = NULL;
	size_t room = 0;

	while (file != NULL && getline(&line, &room, file) > 0) {
		line[strcspn(line, "#")] = '\0';
		network_host_line(completion, place->family, line, tail);
	}
	free(line);
	if (file != NULL)
		fclose(file);
}

/* Offers the addresses that this system has itself. */
void complete_own(const struct completion *completion, const struct complete_place *place)
{
	struct ifaddrs *list = NULL;
	char digits[INET6_ADDRSTRLEN];

	if (getifaddrs(&list) < 0)
		return;
	for (const struct ifaddrs *own = list; own != NULL; own = own->ifa_next) {
		const struct sockaddr *address = own->ifa_addr;
		const void *bytes = NULL;

		if (address != NULL && address->sa_family == AF_INET)
			bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
		else if (address != NULL && address->sa_family == AF_INET6)
			bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		if (bytes != NULL &&
			inet_ntop(address->sa_family, bytes, digits, sizeof(digits)) != NULL &&
			network_fits(digits, place->family))
			network_offer_digits(completion, digits, "", own->ifa_name);
	}
	freeifaddrs(list);
	complete_hosts(completion, place, "");
}

/* Offers a port by its number. */
static void network_offer_port(const struct completion *completion, unsigned port, const char *tail,
	const char *summary)
{
	char *number = memory_print("%u", port);

	complete_offer(completion, COMPLETE_PLAIN, number, tail, summary);
	free(number);
}

/* Ports that are worth offering before anybody has typed a digit, also where no list of services is. */
static void network_common_ports(const struct completion *completion, const char *tail)
{
	static const struct {
		unsigned port;
		char name[12];
	} ports[] = {
		{ 22, "ssh" },
		{ 25, "smtp" },
		{ 53, "domain" },
		{ 80, "http" },
		{ 443, "https" },
		{ 8080, "http-alt" },
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		network_offer_port(completion, ports[i].port, tail, ports[i].name);
}

/* Offers a service by its names; its number to those who begin with a digit. */
static void network_service(const struct completion *completion, const struct servent *service,
	const char *tail)
{
	unsigned port = ntohs((uint16_t)service->s_port);
	char *summary = memory_print("%u/%s", port, service->s_proto);

	complete_offer(completion, COMPLETE_PLAIN, service->s_name, tail, summary);
	/* the other names only help those who have begun to type one */
	for (size_t i = 0; completion->typed[0] != '\0' && service->s_aliases[i] != NULL; i++)
		complete_offer(completion, COMPLETE_PLAIN, service->s_aliases[i], tail, summary);
	if (completion->typed[0] >= '0' && completion->typed[0] <= '9')
		network_offer_port(completion, port, tail, service->s_name);
	free(summary);
}

/* Offers the ports of the services that are known for the protocol. */
void complete_ports(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	static const struct {
		int protocol;
		char name[8];
	} protocols[] = {
		{ IPPROTO_UDP, "udp" },
		{ IPPROTO_UDPLITE, "udp" },
		{ IPPROTO_SCTP, "sctp" },
		{ IPPROTO_DCCP, "dccp" },
		{ 0, "tcp" },
	};
	const struct servent *service;
	size_t at = 0;

	while (protocols[at].protocol != 0 && protocols[at].protocol != place->protocol)
		at++;
	if (place->local)
		network_offer_port(completion, 0, tail, _("any port that is free"));
	network_common_ports(completion, tail);
	setservent(1);
	while ((service = getservent()) != NULL) {
		if (strcmp(service->s_proto, protocols[at].name) == 0)
			network_service(completion, service, tail);
	}
	endservent();
}

/* Offers the interfaces of the network by name. */
void complete_interfaces(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	struct if_nameindex *list = if_nameindex();

	(void)place;
	(void)tail;
	for (const struct if_nameindex *entry = list; entry != NULL && entry->if_name != NULL;
		entry++)
		complete_offer(completion, COMPLETE_NAME, entry->if_name, "", _("interface"));
	if (list != NULL)
		if_freenameindex(list);
}

/* Offers the protocols above IP, which are numbers. */
void complete_protocols(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	const struct protoent *protocol;

	(void)place;
	(void)tail;
	setprotoent(1);
	while ((protocol = getprotoent()) != NULL) {
		char *number = memory_print("%d", protocol->p_proto);

		complete_offer(completion, COMPLETE_PLAIN, number, "", protocol->p_name);
		free(number);
	}
	endprotoent();
}

/* Offers the abstract UNIX sockets that are there: the last words of lines, with a '@' in front. */
void complete_abstract(const struct completion *completion, const struct complete_place *place,
	const char *tail)
{
	FILE *file = place->family == AF_UNIX ? fopen(NETWORK_SOCKETS, "re") : NULL;
	char *line = NULL;
	size_t room = 0;

	(void)tail;
	while (file != NULL && getline(&line, &room, file) > 0) {
		char *name = strstr(line, " @");

		if (name == NULL)
			continue;
		name[strcspn(name, "\n")] = '\0';
		complete_offer(completion, COMPLETE_NAME, name + 2, "", _("socket"));
	}
	free(line);
	if (file != NULL)
		fclose(file);
}
