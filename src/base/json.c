#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/escape.h"

/* Whether a character stands in JSON only as \uXXXX: control characters must, and what turns lines round should. */
static bool json_hides(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
		(code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
		(code >= 0x2066 && code <= 0x2069);
}

/* Appends any bytes as a string in JSON's quotes. What is no UTF-8 becomes the text \xHH. */
void json_string(struct text *out, const char *data, size_t length)
{
	const unsigned char *p = (const unsigned char *)data;

	text_add_char(out, '"');
	while (length > 0) {
		uint32_t code;
		size_t size = escape_decode(p, length, &code);

		if (size == 0) {
			text_print(out, "\\\\x%02x", *p);
			size = 1;
		} else if (json_hides(code)) {
			text_print(out, "\\u%04x", (unsigned)code);
		} else {
			if (code == '"' || code == '\\')
				text_add_char(out, '\\');
			text_add(out, p, size);
		}
		p += size;
		length -= size;
	}
	text_add_char(out, '"');
}
