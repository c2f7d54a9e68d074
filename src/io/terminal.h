/* Terminals that we have found in some state and leave in that state. */
#ifndef IO_TERMINAL_H
#define IO_TERMINAL_H

#include <stdbool.h>

struct terminal;

void terminal_keep(struct terminal **list, int fd);
void terminal_move(struct terminal **from, struct terminal **to);
void terminal_restore(struct terminal **list);
void terminal_forget(struct terminal **list);
bool terminal_copy_size(int from, int to);

#endif
