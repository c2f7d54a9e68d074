#include "chat/library.h"

#include <stdbool.h>
#include <unistd.h>

#include "base/dynamic.h"
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

/* Loads the library once. Returns NULL with the error filled if it isn't there or lacks something. */
const struct library *library_load(struct error *error)
{
	static struct library library;
	static bool loaded;
#define LIBRARY_SYMBOL(name) DYNAMIC_SYMBOL(library, name),
	const struct dynamic_symbol symbols[] = { LIBRARY_FUNCTIONS(LIBRARY_SYMBOL)
			LIBRARY_SYSTEM(LIBRARY_SYMBOL) LIBRARY_VARIABLES(LIBRARY_SYMBOL) };
	const char *missing;
	void *handle;

	if (loaded)
		return &library;
	handle = dynamic_open(library_names);
	if (handle == NULL) {
		error_failed(error, _("the line editor needs GNU readline: %s cannot be loaded"),
			library_names[0]);
		return NULL;
	}
	missing = dynamic_find(handle, symbols, sizeof(symbols) / sizeof(*symbols));
	if (missing != NULL) {
		error_failed(error, _("this GNU readline is too old: it has no %s"), missing);
		return NULL;
	}
	loaded = true;
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
