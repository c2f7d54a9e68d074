#include "socket/passive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/intl.h"
#include "option/settings.h"
#include "socket/listen.h"
#include "socket/make.h"

/* The family of a numeric bind address, or AF_UNSPEC. */
static int passive_literal_family(const char *host)
{
	struct in_addr ip4;

	if (host == NULL)
		return AF_UNSPEC;
	if (host[0] == '[')
		return AF_INET6;
	return inet_pton(AF_INET, host, &ip4) == 1 ? AF_INET : AF_UNSPEC;
}

/* A port in bind= may only repeat the parameter. */
static int passive_same_port(const struct resolve_query *query, const char *port,
	const char *bind_port, struct error *error)
{
	int first = resolve_port(query, port, error);
	int second = first < 0 ? -1 : resolve_port(query, bind_port, error);

	if (second < 0)
		return -1;
	if (first != second)
		return error_usage(error, _("the port is %s, and bind= asks for %s: which one?"),
			port, bind_port);
	return 0;
}

/*
 * Finds out where to wait: the address type's family or pf= comes first, then that of a numeric bind=, then
 * the one preferred for passive addresses.
 */
static int passive_resolve(const struct options *options, struct socket_kind *kind, int family,
	const char *port, struct resolve_list *list, struct error *error)
{
	const char *bind_to = SETTINGS(options, socket)->bind;
	struct resolve_query query;
	char *host = NULL, *bind_port = NULL;
	int result;

	make_kind(options, kind);
	kind->family = make_family(options, kind->family, error);
	if (kind->family < 0)
		return -1;
	if (bind_to != NULL && make_split(bind_to, &host, &bind_port) < 0)
		return error_usage(error, _("bind=%s: the bracket is never closed"), bind_to);
	if (kind->family == AF_UNSPEC)
		kind->family = passive_literal_family(host);
	if (kind->family == AF_UNSPEC)
		kind->family = family;
	make_query(options, kind, true, AF_UNSPEC, &query);
	query.host = host;
	query.service = port;
	if (bind_port != NULL && passive_same_port(&query, port, bind_port, error) < 0)
		result = -1;
	else
		result = resolve_host(&query, list, error);
	free(host);
	free(bind_port);
	return result;
}

/* A socket that is bound to a port to listen for connections. Returns -1 with the error filled. */
int passive_stream(const struct options *options, const struct socket_kind *kind, int family,
	const char *port, struct error *error)
{
	struct socket_kind own = *kind;
	struct resolve_list list;
	int fd = -1;

	if (passive_resolve(options, &own, family, port, &list, error) < 0)
		return -1;
	for (size_t i = 0; i < list.count && fd < 0; i++)
		fd = listen_bound(options, &own, &list.addresses[i], error);
	if (fd >= 0)
		error_clear(error);
	resolve_free(&list);
	return fd;
}

/* A datagram socket bound to a port; *kind becomes what was made. Returns -1 with the error filled. */
int passive_datagram(const struct options *options, struct socket_kind *kind, int family,
	const char *port, bool reuse_address, struct error *error)
{
	struct resolve_list list;
	int fd = -1;

	if (passive_resolve(options, kind, family, port, &list, error) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		kind->family = list.addresses[i].any.sa_family;
		fd = make_socket(options, kind, error);
		if (fd >= 0 &&
			make_bound(options, fd, &list.addresses[i], reuse_address, error) == 0)
			break;
		fd_close(&fd);
	}
	if (fd >= 0)
		error_clear(error);
	resolve_free(&list);
	return fd;
}
