/* UNIX sockets: names in the file system or in the abstract space. */
#ifndef SOCKET_UNIX_H
#define SOCKET_UNIX_H

#include "io/endpoint.h"
#include "io/sockaddr.h"
#include "option/options.h"
#include "socket/dial.h"
#include "socket/kind.h"
#include "spec/spec.h"

int unix_name(const struct options *options, const char *name, size_t length, bool abstract,
	struct sockaddr_any *address, struct error *error);
int unix_bind_client(const struct options *options, int fd, bool abstract,
	struct endpoint *endpoint, struct error *error);
struct opening *unix_start(const struct options *options, int type,
	const struct sockaddr_any *target, bool abstract, dial_finish *finish, const void *context);
int unix_prepare_path(const struct options *options, const char *path, struct error *error);

#endif
