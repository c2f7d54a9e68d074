#include "session/children.h"

#include <signal.h>
#include <stdlib.h>

#include "base/call.h"
#include "base/memory.h"

/* Notes a child that has just been forked. */
void children_add(struct children *children, pid_t pid)
{
	children->list = memory_grow(children->list, &children->room, children->count + 1,
		sizeof(*children->list));
	children->list[children->count++] = pid;
}

/* Forgets a child that has ended. Returns whether it was one of them. */
bool children_remove(struct children *children, pid_t pid)
{
	for (size_t i = 0; i < children->count; i++) {
		if (children->list[i] != pid)
			continue;
		children->list[i] = children->list[--children->count];
		return true;
	}
	return false;
}

/* Sends all of them a signal. */
void children_signal(const struct children *children, int number)
{
	for (size_t i = 0; i < children->count; i++)
		call_kill(children->list[i], number);
}

/* Forgets all of them; they run on. */
void children_free(struct children *children)
{
	free(children->list);
	*children = (struct children){ 0 };
}
