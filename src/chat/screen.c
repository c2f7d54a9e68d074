#include "chat/screen.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/intl.h"

/* What a byte beyond ASCII is. */
enum screen_letters {
	SCREEN_ASCII, /* nothing that we know */
	SCREEN_BYTES, /* a letter of its own, as in Latin-1 */
	SCREEN_UTF8,  /* a part of one */
};

/* The letters of the locale. */
static enum screen_letters screen_letters(void)
{
	if (intl_has_byte_letters())
		return SCREEN_BYTES;
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return SCREEN_UTF8;
	return SCREEN_ASCII;
}

/* Whether letters are in UTF-8 here. */
bool screen_is_utf8(void)
{
	return screen_letters() == SCREEN_UTF8;
}

/* Appends letters that are single bytes; what is none becomes an escape. */
static void screen_safe_bytes(struct text *out, const char *data, size_t length,
	enum screen_letters letters)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c >= 0xa0 && letters == SCREEN_BYTES)
			text_add_char(out, data[i]);
		else
			escape_terminal(out, data + i, 1);
	}
}

/* Appends one line of text so that a terminal shows it and obeys nothing in it; a tab stays one. */
static void screen_add(struct text *out, const char *data, size_t length,
	enum screen_letters letters)
{
	while (length > 0) {
		const char *tab = memchr(data, '\t', length);
		size_t piece = tab != NULL ? (size_t)(tab - data) : length;

		if (letters == SCREEN_UTF8)
			escape_terminal(out, data, piece);
		else
			screen_safe_bytes(out, data, piece, letters);
		if (tab == NULL)
			break;
		text_add_char(out, '\t');
		data += piece + 1;
		length -= piece + 1;
	}
}

/* Appends one line of text so that our terminal shows it and obeys nothing in it; a tab stays one. */
void screen_safe(struct text *out, const char *data, size_t length)
{
	screen_add(out, data, length, screen_letters());
}

/* The same for a file that somebody will look at later, perhaps in another locale. */
void screen_record(struct text *out, const char *data, size_t length)
{
	enum screen_letters letters = screen_letters();

	screen_add(out, data, length, letters == SCREEN_ASCII ? SCREEN_UTF8 : letters);
}

/* How long the first character of a safe line is. */
static size_t screen_step(const char *data, size_t length, enum screen_letters letters)
{
	size_t size = 1;

	while (letters == SCREEN_UTF8 && size < length && (data[size] & 0xc0) == 0x80)
		size++;
	return size;
}

/* Appends as much of the end of a line as has room in so many columns; of a tab that is a blank. */
void screen_tail(struct text *out, const char *data, size_t length, size_t columns)
{
	enum screen_letters letters = screen_letters();
	struct text safe = TEXT_EMPTY;
	size_t most = columns * 8 + 8, start = 0, width = 0;

	/* more than that has no room, with accents of their own and all */
	if (length > most) {
		data += length - most;
		length = most;
		while (letters == SCREEN_UTF8 && length > 0 && (*data & 0xc0) == 0x80) {
			data++;
			length--;
		}
	}
	screen_safe(&safe, data, length);
	for (size_t i = 0; i < safe.length; i++)
		safe.data[i] = safe.data[i] == '\t' ? ' ' : safe.data[i];
	if (safe.length > 0)
		width = letters == SCREEN_UTF8 ? escape_columns(safe.data, safe.length)
					       : safe.length;
	while (width > columns) {
		size_t size = screen_step(safe.data + start, safe.length - start, letters);

		width -= letters == SCREEN_UTF8 ? escape_columns(safe.data + start, size) : 1;
		start += size;
	}
	if (safe.length > start)
		text_add(out, safe.data + start, safe.length - start);
	text_free(&safe);
}

/* Whether a text is shown as it is: no byte of it has to be escaped. */
bool screen_is_plain(const char *data, size_t length)
{
	struct text safe = TEXT_EMPTY;
	bool plain;

	screen_safe(&safe, data, length);
	plain = safe.length == length && (length == 0 || memcmp(safe.data, data, length) == 0);
	text_free(&safe);
	return plain;
}

/* How long the name is that a line <name> begins with, brackets included; 0 if it has none. */
size_t screen_name(const char *line, size_t length)
{
	const char *end = length > 2 && line[0] == '<' ? memchr(line, '>', length) : NULL;

	return end != NULL && end > line + 1 && memchr(line, ' ', (size_t)(end - line)) == NULL
		? (size_t)(end - line) + 1
		: 0;
}

/* Whether a line says what happens, and is not what somebody says. */
static bool screen_is_news(const char *line, size_t length)
{
	size_t own = strlen(SCREEN_OWN);

	return (length > 0 && line[0] == '*') ||
		(length > own && memcmp(line, SCREEN_OWN, own) == 0);
}

/* Appends a safe line, with the name in front of it in a colour that is always the same for that name. */
void screen_colored(struct text *out, const char *line, size_t length)
{
	size_t name = screen_name(line, length), part = name > 0 ? name : length;
	bool news = screen_is_news(line, length);
	unsigned sum = 0;

	for (size_t i = 0; i < name; i++)
		sum = sum * 31 + (unsigned char)line[i];
	if (name > 0)
		text_print(out, "\033[1;3%um", 1 + sum % 6);
	else if (news)
		text_add_string(out, "\033[2m");
	text_add(out, line, part);
	if (name > 0 || news)
		text_add_string(out, "\033[0m");
	text_add(out, line + part, length - part);
}

/* Whether the terminal can do nothing but show text. */
bool screen_is_dumb(void)
{
	const char *terminal = getenv("TERM");

	return terminal == NULL || terminal[0] == '\0' || strcmp(terminal, "dumb") == 0;
}

/* Whether to use colours: if wanted, or where that isn't said, if the terminal has them and nobody objects. */
bool screen_has_colors(int wanted)
{
	const char *objection = getenv("NO_COLOR");

	if (wanted >= 0)
		return wanted > 0;
	return isatty(STDOUT_FILENO) && (objection == NULL || objection[0] == '\0') &&
		!screen_is_dumb();
}
