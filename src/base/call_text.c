/* The simple things of a call in words: constants, flags, data and strings. */
#include <fcntl.h>
#include <string.h>

#include "base/call_inside.h"
#include "base/escape.h"

#define TEXT_BYTES 32 /* of data, as strace does it */

/* Appends the word for a number, or the number. */
void call_text_word(struct text *out, const struct call_word *words, long value)
{
	for (; words->word[0] != '\0'; words++) {
		if (words->value == value) {
			text_add_string(out, words->word);
			return;
		}
	}
	text_print(out, "%ld", value);
}

/* Appends the words of flags behind what stands there already; what has no word is a number. */
void call_text_flags(struct text *out, const struct call_word *words, unsigned long flags,
	const char *between)
{
	for (; words->word[0] != '\0'; words++) {
		unsigned long bits = (unsigned long)words->value;

		if (bits == 0 || (flags & bits) != bits)
			continue;
		text_print(out, "%s%s", between, words->word);
		between = "|";
		flags &= ~bits;
	}
	if (flags != 0)
		text_print(out, "%s%#lx", between, flags);
	else if (between[0] == '\0')
		text_add_char(out, '0');
}

/* Appends bytes between quotes, as C has them. */
void call_text_quoted(struct text *out, const char *p, size_t length)
{
	text_add_char(out, '"');
	while (length > 0) {
		size_t plain = 0;

		while (plain < length && p[plain] != '"' && p[plain] != '\\')
			plain++;
		escape_terminal(out, p, plain);
		if (plain < length) {
			text_add_char(out, '\\');
			text_add_char(out, p[plain++]);
		}
		p += plain;
		length -= plain;
	}
	text_add_char(out, '"');
}

/* Appends data; what is longer than a little is cut. */
void call_text_data(struct text *out, const void *data, size_t length)
{
	call_text_quoted(out, data, length < TEXT_BYTES ? length : TEXT_BYTES);
	if (length > TEXT_BYTES)
		text_add_string(out, "...");
}

void call_text_string(struct text *out, const char *string)
{
	if (string == NULL)
		text_add_string(out, "NULL");
	else
		call_text_quoted(out, string, strlen(string));
}

/* Appends access mode and flags of a file that is opened. */
void call_text_open(struct text *out, unsigned long flags)
{
	unsigned long access = flags & O_ACCMODE;

#if defined(__linux__) && O_LARGEFILE == 0
	flags &=
		~0100000UL; /* the kernel sets O_LARGEFILE, which has no name where all files are */
#endif

	text_add_string(out,
		access == O_WRONLY	   ? "O_WRONLY"
			: access == O_RDWR ? "O_RDWR"
					   : "O_RDONLY");
	if (flags != access)
		call_text_flags(out, call_open_flags, flags & ~(unsigned long)O_ACCMODE, "|");
}

/* Appends the type of a socket with its flags. */
void call_text_type(struct text *out, unsigned long type)
{
	unsigned long flags = 0;

	for (const struct call_word *row = call_type_flags; row->word[0] != '\0'; row++)
		flags |= type & (unsigned long)row->value;
	call_text_word(out, call_types, (long)(type & ~flags));
	if (flags != 0)
		call_text_flags(out, call_type_flags, flags, "|");
}

/* Appends what ioctl is asked for. */
void call_text_request(struct text *out, unsigned long request)
{
	for (const struct call_word *row = call_ioctls; row->word[0] != '\0'; row++) {
		if (row->value == (long)request) {
			text_add_string(out, row->word);
			return;
		}
	}
	text_print(out, "%#lx", request);
}
