/* A terminal that is only written to, because what is typed comes from somewhere else. */
#ifndef CHAT_PLAIN_H
#define CHAT_PLAIN_H

#include "io/stream.h"

struct stream *plain_open(void);

#endif
