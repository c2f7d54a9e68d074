/*
 * Untrusted bytes on their way to a terminal. Printable text in UTF-8 passes, everything that a terminal could
 * take for a command (control bytes, C1 controls, bidirectional overrides, bytes that are no UTF-8) becomes
 * a visible escape.
 */
#include "base/escape.h"

#include <string.h>
#include <wchar.h>

#include "base/intl.h"

/* How many bytes a character has that begins with this one; 0 if none does. */
static size_t escape_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first >= 0xf5)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Decodes one UTF-8 character; returns its length, 0 if the bytes are no character. */
size_t escape_decode(const unsigned char *p, size_t length, uint32_t *code)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t size = escape_length(p[0]);

	if (size == 0 || size > length)
		return 0;
	*code = size == 1 ? p[0] : p[0] & (0xffu >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < lowest[size] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return size;
}

/* Whether a terminal shows this character and does nothing else with it. */
static int escape_harmless(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return 0;
	if (code == 0x200e || code == 0x200f || code == 0x061c)
		return 0;
	return !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

/* Whether a character can be seen, and not only not do harm: names are made of these. */
bool escape_is_visible(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} unseen[] = { { 0xa0, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x115f, 0x1160 },
		{ 0x1680, 0x1680 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200d },
		{ 0x202f, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
		{ 0xf0000, 0x10ffff } };

	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
		if (code >= unseen[i].first && code <= unseen[i].last)
			return false;
	}
	return escape_harmless(code) && (code & 0xfffe) != 0xfffe;
}

/* How many bytes at p the user's terminal shows as a character and does nothing else with; 0 if it doesn't. */
static size_t escape_shown(const unsigned char *p, size_t length, bool byte_letters)
{
	uint32_t code;
	size_t size;

	if (byte_letters)
		return (*p >= ' ' && *p < 0x7f) || *p >= 0xa0 ? 1 : 0;
	size = escape_decode(p, length, &code);
	return size > 0 && escape_harmless(code) ? size : 0;
}

/*
 * Appends data in a form that no terminal obeys: \n, \t and the like by name, others as \xHH. Letters are in UTF-8
 * unless the locale has a byte for each.
 */
void escape_terminal(struct text *out, const char *data, size_t length)
{
	static const char names[] = "abtnvfr";
	const unsigned char *p = (const unsigned char *)data;
	bool byte_letters = intl_has_byte_letters();

	while (length > 0) {
		size_t size = escape_shown(p, length, byte_letters);

		if (size > 0) {
			text_add(out, p, size);
		} else if (*p >= '\a' && *p <= '\r') {
			text_add_char(out, '\\');
			text_add_char(out, names[*p - '\a']);
			size = 1;
		} else {
			uint32_t code;

			size = byte_letters ? 1 : escape_decode(p, length, &code);
			size = size > 0 ? size : 1;
			for (size_t i = 0; i < size; i++)
				text_print(out, "\\x%02x", p[i]);
		}
		p += size;
		length -= size;
	}
}

/*
 * How many columns text in UTF-8 takes: two for a wide character, none for an accent of its own, one where
 * the locale doesn't know. A character that is cut off counts once.
 */
size_t escape_columns(const char *data, size_t length)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t columns = 0;

	if (intl_has_byte_letters())
		return length;
	while (length > 0) {
		uint32_t code;
		size_t size = escape_decode(p, length, &code);
		int width = size > 0 ? wcwidth((wchar_t)code) : (p[0] & 0xc0) != 0x80;

		columns += width >= 0 ? (size_t)width : 1;
		p += size > 0 ? size : 1;
		length -= size > 0 ? size : 1;
	}
	return columns;
}

/* Appends data as -v shows it: ASCII, tab and newline as they are, C escapes, and a dot for the rest. */
void escape_dump(struct text *out, const unsigned char *data, size_t length)
{
	static const char names[] = "abtnvfr";

	for (size_t i = 0; i < length; i++) {
		unsigned char c = data[i];

		if (c == '\\') {
			text_add_string(out, "\\\\");
		} else if (c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f)) {
			text_add_char(out, (char)c);
		} else if (c >= '\a' && c <= '\r') {
			text_add_char(out, '\\');
			text_add_char(out, names[c - '\a']);
		} else {
			text_add_char(out, '.');
		}
	}
}
