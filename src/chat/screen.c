#include "chat/screen.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

/* Whether the terminal's letters are single bytes beyond ASCII, such as those of Latin-1. */
static bool screen_has_byte_letters(void)
{
	return MB_CUR_MAX == 1 && strncmp(nl_langinfo(CODESET), "ISO-8859", 8) == 0;
}

/* Appends letters that are single bytes; what is no letter becomes an escape. */
static void screen_safe_bytes(struct text *out, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c >= 0xa0)
			text_add_char(out, data[i]);
		else
			escape_terminal(out, data + i, 1);
	}
}

/* Appends one line of text so that the terminal shows it and obeys nothing in it; a tab stays one. */
void screen_safe(struct text *out, const char *data, size_t length)
{
	bool bytes = screen_has_byte_letters();

	while (length > 0) {
		const char *tab = memchr(data, '\t', length);
		size_t piece = tab != NULL ? (size_t)(tab - data) : length;

		if (bytes)
			screen_safe_bytes(out, data, piece);
		else
			escape_terminal(out, data, piece);
		if (tab == NULL)
			break;
		text_add_char(out, '\t');
		data += piece + 1;
		length -= piece + 1;
	}
}

/* How long the name is that a line <name> begins with, brackets included; 0 if it has none. */
size_t screen_name(const char *line, size_t length)
{
	const char *end = length > 2 && line[0] == '<' ? memchr(line, '>', length) : NULL;

	return end != NULL && end > line + 1 && memchr(line, ' ', (size_t)(end - line)) == NULL
		? (size_t)(end - line) + 1
		: 0;
}

/* Appends a safe line, with the name in front of it in a colour that is always the same for that name. */
void screen_colored(struct text *out, const char *line, size_t length)
{
	size_t name = screen_name(line, length);
	unsigned sum = 0;

	for (size_t i = 0; i < name; i++)
		sum = sum * 31 + (unsigned char)line[i];
	if (name > 0)
		text_print(out, "\033[1;3%um", 1 + sum % 6);
	else if (length > 0 && line[0] == '*')
		text_add_string(out, "\033[2m");
	text_add(out, line, name > 0 ? name : length);
	if (name > 0 || (length > 0 && line[0] == '*'))
		text_add_string(out, "\033[0m");
	if (name > 0)
		text_add(out, line + name, length - name);
}

/* Whether to use colours: if wanted, or where that isn't said, if the terminal has them and nobody objects. */
bool screen_has_colors(int wanted)
{
	const char *terminal = getenv("TERM"), *objection = getenv("NO_COLOR");

	if (wanted >= 0)
		return wanted > 0;
	return isatty(STDOUT_FILENO) && (objection == NULL || objection[0] == '\0') &&
		terminal != NULL && strcmp(terminal, "dumb") != 0;
}
