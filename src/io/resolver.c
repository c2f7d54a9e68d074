#include "io/resolver.h"

#include <sys/types.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"

/* Reads ADDRESS[:PORT] of a name server. */
static int resolver_server(const char *text, struct sockaddr_in *server, struct error *error)
{
	const char *colon = strchr(text, ':');
	char *host = memory_copy(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	intmax_t port = NAMESERVER_PORT;
	char *reason = NULL;
	int result = 0;

	memset(server, 0, sizeof(*server));
	server->sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &server->sin_addr) != 1)
		result = error_failed(error, _("%s is not the IPv4 address of a name server"),
			host);
	else if (colon != NULL && number_parse(colon + 1, 1, 65535, &port, &reason) < 0)
		result = error_failed(error, _("port %s: %s"), colon + 1, reason);
	server->sin_port = htons((in_port_t)port);
	free(reason);
	free(host);
	return result;
}

/* Turns the knobs that say something. What was before goes to *before. */
int resolver_change(const struct resolver_knobs *knobs, struct resolver_state *before,
	struct error *error)
{
	before->saved = NULL;
	if (resolver_rests(knobs))
		return 0;
	if (!(_res.options & RES_INIT) && res_init() < 0)
		return error_failed(error, _("cannot start the name resolver"));
	before->saved = memory_copy(&_res, sizeof(_res));
	if (knobs->name_server != NULL) {
		if (resolver_server(knobs->name_server, &_res.nsaddr_list[0], error) < 0) {
			resolver_restore(before);
			return -1;
		}
		_res.nscount = 1;
	}
	if (knobs->retrans >= 0)
		_res.retrans = knobs->retrans;
	if (knobs->retry >= 0)
		_res.retry = knobs->retry;
	_res.options |= knobs->flags_set;
	_res.options &= ~(unsigned long)knobs->flags_clear;
	return 0;
}

/* Turns them back. */
void resolver_restore(struct resolver_state *before)
{
	if (before->saved == NULL)
		return;
	_res.retrans = before->saved->retrans;
	_res.retry = before->saved->retry;
	_res.options = before->saved->options;
	_res.nscount = before->saved->nscount;
	_res.nsaddr_list[0] = before->saved->nsaddr_list[0];
	free(before->saved);
	before->saved = NULL;
}
