#include "io/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/number.h"
#include "io/offload.h"
#include "base/system.h"

#define RESOLVE_FRESH (30 * SECOND) /* how old an answer may be before it is asked for again */

/* A host between brackets is an IPv6 literal; returns the bare name, owned by the caller. */
static char *resolve_bare(const char *host)
{
	size_t length = strlen(host);

	if (length >= 2 && host[0] == '[' && host[length - 1] == ']')
		return memory_copy(host + 1, length - 2);
	return memory_string(host);
}

/* Adds an address to a list. */
static void resolve_add(struct resolve_list *list, const struct sockaddr_any *address)
{
	list->addresses = memory_resize(list->addresses,
		(list->count + 1) * sizeof(*list->addresses));
	list->addresses[list->count++] = *address;
}

/* Adds a literal address, or the wildcard or loopback address of a family where host is NULL. */
static bool resolve_add_literal(const char *host, bool passive, int family, int port,
	struct resolve_list *list)
{
	struct sockaddr_any address = { .length = 0 };

	address.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		address.length = sizeof(address.ip4);
		address.ip4.sin_addr.s_addr = htonl(passive ? INADDR_ANY : INADDR_LOOPBACK);
		if (host != NULL && inet_pton(AF_INET, host, &address.ip4.sin_addr) != 1)
			return false;
	} else {
		address.length = sizeof(address.ip6);
		address.ip6.sin6_addr = passive ? in6addr_any : in6addr_loopback;
		if (host != NULL && inet_pton(AF_INET6, host, &address.ip6.sin6_addr) != 1)
			return false;
	}
	sockaddr_set_port(&address, port);
	resolve_add(list, &address);
	return true;
}

/* Answers without the resolver where it isn't needed: literals and no host at all. */
static bool resolve_literal(const struct resolve_query *query, const char *host, int port,
	struct resolve_list *list)
{
	bool any = query->passive && query->host == NULL;

	if (query->v4_mapped > 0)
		return false;
	if (query->family != AF_INET && query->prefer != AF_INET)
		resolve_add_literal(host, any, AF_INET6, port, list);
	if (query->family != AF_INET6)
		resolve_add_literal(host, any, AF_INET, port, list);
	if (query->family != AF_INET && query->prefer == AF_INET)
		resolve_add_literal(host, any, AF_INET6, port, list);
	return list->count > 0;
}

/* Refuses a name where only numbers are allowed. */
static int resolve_refuse(const char *name, struct error *error)
{
	return error_usage(error, _("\"%s\" is a name, and option numeric allows only numbers"),
		name);
}

/* Fills in the hint for a service that doesn't exist. */
static void resolve_hint_service(const char *service, struct error *error)
{
	const struct servent *entry;
	char *best = NULL;
	struct near near;

	near_start(&near, service);
	setservent(0);
	while ((entry = getservent()) != NULL)
		near_offer_copy(&near, entry->s_name, &best);
	endservent();
	if (best != NULL)
		error_hint(error, _("did you mean %s?"), best);
	free(best);
}

/* Fills in the hint for an address in digits that isn't one, or not of the family asked for. Returns whether it is that. */
static bool resolve_hint_literal(const char *host, int family, struct error *error)
{
	struct in_addr ip4;
	struct in6_addr ip6;
	const char *zone = strchr(host, '%');
	char *near = zone != NULL ? near_interface(zone + 1) : NULL;

	if (family == AF_INET && inet_pton(AF_INET6, host, &ip6) == 1)
		error_hint(error, _("%s is an IPv6 address, and IPv4 is asked for"), host);
	else if (family == AF_INET6 && inet_pton(AF_INET, host, &ip4) == 1)
		error_hint(error, _("%s is an IPv4 address, and IPv6 is asked for"), host);
	else if (near != NULL)
		error_hint(error, _("did you mean interface %s?"), near);
	else if (zone != NULL)
		error_hint(error, _("behind %% stands an interface: \"ip link\" lists them"));
	else if (strncmp(host, "//", 2) == 0)
		error_hint(error, _("a host has no slashes in front: %s"), host + 2);
	else if (host[strspn(host, "0123456789.")] == '\0')
		error_hint(error, _("an IPv4 address has four numbers from 0 to 255"));
	else
		return false;
	free(near);
	return true;
}

