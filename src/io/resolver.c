#include "io/resolver.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"

/* Reads ADDRESS[:PORT] of a name server. */
static int resolver_server(const char *text, struct sockaddr_in *server, struct error *error)
{
	const char *colon = strchr(text, ':');
	char *host = memory_copy(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	int port = colon != NULL ? resolve_port(colon + 1, SOCK_DGRAM, 0, error) : NAMESERVER_PORT;

	memset(server, 0, sizeof(*server));
	server->sin_family = AF_INET;
	server->sin_port = htons((in_port_t)port);
	if (port >= 0 && inet_pton(AF_INET, host, &server->sin_addr) != 1) {
		error_failed(error, _("%s is not the IPv4 address of a name server"), host);
		port = -1;
	}
	free(host);
	return port < 0 ? -1 : 0;
}

/* Turns the knobs that the query names. What was before goes to *before. */
int resolver_change(const struct resolve_query *query, struct resolver_state *before,
	struct error *error)
{
	before->changed = false;
	if (query->name_server == NULL && query->retrans < 0 && query->retry < 0 &&
		query->flags_set == 0 && query->flags_clear == 0)
		return 0;
	if (!(_res.options & RES_INIT) && res_init() < 0)
		return error_failed(error, _("cannot start the name resolver"));
	before->saved = _res;
	before->changed = true;
	if (query->name_server != NULL) {
		if (resolver_server(query->name_server, &_res.nsaddr_list[0], error) < 0) {
			resolver_restore(before);
			return -1;
		}
		_res.nscount = 1;
	}
	if (query->retrans >= 0)
		_res.retrans = query->retrans;
	if (query->retry >= 0)
		_res.retry = query->retry;
	_res.options |= query->flags_set;
	_res.options &= ~(unsigned long)query->flags_clear;
	return 0;
}

/* Turns them back. */
void resolver_restore(const struct resolver_state *before)
{
	if (!before->changed)
		return;
	_res.retrans = before->saved.retrans;
	_res.retry = before->saved.retry;
	_res.options = before->saved.options;
	_res.nscount = before->saved.nscount;
	_res.nsaddr_list[0] = before->saved.nsaddr_list[0];
}
