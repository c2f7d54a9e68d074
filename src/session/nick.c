#include "session/nick.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/text.h"

/* Whether a character may stand in a name: it can be seen, and imitates no line of the hub. */
static bool nick_allows(const unsigned char *p, size_t size, uint32_t code)
{
	return size > 0 && escape_is_visible(code) && (size > 1 || strchr(" <>\t", *p) == NULL);
}

/* Whether the name can be taken: NULL, or the reason why not. */
const char *nick_check(const char *name, size_t length)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t characters = 0;

	if (length == 0)
		return "a name is missing: /nick NAME";
	if (name[0] == '*' || name[0] == '/')
		return "a name cannot begin with * or /";
	for (size_t at = 0; at < length; characters++) {
		uint32_t code;
		size_t size = escape_decode(p + at, length - at, &code);

		if (!nick_allows(p + at, size, code))
			return "a name has letters that can be seen, and no blanks, < or >";
		at += size;
	}
	return characters <= NICK_MOST ? NULL : "a name has at most 32 characters";
}

/* The nearest thing to a text that can be a name of at most so many characters. Owned by the caller. */
static char *nick_shaped(const char *name, size_t most)
{
	struct text out = TEXT_EMPTY;
	const unsigned char *p = (const unsigned char *)name;
	size_t length = strlen(name), characters = 0;

	for (size_t at = 0; at < length && characters < most;) {
		uint32_t code;
		size_t size = escape_decode(p + at, length - at, &code);

		if (nick_allows(p + at, size, code) &&
			(out.length > 0 || (p[at] != '*' && p[at] != '/'))) {
			text_add(&out, p + at, size);
			characters++;
		}
		at += size > 0 ? size : 1;
	}
	return out.length > 0 ? text_take(&out) : memory_string("somebody");
}

/* The nearest thing to a text that can be a name. Owned by the caller. */
char *nick_clean(const char *name)
{
	return nick_shaped(name, NICK_MOST);
}

/* The same with a number behind it, for when the name is taken. Owned by the caller. */
char *nick_numbered(const char *name, int number)
{
	char suffix[16];
	char *clean, *result;

	snprintf(suffix, sizeof(suffix), "-%d", number);
	clean = nick_shaped(name, NICK_MOST - strlen(suffix));
	result = memory_print("%s%s", clean, suffix);
	free(clean);
	return result;
}

/* Whether two names are the same for a reader, who may overlook the case of a letter. */
bool nick_same(const char *a, const char *b)
{
	return text_same_word(a, b);
}