/* Fills in the hint for a host whose name is much like one that this machine knows. Returns whether there is one. */
static bool resolve_hint_near(const char *host, struct error *error)
{
	const struct hostent *entry;
	char *best = NULL;
	struct near near;

	near_start(&near, host);
	sethostent(0);
	while ((entry = gethostent()) != NULL) {
		near_offer_copy(&near, entry->h_name, &best);
		for (char **alias = entry->h_aliases; *alias != NULL; alias++)
			near_offer_copy(&near, *alias, &best);
	}
	endhostent();
	if (best == NULL)
		return false;
	error_hint(error, _("did you mean %s?"), best);
	free(best);
	return true;
}

/* Fills in the hint for a host that nobody knows. */
static void resolve_hint_host(const char *host, int family, struct error *error)
{
	if (!resolve_hint_literal(host, family, error) && !resolve_hint_near(host, error))
		error_hint(error, _("no name server knows that name; is it spelled right?"));
}

/* The port that a service name or number stands for, or -1 with the error filled. */
int resolve_port(const struct resolve_query *query, const char *service, struct error *error)
{
	struct addrinfo hints = { .ai_socktype = query->type,
		.ai_protocol = query->protocol,
		.ai_family = AF_INET };
	struct addrinfo *found;
	intmax_t port;
	char *reason;
	size_t sign = service[0] == '-' ? 1 : 0;
	bool digits = service[sign] >= '0' && service[sign] <= '9';
	int result;

	if (service[0] == '\0')
		return error_usage(error,
			_("the port is empty: a number or a service name is missing"));
	if (digits && number_parse(service, 0, 65535, &port, &reason) < 0) {
		error_usage(error, _("port %s: %s"), service, reason);
		free(reason);
		return -1;
	}
	if (digits)
		return (int)port;
	if (query->numeric)
		return resolve_refuse(service, error);
	if (call_getaddrinfo(NULL, service, &hints, &found) != 0) {
		hints = (struct addrinfo){ .ai_socktype = SOCK_STREAM, .ai_family = AF_INET };
		if (call_getaddrinfo(NULL, service, &hints, &found) != 0) {
			error_usage(error, _("unknown service \"%s\""), service);
			resolve_hint_service(service, error);
			return -1;
		}
	}
	result = ntohs(((struct sockaddr_in *)(void *)found->ai_addr)->sin_port);
	freeaddrinfo(found);
	return result;
}

/* Fills the resolver's hints from the query. */
static void resolve_hints(const struct resolve_query *query, struct addrinfo *hints)
{
	*hints = (struct addrinfo){ .ai_family = query->family, .ai_socktype = query->type };

	/* raw sockets have protocols that getaddrinfo doesn't know */
	if (query->type != SOCK_RAW)
		hints->ai_protocol = query->protocol;
	else
		hints->ai_socktype = SOCK_DGRAM;
	if (query->passive)
		hints->ai_flags |= AI_PASSIVE;
	if (query->numeric)
		hints->ai_flags |= AI_NUMERICHOST;
	if (query->address_config > 0 || (query->address_config < 0 && query->family == AF_UNSPEC))
		hints->ai_flags |= AI_ADDRCONFIG;
	if (query->v4_mapped > 0)
		hints->ai_flags |= AI_V4MAPPED;
	if (query->all > 0)
		hints->ai_flags |= AI_ALL;
}

/* Copies the results, those of the preferred family first, each once. */
static void resolve_collect(const struct addrinfo *found, int prefer, int port,
	struct resolve_list *list)
{
	for (int round = 0; round < 2; round++) {
		for (const struct addrinfo *p = found; p != NULL; p = p->ai_next) {
			struct sockaddr_any address = { .length = p->ai_addrlen };
			bool preferred = prefer == AF_UNSPEC || p->ai_family == prefer;
			bool known = false;

			if (preferred != (round == 0) || p->ai_addrlen > sizeof(address.storage))
				continue;
			memcpy(&address.storage, p->ai_addr, p->ai_addrlen);
			sockaddr_set_port(&address, port);
			for (size_t i = 0; i < list->count; i++)
				known = known || sockaddr_same(&list->addresses[i], &address);
			if (!known)
				resolve_add(list, &address);
		}
	}
}

