#ifndef IO_SOCKADDR_H
#define IO_SOCKADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"
#include "base/text.h"

/* A socket address of any family with its length; length 0 is none. */
struct sockaddr_any {
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
		struct sockaddr_un local;
		struct sockaddr_storage storage;
	};
	socklen_t length;
};

/* Room for an address as text. */
#define SOCKADDR_TEXT 160

const char *sockaddr_classic(const struct sockaddr_any *address, char *out);
const char *sockaddr_plain(const struct sockaddr_any *address, char *out);
const char *sockaddr_host(const struct sockaddr_any *address, char *out);
int sockaddr_port(const struct sockaddr_any *address);
void sockaddr_set_port(struct sockaddr_any *address, int port);
bool sockaddr_same(const struct sockaddr_any *a, const struct sockaddr_any *b);
bool sockaddr_same_host(const struct sockaddr_any *a, const struct sockaddr_any *b);
int sockaddr_unix(struct sockaddr_any *address, const char *name, size_t length, bool abstract,
	bool tight, struct error *error);
int sockaddr_local(int fd, struct sockaddr_any *address);
int sockaddr_peer(int fd, struct sockaddr_any *address);

#endif
