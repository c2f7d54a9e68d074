/* Sockets that are only pretended, and whoever is at their other end. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/call_pretend.h"

/* Addresses and ports of somebody else, from those that are there for documentation. */
#define PRETEND_IP4 "192.0.2.1"
#define PRETEND_IP6 "2001:db8::1"
#define PRETEND_PORT 40000

/* The type of a socket without its flags; *flags becomes what F_GETFL would say of them. */
static int pretend_type(intptr_t type, int *flags)
{
	*flags = O_RDWR;
	for (const struct call_word *row = call_type_flags; row->word[0] != '\0'; row++) {
		if (!(type & row->value))
			continue;
		if (strcmp(row->word, "SOCK_NONBLOCK") == 0)
			*flags |= O_NONBLOCK;
		type &= ~(intptr_t)row->value;
	}
	return (int)type;
}

bool pretend_socket(struct call *call)
{
	struct pretended what = { .mode = S_IFSOCK | 0777,
		.family = (int)call->values[0],
		.protocol = (int)call->values[2] };
	int fd;

	what.type = pretend_type(call->values[1], &what.flags);
	if (call->name == CALL_SOCKETPAIR)
		return pretend_pair(call, (int *)call->values[3], &what);
	fd = pretend_descriptor(&what);
	return fd >= 0 ? pretend_answer(call, fd) : pretend_fail(call, errno);
}

/* Whoever connects, or sends a packet, to a socket of that family. */
static socklen_t pretend_somebody(int family, struct sockaddr_storage *address)
{
	struct sockaddr_in *ip4 = (void *)address;
	struct sockaddr_in6 *ip6 = (void *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		ip4->sin_port = htons(PRETEND_PORT);
		inet_pton(AF_INET, PRETEND_IP4, &ip4->sin_addr);
		return sizeof(*ip4);
	}
	if (family == AF_INET6) {
		ip6->sin6_port = htons(PRETEND_PORT);
		inet_pton(AF_INET6, PRETEND_IP6, &ip6->sin6_addr);
		return sizeof(*ip6);
	}
	return sizeof(address->ss_family);
}

/* Hands an address out to whoever has asked for it. */
static void pretend_hand_out(const struct sockaddr_storage *from, socklen_t length, void *to,
	socklen_t *room)
{
	if (to == NULL || room == NULL)
		return;
	memcpy(to, from, length < *room ? length : *room);
	*room = length;
}

bool pretend_accept(struct call *call)
{
	const struct pretended *listener = pretend_find(call->values[0]);
	struct pretended what = { .mode = S_IFSOCK | 0777,
		.family = AF_INET,
		.type = SOCK_STREAM,
		.flags = O_RDWR | O_NONBLOCK };
	int fd;

	if (listener != NULL) {
		what = *listener;
		what.listening = false;
	}
	what.peer_length = pretend_somebody(what.family, &what.peer);
	fd = pretend_descriptor(&what);
	if (fd < 0)
		return pretend_fail(call, errno);
	pretend_hand_out(&what.peer, what.peer_length, (void *)call->values[1],
		(void *)call->values[2]);
	return pretend_answer(call, fd);
}

/* Takes the address over; the name of a UNIX socket is an entry of the file system. */
bool pretend_bind(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	const struct sockaddr_un *local = (const void *)call->values[1];
	size_t length = (size_t)call->values[2];
	char path[sizeof(local->sun_path) + 1] = "";

	if (local->sun_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)) {
		memcpy(path, local->sun_path, length - offsetof(struct sockaddr_un, sun_path));
		if (path[0] != '\0' && pretend_exists(path))
			return pretend_fail(call, EADDRINUSE);
		if (path[0] != '\0')
			pretend_note_path(path, S_IFSOCK | 0777);
	}
	if (record != NULL) {
		memcpy(&record->local, local, length);
		record->local_length = (socklen_t)length;
	}
	return pretend_answer(call, 0);
}

