/* Making and binding sockets as the options say. */
#ifndef SOCKET_MAKE_H
#define SOCKET_MAKE_H

#include "base/error.h"
#include "io/resolve.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/kind.h"

int make_family(const struct options *options, int family, struct error *error);
void make_kind(const struct options *options, struct socket_kind *kind);
void make_query(const struct options *options, const struct socket_kind *kind, bool passive,
	int prefer, struct resolve_query *query);
int make_socket(const struct options *options, const struct socket_kind *kind, struct error *error);
int make_split(const char *text, char **host, char **port);
int make_local(const struct options *options, const struct socket_kind *kind, int prefer,
	struct resolve_list *list, struct error *error);
int make_bound(const struct options *options, int fd, const struct sockaddr_any *local,
	bool reuse_address, struct error *error);
int make_bound_client(const struct options *options, int fd, const struct resolve_list *locals,
	int family, struct error *error);

#endif
