#include "base/exports.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

struct export
{
	char *name;
	char *value;
};

/* Adds a variable; the name comes without its prefix. */
void exports_add(struct exports *exports, const char *name, const char *value)
{
	exports->list = memory_grow(exports->list, &exports->room, exports->count + 1,
		sizeof(*exports->list));
	exports->list[exports->count++] = (struct export){ memory_string(name),
		memory_string(value) };
}

/* Adds a variable whose value is printed. */
void exports_print(struct exports *exports, const char *name, const char *format, ...)
{
	struct text text = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_vprint(&text, format, args);
	va_end(args);
	exports_add(exports, name, text.data != NULL ? text.data : "");
	text_free(&text);
}

static void exports_set(const char *prefix, const struct export *export, bool here)
{
	char *name = memory_print("%s_%s", prefix, export->name);

	if (here)
		setenv(name, export->value, 1);
	else
		unsetenv(name);
	free(name);
}

/* What programs behind an ncat look for. */
static const char *exports_ncat_name(const char *name)
{
	static const char *const names[][2] = {
		{ "PEERADDR", "REMOTE_ADDR" },
		{ "PEERPORT", "REMOTE_PORT" },
		{ "SOCKADDR", "LOCAL_ADDR" },
		{ "SOCKPORT", "LOCAL_PORT" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	}
	return name;
}

/*
 * Puts the variables into the environment, or takes them out again: with NETTOOL_ and SOCAT_ in front, and with the program's name in
 * upper case where it is called otherwise.
 */
void exports_publish(const struct exports *exports, const char *program, bool here)
{
	char *prefix = text_upper(program);

	for (size_t i = 0; i < exports->count; i++) {
		exports_set("NETTOOL", &exports->list[i], here);
		exports_set("SOCAT", &exports->list[i], here);
		if (!text_same_word(prefix, "NETTOOL") && !text_same_word(prefix, "SOCAT"))
			exports_set(prefix, &exports->list[i], here);
		if (text_same_word(prefix, "NCAT"))
			exports_set(prefix,
				&(struct export){ (char *)exports_ncat_name(exports->list[i].name),
					exports->list[i].value },
				here);
	}
	free(prefix);
}

/* Takes variables whose names begin so out of the environment, which somebody else may have put there. */
static void exports_forget_prefix(const char *prefix, const char *start)
{
	char *begin = memory_print("%s_%s", prefix, start);
	char **variable = environ;

	while (*variable != NULL) {
		if (strncmp(*variable, begin, strlen(begin)) == 0) {
			char *name = memory_copy(*variable, strcspn(*variable, "="));

			unsetenv(name);
			free(name);
			variable = environ;
		} else {
			variable++;
		}
	}
	free(begin);
}

/* Nobody shall take what was there before for what we tell: variables of ours whose names begin so are gone. */
void exports_forget(const char *program, const char *start)
{
	char *prefix = text_upper(program);

	exports_forget_prefix("NETTOOL", start);
	exports_forget_prefix("SOCAT", start);
	exports_forget_prefix(prefix, start);
	free(prefix);
}

/* Frees the collection. */
void exports_free(struct exports *exports)
{
	for (size_t i = 0; i < exports->count; i++) {
		free(exports->list[i].name);
		free(exports->list[i].value);
	}
	free(exports->list);
	*exports = (struct exports){ 0 };
}
