/* A program at a pseudo terminal sees the size of our terminal, also when that changes. */
#ifndef SESSION_WINDOW_H
#define SESSION_WINDOW_H

#include "session/open.h"
#include "session/plan.h"

void window_follow(const struct plan *plan, const struct opened sides[2]);

#endif
