/* Names of people: what one may be called. */
#ifndef SESSION_NICK_H
#define SESSION_NICK_H

#include <stdbool.h>
#include <stddef.h>

#define NICK_MOST 32 /* characters */

const char *nick_check(const char *name, size_t length);
char *nick_clean(const char *name);
char *nick_numbered(const char *name, int number);
bool nick_same(const char *a, const char *b);

#endif