/* A question to the resolver; it may outlive whoever asked. */
struct lookup {
	char *host; /* NULL: none */
	char *name_server;
	struct resolver_knobs knobs;
	struct addrinfo hints;
	struct addrinfo *found;
	struct error error; /* what else went wrong */
	int result;	    /* as getaddrinfo has it */
	int number;	    /* errno */
};

/* Asks the resolver, with its knobs turned. */
static void lookup_run(void *context)
{
	struct lookup *lookup = context;
	const char *service = lookup->host == NULL ? "0" : NULL;
	struct resolver_state before;

	if (resolver_change(&lookup->knobs, &before, &lookup->error) < 0)
		return;
	lookup->result = call_getaddrinfo(lookup->host, service, &lookup->hints, &lookup->found);
	if (lookup->result != 0 && (lookup->hints.ai_flags & AI_ADDRCONFIG)) {
		lookup->hints.ai_flags &= ~AI_ADDRCONFIG;
		lookup->result = call_getaddrinfo(lookup->host, service, &lookup->hints,
			&lookup->found);
	}
	lookup->number = errno;
	resolver_restore(&before);
}

static void lookup_free(struct lookup *lookup)
{
	if (lookup->found != NULL)
		freeaddrinfo(lookup->found);
	error_clear(&lookup->error);
	free(lookup->name_server);
	free(lookup->host);
	free(lookup);
}

/* Says why a lookup found nothing. */
static int lookup_fail(struct lookup *lookup, struct error *error)
{
	const char *host = lookup->host != NULL ? lookup->host : "*";

	if (lookup->error.kind != ERROR_NONE)
		error_move(error, &lookup->error);
	else if (lookup->result == EAI_SYSTEM)
		error_system(error, lookup->number, _("cannot look up %s"), host);
	else
		error_failed(error, _("cannot look up %s: %s"), host,
			_(gai_strerror(lookup->result)));
	if (lookup->result == EAI_NONAME || lookup->result == EAI_ADDRFAMILY)
		resolve_hint_host(host, lookup->hints.ai_family, error);
	else if (lookup->result == EAI_AGAIN && !resolve_hint_near(host, error))
		error_hint(error, _("no name server answers; is the network up?"));
	return -1;
}

/* A question, ready to be asked. */
static struct lookup *lookup_create(const struct resolve_query *query, const char *bare)
{
	struct lookup *lookup = memory_zero(1, sizeof(*lookup));

	lookup->host = memory_string(bare);
	lookup->name_server = memory_string(query->knobs.name_server);
	lookup->knobs = query->knobs;
	lookup->knobs.name_server = lookup->name_server;
	resolve_hints(query, &lookup->hints);
	return lookup;
}

/* Takes the answer of a question that was asked, and frees it. */
static int lookup_take(struct lookup *lookup, const struct resolve_query *query, int port,
	struct resolve_list *list, struct error *error)
{
	int result = 0;

	if (lookup->found == NULL && lookup->host != NULL &&
		text_same_word(lookup->host, "localhost"))
		/* everybody knows that name, whatever /etc/hosts has forgotten */
		resolve_literal(query, NULL, port, list);
	else if (lookup->found == NULL)
		result = lookup_fail(lookup, error);
	else
		resolve_collect(lookup->found, query->prefer, port, list);
	lookup_free(lookup);
	return result;
}

/* Asks the resolver, whose answer may take long, while signals are obeyed. */
static int resolve_ask(const struct resolve_query *query, const char *bare, int port,
	struct resolve_list *list, struct error *error)
{
	struct lookup *lookup = lookup_create(query, bare);

	if (offload(lookup_run, lookup, error) < 0)
		return -1;
	return lookup_take(lookup, query, port, list, error);
}

/* The answer to one question, and when it was given. */
struct resolve_entry {
	struct resolve_entry *next;
	char *key;
	struct resolve_list list;
	int64_t time;
	struct lookup *lookup; /* the same question, asked again */
	struct offload *asking;
};

struct resolve_memory {
	struct resolve_entry *first;
};

/* An empty memory. Owned by the caller. */
struct resolve_memory *resolve_remember(void)
{
	return memory_zero(1, sizeof(struct resolve_memory));
}

