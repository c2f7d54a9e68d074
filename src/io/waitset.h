/*
 * A lasting set of descriptors to wait for, with the events of poll. waitset_epoll.c keeps it in the kernel, so
 * that waiting costs what has happened and not what might; waitset_poll.c does without.
 */
#ifndef IO_WAITSET_H
#define IO_WAITSET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct waitset;

struct waitset *waitset_create(void);
int waitset_set(struct waitset *set, int fd, short events, bool known);
void waitset_unset(struct waitset *set, int fd);
int waitset_wait(struct waitset *set, int timeout, struct pollfd *results, size_t room);
void waitset_free(struct waitset *set);

#endif
