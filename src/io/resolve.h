/* Names and services to socket addresses, with the resolver's knobs. */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include "base/error.h"
#include "io/resolver.h"
#include "io/sockaddr.h"

/* What to look up. The hints are -1 for the default, 0 for off, 1 for on. */
struct resolve_query {
	const char *host;    /* NULL: any (passive) or this host */
	const char *service; /* a name or a number, or NULL */
	int family;	     /* AF_UNSPEC: any */
	int type;	     /* SOCK_*; 0: any */
	int protocol;
	int prefer; /* the family to put first, AF_UNSPEC keeps the resolver's order */
	bool passive;
	bool numeric; /* nothing is looked up: names are refused */
	int address_config, v4_mapped, all;
	struct resolver_knobs knobs;
	struct resolve_memory *memory; /* where answers are kept, or NULL */
};

struct resolve_list {
	struct sockaddr_any *addresses;
	size_t count;
};

int resolve_host(const struct resolve_query *query, struct resolve_list *list, struct error *error);
int resolve_port(const struct resolve_query *query, const char *service, struct error *error);
int resolve_check_host(const struct resolve_query *query, const char *host, struct error *error);
struct resolve_memory *resolve_remember(void);
void resolve_forget(struct resolve_memory *memory);
void resolve_free(struct resolve_list *list);

#endif
