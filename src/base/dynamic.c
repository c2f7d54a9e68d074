#include "base/dynamic.h"

#include <dlfcn.h>

/* Loads a library under the first of its names that is there; NULL if none is. */
void *dynamic_open(const char *const *names)
{
	void *library = NULL;

	for (; library == NULL && *names != NULL; names++)
		library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
	return library;
}

/* Finds all symbols, also in what the library depends on. Returns NULL, or the first that it lacks. */
const char *dynamic_find(void *library, const struct dynamic_symbol *symbols, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		*symbols[i].place = dlsym(library, symbols[i].name);
		if (*symbols[i].place == NULL)
			return symbols[i].name;
	}
	return NULL;
}
