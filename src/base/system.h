/*
 * Calls that some systems make in one step and others in several. The descriptors they return are inherited
 * by no program. system_flags.c says so to the kernel by flags (Linux, FreeBSD), system_plain.c in a second
 * call (macOS). Like the calls they stand for, they return -1 with errno on failure.
 */
#ifndef BASE_SYSTEM_H
#define BASE_SYSTEM_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Wishes that are none where the system has no word for them. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored anyway */
#endif
#ifndef AI_V4MAPPED
#define AI_V4MAPPED 0
#endif
#ifndef EAI_ADDRFAMILY
#define EAI_ADDRFAMILY EAI_NONAME
#endif
#ifndef AI_ALL
#define AI_ALL 0
#endif

int system_pipe(int ends[2], bool nonblocking);
int system_socket(int family, int type, int protocol);
int system_socketpair(int family, int type, int protocol, int ends[2]);
int system_accept(int fd, struct sockaddr *peer, socklen_t *length);
int system_random(void *data, size_t length);

#endif
