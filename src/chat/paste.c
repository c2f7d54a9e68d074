#include "chat/paste.h"

#include <string.h>

/* Begins a paste. */
void paste_begin(struct paste *paste)
{
	text_clear(&paste->text);
	paste->on = true;
	paste->returned = false;
}

/* Takes one character of it, and looks for the mark of its end. Of CR LF the LF is left out. */
enum paste_step paste_add(struct paste *paste, char c)
{
	static const char mark[] = "\033[201~";
	size_t size = sizeof(mark) - 1;
	struct text *text = &paste->text;
	bool after = paste->returned;

	paste->returned = c == '\r';
	if (c == '\n' && after)
		return PASTE_MORE;
	if (c == '\n' || c == '\r')
		return PASTE_LINE;
	if (c != '\0')
		text_add_char(text, c);
	if (text->length < size || memcmp(text->data + text->length - size, mark, size) != 0)
		return PASTE_MORE;
	text_cut(text, text->length - size);
	paste->on = false;
	return PASTE_DONE;
}
