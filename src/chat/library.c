#include "chat/library.h"

#include <dlfcn.h>
#include <unistd.h>

#include "base/intl.h"

#define LIBRARY_STRING(text) #text
#define LIBRARY_NAME_OF(major) "libreadline.so." LIBRARY_STRING(major)

/* What the library was called when we were built, and what it is called elsewhere. */
static const char *const library_names[] = {
	LIBRARY_NAME_OF(RL_VERSION_MAJOR),
	"libreadline.so",
	"libreadline.dylib",
	NULL,
};

/* A place in the struct, and what is to be found for it. */
struct library_symbol {
	const char *name;
	void **place;
};

/* Loads the library once. Returns NULL with the error filled if it isn't there or lacks something. */
const struct library *library_load(struct error *error)
{
	static struct library library;
	static void *handle;
#define LIBRARY_SYMBOL(name) { #name, (void **)(void *)&library.name },
	const struct library_symbol symbols[] = { LIBRARY_FUNCTIONS(LIBRARY_SYMBOL)
			LIBRARY_SYSTEM(LIBRARY_SYMBOL) LIBRARY_VARIABLES(LIBRARY_SYMBOL) };

	if (handle != NULL)
		return &library;
	for (size_t i = 0; handle == NULL && library_names[i] != NULL; i++)
		handle = dlopen(library_names[i], RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		error_failed(error, _("the line editor needs GNU readline: %s cannot be loaded"),
			library_names[0]);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		*symbols[i].place = dlsym(handle, symbols[i].name);
		if (*symbols[i].place != NULL)
			continue;
		error_failed(error, _("this GNU readline is too old: it has no %s"),
			symbols[i].name);
		handle = NULL;
		return NULL;
	}
	return &library;
}

/* What a user's own settings must not change: nothing here may ask back, and no byte may get lost. */
void library_insist(const struct library *library)
{
	library->rl_variable_bind("completion-query-items", "-1");
	library->rl_variable_bind("page-completions", "off");
	library->rl_variable_bind("input-meta", "on");
	library->rl_variable_bind("convert-meta", "off");
	/* it rings at stderr, whatever that is */
	if (!isatty(STDERR_FILENO))
		library->rl_variable_bind("bell-style", "none");
}
