#ifndef SOCKET_HOSTS_ACCESS_H
#define SOCKET_HOSTS_ACCESS_H

#include <sys/socket.h>

/*
 * Only HOSTS_GRANTED lets a peer in; HOSTS_ERROR means that the tables could not be trusted to do
 * so.
 */
enum hosts_verdict {
	HOSTS_GRANTED,
	HOSTS_DENIED,
	HOSTS_ERROR,
};

/*
 * Who asks for what. Addresses may be NULL, which makes them unknown; so may the paths, for the
 * defaults.
 */
struct hosts_query {
	const char *daemon;
	const struct sockaddr *peer;
	socklen_t peer_len;
	const struct sockaddr *local;
	socklen_t local_len;
	const char *allow_path;
	const char *deny_path;
};

enum hosts_verdict hosts_access(const struct hosts_query *q, char **reason);

#endif
