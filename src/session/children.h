/* The children that serve connections. */
#ifndef SESSION_CHILDREN_H
#define SESSION_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct children {
	pid_t *list;
	size_t count, room;
};

void children_add(struct children *children, pid_t pid);
bool children_remove(struct children *children, pid_t pid);
void children_signal(const struct children *children, int number);
void children_free(struct children *children);

#endif
