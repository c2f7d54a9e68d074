#include "chat/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/room.h"
#include "chat/screen.h"

#define NAMES_MOST 512	  /* that are remembered */
#define NAMES_LONGEST 128 /* in bytes */

/* Completion has no context, and there is one keyboard: so there is one list. */
static struct {
	char *list[NAMES_MOST];
	size_t count;
} names;

/* Remembers a name, unless it is known, or none that can be shown as it is. */
static void names_add(const char *name, size_t length)
{
	if (length == 0 || length > NAMES_LONGEST || names.count == NAMES_MOST ||
		memchr(name, '\t', length) != NULL || !screen_is_plain(name, length))
		return;
	for (size_t i = 0; i < names.count; i++) {
		if (strlen(names.list[i]) == length && memcmp(names.list[i], name, length) == 0)
			return;
	}
	names.list[names.count++] = memory_copy(name, length);
}

/* Remembers the names of a list with commas. */
static void names_add_list(const char *list, size_t length)
{
	while (length > 0) {
		const char *comma = memchr(list, ',', length);
		size_t piece = comma != NULL ? (size_t)(comma - list) : length;

		names_add(list, piece);
		piece += comma != NULL;
		while (piece < length && list[piece] == ' ')
			piece++;
		list += piece;
		length -= piece;
	}
}

/*
 * Whether a line says what a room says with this format, of which there is one %s. Returns that part of the line, its
 * length in *size; NULL if it says something else.
 */
static const char *names_match(const char *line, size_t length, const char *format, size_t *size)
{
	size_t before = strcspn(format, "%"), after;

	if (format[before] == '\0')
		return NULL;
	after = strlen(format + before + 2);
	if (length <= before + after || memcmp(line, format, before) != 0 ||
		memcmp(line + length - after, format + before + 2, after) != 0)
		return NULL;
	*size = length - before - after;
	return line + before;
}

/* Remembers the names that a line tells: of who speaks, who comes, and who is there. */
void names_hear(const char *line, size_t length)
{
	size_t size = screen_name(line, length);
	const char *told;

	if (size > 0) {
		names_add(line + 1, size - 2);
		return;
	}
	if (length < 2 || line[0] != '*')
		return;
	told = names_match(line, length, ROOM_JOINED, &size);
	if (told != NULL && memchr(told, ' ', size) == NULL)
		names_add(told, size);
	told = names_match(line, length, ROOM_HERE, &size);
	if (told != NULL)
		names_add_list(told, size);
}

/* The next name at or behind *position that begins like that, NULL if there is none; *position is moved on. */
const char *names_next(const char *prefix, size_t *position)
{
	size_t length = strlen(prefix);

	while (*position < names.count) {
		const char *name = names.list[(*position)++];

		if (strncasecmp(name, prefix, length) == 0)
			return name;
	}
	return NULL;
}

/* Appends all names. */
void names_list(struct text *out)
{
	for (size_t i = 0; i < names.count; i++) {
		text_add_string(out, i > 0 ? ", " : "");
		text_add_string(out, names.list[i]);
	}
}