bool pretend_connect(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	const struct sockaddr *peer = (const void *)call->values[1];

	if (record == NULL)
		return pretend_answer(call, 0);
	memcpy(&record->peer, peer, (size_t)call->values[2]);
	record->peer_length = (socklen_t)call->values[2];
	if (record->type == SOCK_STREAM && record->family != AF_UNIX &&
		(record->flags & O_NONBLOCK))
		return pretend_fail(call, EINPROGRESS);
	return pretend_answer(call, 0);
}

/* Our own address, or that of the other end. */
bool pretend_name(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	bool own = call->name == CALL_GETSOCKNAME;

	if (record == NULL)
		return false;
	if (!S_ISSOCK(record->mode))
		return pretend_fail(call, ENOTSOCK);
	if (!own && record->peer_length == 0)
		return pretend_fail(call, ENOTCONN);
	if (own && record->local_length == 0) {
		/* nothing said: any address, any port */
		record->local.ss_family = (sa_family_t)record->family;
		record->local_length = record->family == AF_INET ? sizeof(struct sockaddr_in)
			: record->family == AF_INET6		 ? sizeof(struct sockaddr_in6)
								 : sizeof(record->local.ss_family);
	}
	pretend_hand_out(own ? &record->local : &record->peer,
		own ? record->local_length : record->peer_length, (void *)call->values[1],
		(void *)call->values[2]);
	return pretend_answer(call, 0);
}

bool pretend_getsockopt(struct call *call)
{
	const struct pretended *record = pretend_find(call->values[0]);
	socklen_t *length = (void *)call->values[4];
	int value = 0;

	if (record == NULL)
		return false;
	if (!S_ISSOCK(record->mode))
		return pretend_fail(call, ENOTSOCK);
	if (call->values[1] == SOL_SOCKET && call->values[2] == SO_TYPE)
		value = record->type;
	else if (call->values[1] == SOL_SOCKET && call->values[2] == SO_ACCEPTCONN)
		value = record->listening;
#ifdef SO_PROTOCOL
	else if (call->values[1] == SOL_SOCKET && call->values[2] == SO_PROTOCOL)
		value = record->protocol;
#endif
	memset((void *)call->values[3], 0, *length);
	if (*length == sizeof(value))
		memcpy((void *)call->values[3], &value, sizeof(value));
	else
		*length = 0;
	return pretend_answer(call, 0);
}

/* Everything that is waited for has come, but for signals, and for what was there before us. */
bool pretend_poll(struct call *call)
{
	struct pollfd *slots = (void *)call->values[0];
	intptr_t ready = 0;

	for (size_t i = 0; i < (size_t)call->values[1]; i++) {
		const struct pretended *record = pretend_find(slots[i].fd);

		slots[i].revents = 0;
		if (record == NULL || record->silent)
			continue;
		slots[i].revents = slots[i].events;
		ready += slots[i].revents != 0;
	}
	return pretend_answer(call, ready);
}

/* A packet of somebody comes once on each socket. */
bool pretend_recvmsg(struct call *call)
{
	static const char data[] = "...";
	struct pretended *record = pretend_find(call->values[0]);
	struct msghdr *message = (void *)call->values[1];
	struct sockaddr_storage from;
	socklen_t length;

	if (record == NULL || record->heard || record->peer_length > 0)
		return pretend_fail(call, EAGAIN);
	record->heard = true;
	length = pretend_somebody(record->family, &from);
	pretend_hand_out(&from, length, message->msg_name, &message->msg_namelen);
	memcpy(message->msg_iov[0].iov_base, data, sizeof(data) - 1);
	message->msg_controllen = 0;
	message->msg_flags = 0;
	return pretend_answer(call, sizeof(data) - 1);
}

bool pretend_listen(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);

	if (record != NULL)
		record->listening = true;
	return pretend_answer(call, 0);
}
