/*
 * Options that join multicast groups or choose the interface for them, which is told by name, by
 * index or by its IPv4 address.
 */
#include <sys/types.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/number.h"
#include "option/hint.h"
#include "option/multicast.h"
#include "option/table.h"

/* Looks an address up. On failure returns -1 with the error filled. */
static int multicast_address(const char *word, int family, struct sockaddr_storage *address,
	struct error *error)
{
	const struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	int result = call_getaddrinfo(word, NULL, &hints, &found);

	if (result != 0)
		return error_failed(error, _("cannot look up %s: %s"), word,
			result == EAI_SYSTEM ? intl_reason(errno) : _(gai_strerror(result)));
	memset(address, 0, sizeof(*address));
	memcpy(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

/* Looks an IPv4 address up. */
static int multicast_ipv4(const char *word, struct in_addr *address, struct error *error)
{
	struct sockaddr_storage found;

	if (multicast_address(word, AF_INET, &found, error) < 0)
		return -1;
	*address = ((const struct sockaddr_in *)&found)->sin_addr;
	return 0;
}

/* Finds an interface by name or index; 0 is for any. */
static int multicast_index(const char *word, unsigned *index, struct error *error)
{
	intmax_t number = if_nametoindex(word);
	char *reason;

	if (number == 0 && number_parse(word, 0, INT_MAX, &number, &reason) < 0) {
		free(reason);
		error_failed(error, _("there is no interface %s"), word);
		option_hint_interface(word, error);
		return -1;
	}
	*index = (unsigned)number;
	return 0;
}

/* Finds an interface by its IPv4 address, or else by name or index. */
static int multicast_interface(const char *word, struct ip_mreqn *request, struct error *error)
{
	unsigned index;

	if (inet_pton(AF_INET, word, &request->imr_address) == 1)
		return 0;
	if (multicast_index(word, &index, error) < 0)
		return -1;
	request->imr_ifindex = (int)index;
	return 0;
}

/* Sets the socket option to the request. */
static int multicast_set(const struct option_use *use, const struct option_target *target,
	int level, int name, const void *request, size_t length, struct error *error)
{
	if (call_setsockopt(target->fd, level, name, request, (socklen_t)length) < 0)
		return error_system(error, errno, _("cannot set %s"), use->option->effect.symbol);
	return 0;
}

/* Joins an IPv4 group. */
int apply_ip_membership(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct ip_mreqn request = { .imr_ifindex = 0 };
	struct multicast multicast;
	int result;

	multicast_split(&multicast, use->value.string);
	result = multicast_ipv4(multicast.words[0], &request.imr_multiaddr, error);
	for (size_t i = 1; result == 0 && i < multicast.count; i++)
		result = multicast_interface(multicast.words[i], &request, error);
	multicast_free(&multicast);
	return result < 0 ? -1
			  : multicast_set(use, target, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
				    sizeof(request), error);
}

/* Joins a group of either family for one source, the interface told by name or index. */
static int multicast_join_source(const struct option_use *use, const struct option_target *target,
	const struct multicast *multicast, int family, struct error *error)
{
	struct group_source_req request;
	unsigned index;

	memset(&request, 0, sizeof(request));
	if (multicast_index(multicast->words[1], &index, error) < 0 ||
		multicast_address(multicast->words[0], family, &request.gsr_group, error) < 0 ||
		multicast_address(multicast->words[2], family, &request.gsr_source, error) < 0)
		return -1;
	request.gsr_interface = index;
	return multicast_set(use, target, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		MCAST_JOIN_SOURCE_GROUP, &request, sizeof(request), error);
}

/* Joins an IPv4 group for one source. */
int apply_ip_source_membership(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct ip_mreq_source request = { .imr_interface = { 0 } };
	struct multicast multicast;
	int result = -1;

	multicast_split(&multicast, use->value.string);
	if (inet_pton(AF_INET, multicast.words[1], &request.imr_interface) != 1)
		result = multicast_join_source(use, target, &multicast, AF_INET, error);
	else if (multicast_ipv4(multicast.words[0], &request.imr_multiaddr, error) == 0 &&
		multicast_ipv4(multicast.words[2], &request.imr_sourceaddr, error) == 0)
		result = multicast_set(use, target, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &request,
			sizeof(request), error);
	multicast_free(&multicast);
	return result;
}

/* Joins an IPv6 group. */
int apply_ipv6_join(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct ipv6_mreq request = { .ipv6mr_interface = 0 };
	struct sockaddr_storage group;
	struct multicast multicast;
	int result = -1;

	multicast_split_ipv6(&multicast, use->value.string);
	if (multicast_index(multicast.words[1], &request.ipv6mr_interface, error) == 0 &&
		multicast_address(multicast.words[0], AF_INET6, &group, error) == 0) {
		request.ipv6mr_multiaddr = ((const struct sockaddr_in6 *)&group)->sin6_addr;
		result = multicast_set(use, target, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request,
			sizeof(request), error);
	}
	multicast_free(&multicast);
	return result;
}

/* Joins an IPv6 group for one source. */
int apply_ipv6_source_join(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct multicast multicast;
	int result;

	multicast_split(&multicast, use->value.string);
	result = multicast_join_source(use, target, &multicast, AF_INET6, error);
	multicast_free(&multicast);
	return result;
}

/*
 * Chooses the interface through which multicasts leave: by address, name, index, or as a host's
 * name.
 */
int apply_multicast_interface(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct ip_mreqn request = { .imr_ifindex = 0 };
	struct error ignored = ERROR_EMPTY;
	bool found = multicast_interface(use->value.string, &request, &ignored) == 0;

	error_clear(&ignored);
	if (!found && multicast_ipv4(use->value.string, &request.imr_address, error) < 0)
		return -1;
	return multicast_set(use, target, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request),
		error);
}
