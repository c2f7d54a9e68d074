/*
 * Libraries that are loaded when somebody needs them and not before: linking them would cost every other command the
 * time to load them.
 */
#ifndef BASE_DYNAMIC_H
#define BASE_DYNAMIC_H

#include <stddef.h>

/* A place for a function or variable of a library, and what it is called there. */
struct dynamic_symbol {
	const char *name;
	void **place;
};

/* A row for a member of a struct that is called like the symbol it is for. */
#define DYNAMIC_SYMBOL(object, member) \
	{ \
#member, (void **)(void *)&(object).member \
	}

void *dynamic_open(const char *const *names);
const char *dynamic_find(void *library, const struct dynamic_symbol *symbols, size_t count);

#endif