/* Frees a memory; a question that is being asked is left behind. NULL is allowed. */
void resolve_forget(struct resolve_memory *memory)
{
	while (memory != NULL && memory->first != NULL) {
		struct resolve_entry *entry = memory->first;

		memory->first = entry->next;
		if (entry->asking != NULL && offload_is_done(entry->asking)) {
			offload_finish(entry->asking);
			lookup_free(entry->lookup);
		} else if (entry->asking != NULL) {
			offload_leave(entry->asking);
		}
		resolve_free(&entry->list);
		free(entry->key);
		free(entry);
	}
	free(memory);
}

/* The entry of a question; a new one is empty. */
static struct resolve_entry *resolve_entry(struct resolve_memory *memory, const char *key)
{
	struct resolve_entry *entry = memory->first;

	while (entry != NULL && strcmp(entry->key, key) != 0)
		entry = entry->next;
	if (entry != NULL)
		return entry;
	entry = memory_zero(1, sizeof(*entry));
	entry->key = memory_string(key);
	entry->next = memory->first;
	memory->first = entry;
	return entry;
}

/* Asks again what was answered long ago, while the old answer still serves. */
static void resolve_refresh(struct resolve_entry *entry, const struct resolve_query *query,
	const char *bare, int port)
{
	struct resolve_list list = { NULL, 0 };
	struct error error = ERROR_EMPTY;

	if (entry->asking != NULL && offload_is_done(entry->asking)) {
		offload_finish(entry->asking);
		entry->asking = NULL;
		if (lookup_take(entry->lookup, query, port, &list, &error) == 0) {
			resolve_free(&entry->list);
			entry->list = list;
		}
		error_clear(&error);
		entry->time = clock_now();
	} else if (entry->asking == NULL && clock_now() - entry->time > RESOLVE_FRESH) {
		entry->lookup = lookup_create(query, bare);
		entry->asking = offload_start(lookup_run, entry->lookup);
		if (entry->asking == NULL)
			lookup_free(entry->lookup);
	}
}

/* Answers from memory; only what was never asked is waited for. */
static int resolve_recall(const struct resolve_query *query, const char *bare, int port,
	struct resolve_list *list, struct error *error)
{
	char *key = memory_print("%s %s %d %d %d %d %d %d %d %d %d %d", bare != NULL ? bare : "",
		query->knobs.name_server != NULL ? query->knobs.name_server : "", port,
		query->family, query->type, query->protocol, query->prefer, query->passive,
		query->address_config, query->v4_mapped, query->all, query->numeric);
	struct resolve_entry *entry = resolve_entry(query->memory, key);
	int result = 0;

	free(key);
	if (entry->list.count == 0) {
		result = resolve_ask(query, bare, port, &entry->list, error);
		entry->time = clock_now();
	} else {
		resolve_refresh(entry, query, bare, port);
	}
	for (size_t i = 0; result == 0 && i < entry->list.count; i++)
		resolve_add(list, &entry->list.addresses[i]);
	return result;
}

/* Refuses a host that is a name where only numbers are allowed; finding that out asks nobody. */
int resolve_check_host(const struct resolve_query *query, const char *host, struct error *error)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char *bare;
	int result;

	if (!query->numeric)
		return 0;
	bare = resolve_bare(host);
	result = call_getaddrinfo(bare, NULL, &hints, &found);
	free(bare);
	if (result != 0)
		return resolve_refuse(host, error);
	freeaddrinfo(found);
	return 0;
}

/*
 * Looks up a host and a service. The list, owned by the caller, has at least one address. Returns -1 with the
 * error filled on failure.
 */
int resolve_host(const struct resolve_query *query, struct resolve_list *list, struct error *error)
{
	char *bare = query->host != NULL ? resolve_bare(query->host) : NULL;
	int port = 0, result = 0;

	*list = (struct resolve_list){ NULL, 0 };
	if (query->service != NULL)
		port = resolve_port(query, query->service, error);
	if (port < 0 || (bare != NULL && resolve_check_host(query, bare, error) < 0))
		result = -1;
	else if (resolve_literal(query, bare, port, list))
		result = 0;
	else if (query->memory != NULL)
		result = resolve_recall(query, bare, port, list, error);
	else
		result = resolve_ask(query, bare, port, list, error);
	free(bare);
	return result;
}

/* Frees the addresses of a list. */
void resolve_free(struct resolve_list *list)
{
	free(list->addresses);
	*list = (struct resolve_list){ NULL, 0 };
}
