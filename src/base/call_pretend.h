/* What the pretended calls (call_pretend*.c) know of each other. Nobody else includes this. */
#ifndef BASE_CALL_PRETEND_H
#define BASE_CALL_PRETEND_H

#include "base/call_inside.h"

/* The name of a pseudo terminal, whose number nobody knows before. */
#define PRETEND_TERMINAL "/dev/pts/N"

/* What stands behind a descriptor. */
struct pretended {
	bool open;
	mode_t mode; /* S_IFSOCK, S_IFIFO ... */
	int family, type, protocol;
	int flags; /* as F_GETFL tells them */
	bool terminal;
	bool listening;
	bool silent; /* nothing ever comes: the pipe of the signals */
	bool heard;  /* a packet has come already */
	struct sockaddr_storage local, peer;
	socklen_t local_length, peer_length;
	struct termios *settings; /* of a terminal that was changed */
};

/* call_pretend.c */
struct pretended *pretend_record(intptr_t fd);
struct pretended *pretend_find(intptr_t fd);
bool pretend_answer(struct call *call, intptr_t result);
bool pretend_fail(struct call *call, int number);
int pretend_descriptor(const struct pretended *what);
bool pretend_pair(struct call *call, int ends[2], const struct pretended *what);

/* call_pretend_socket.c */
bool pretend_socket(struct call *call);
bool pretend_accept(struct call *call);
bool pretend_bind(struct call *call);
bool pretend_connect(struct call *call);
bool pretend_name(struct call *call);
bool pretend_getsockopt(struct call *call);
bool pretend_poll(struct call *call);
bool pretend_recvmsg(struct call *call);
bool pretend_listen(struct call *call);

/* call_pretend_name.c */
bool pretend_getaddrinfo(struct call *call);

/* call_pretend_file.c */
void pretend_note_path(const char *path, mode_t mode);
bool pretend_exists(const char *path);
bool pretend_open(struct call *call);
bool pretend_terminal(struct call *call);
bool pretend_entry(struct call *call);
bool pretend_posix_openpt(struct call *call);

#endif
