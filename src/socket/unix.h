/* UNIX sockets: names in the file system or in the abstract space. */
#ifndef SOCKET_UNIX_H
#define SOCKET_UNIX_H

#include "io/endpoint.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/kind.h"
#include "spec/spec.h"

int unix_name(const struct options *options, const char *name, size_t length, bool abstract,
	struct sockaddr_any *address, struct error *error);
int unix_bind_client(const struct options *options, int fd, bool abstract,
	struct endpoint *endpoint, struct error *error);
int unix_connect(const struct options *options, const struct socket_kind *kind,
	const struct sockaddr_any *target, bool abstract, struct endpoint *endpoint,
	struct error *error);
int unix_client(const struct options *options, const struct sockaddr_any *target, bool abstract,
	struct endpoint *endpoint, struct error *error);
int unix_prepare_path(const struct options *options, const char *path, struct error *error);

#endif
