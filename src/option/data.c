/*
 * Bytes written as text, for option values and socket addresses that only the kernel understands.
 * The text is a row of items, each of which adds bytes:
 *
 *	x0102ff		the bytes that pairs of hexadecimal digits name; none is allowed too
 *	i-5 I5		an int, an unsigned int in host byte order; likewise l L s S b B
 *	"text\n"	characters, with escapes
 *	'c'		one character, with escapes
 *
 * Blanks may stand between items and behind a type letter. The letter holds on until another item
 * states its own, so that "x01 02" is two bytes and "b1 2" as well; the text starts out as if an
 * "i" stood there. Behind quotes there is no type to hold on to, and a bare number is an error.
 *
 * Numbers are decimal only: an "x" opens an item, so "0x10" is an int 0 and a byte 16, as socat has
 * it. For the same reason a "b" behind a blank is the type letter even where "x01" went before;
 * "x01 b2" is the bytes 1 and 2. Numbers that don't fit their type are refused rather than cut off.
 */
#include "option/data.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* An integer type: its letter, its size, and the bounds of what may be written. */
struct data_type {
	char letter;
	unsigned char size;
	long low;
	unsigned long high;
};

static const struct data_type data_types[] = {
	{ 'i', sizeof(int), INT_MIN, INT_MAX },
	{ 'I', sizeof(int), 0, UINT_MAX },
	{ 'l', sizeof(long), LONG_MIN, LONG_MAX },
	{ 'L', sizeof(long), 0, ULONG_MAX },
	{ 's', sizeof(short), SHRT_MIN, SHRT_MAX },
	{ 'S', sizeof(short), 0, USHRT_MAX },
	{ 'b', 1, SCHAR_MIN, SCHAR_MAX },
	{ 'B', 1, 0, UCHAR_MAX },
};

/* Where the parser stands in the text, and what it has made of it. */
struct data_parser {
	const char *text;
	size_t length;
	size_t at;
	unsigned char *out;
	size_t used;
	size_t room;
	const char *reason;
};

/* Notes why the text is refused and where, and returns -1. */
static int data_refuse(struct data_parser *p, size_t at, const char *reason)
{
	p->at = at;
	p->reason = reason;
	return -1;
}

/*
 * Appends bytes (at most eight), so that there is a buffer even for none; -1 when memory ran out.
 */
static int data_add(struct data_parser *p, const void *bytes, size_t count)
{
	if (p->out == NULL || count > p->room - p->used) {
		size_t room = p->room < 32 ? 64 : 2 * p->room;
		unsigned char *out = room > p->room ? realloc(p->out, room) : NULL;

		if (out == NULL)
			return data_refuse(p, p->at, "out of memory");
		p->out = out;
		p->room = room;
	}
	memcpy(p->out + p->used, bytes, count);
	p->used += count;
	return 0;
}

/* The character at the parser, as an unsigned char, or -1 at the end of the text. */
static int data_peek(const struct data_parser *p)
{
	return p->at < p->length ? (unsigned char)p->text[p->at] : -1;
}

/* Steps over blanks. */
static void data_skip_blanks(struct data_parser *p)
{
	int c = data_peek(p);

	while (c == ' ' || (c >= '\t' && c <= '\r')) {
		p->at++;
		c = data_peek(p);
	}
}

/* The integer type that a letter stands for, or NULL. */
static const struct data_type *data_find_type(int letter)
{
	for (size_t i = 0; i < sizeof(data_types) / sizeof(data_types[0]); i++) {
		if (data_types[i].letter == letter)
			return &data_types[i];
	}
	return NULL;
}

/* The value of a hexadecimal digit, or -1. */
static int data_hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads pairs of hexadecimal digits up to the first other character. */
static int data_read_hex(struct data_parser *p)
{
	int high;

	while ((high = data_hex_digit(data_peek(p))) >= 0) {
		size_t start = p->at++;
		int low = data_hex_digit(data_peek(p));
		unsigned char byte;

		if (low < 0)
			return data_refuse(p, start, "hexadecimal digits come in pairs");
		p->at++;
		byte = (unsigned char)(high << 4 | low);
		if (data_add(p, &byte, 1) < 0)
			return -1;
	}
	return 0;
}

/* Appends a number, given by sign and magnitude, in the size of its type. */
static int data_add_number(struct data_parser *p, const struct data_type *type, bool minus,
	unsigned long magnitude)
{
	unsigned long value = minus ? 0 - magnitude : magnitude;
	unsigned int as_int = (unsigned int)value;
	unsigned short as_short = (unsigned short)value;
	unsigned char as_byte = (unsigned char)value;

	if (type->size == sizeof(as_byte))
		return data_add(p, &as_byte, sizeof(as_byte));
	if (type->size == sizeof(as_short))
		return data_add(p, &as_short, sizeof(as_short));
	if (type->size == sizeof(as_int))
		return data_add(p, &as_int, sizeof(as_int));
	return data_add(p, &value, sizeof(value));
}

/* Reads a decimal number with an optional sign. */
static int data_read_number(struct data_parser *p, const struct data_type *type)
{
	size_t start = p->at;
	bool minus = data_peek(p) == '-';
	unsigned long limit = minus ? 0 - (unsigned long)type->low : type->high;
	unsigned long magnitude = 0;
	int c;

	if (minus || data_peek(p) == '+')
		p->at++;
	c = data_peek(p);
	if (c < '0' || c > '9')
		return data_refuse(p, p->at, "a number is missing here");
	for (; c >= '0' && c <= '9'; c = data_peek(p)) {
		unsigned long digit = (unsigned long)(c - '0');

		if (magnitude > limit / 10 || digit > limit - 10 * magnitude)
			return data_refuse(p, start, "the number does not fit its type");
		magnitude = 10 * magnitude + digit;
		p->at++;
	}
	return data_add_number(p, type, minus, magnitude);
}

/*
 * Reads the character behind a backslash; those without a meaning of their own stand for
 * themselves.
 */
static unsigned char data_unescape(unsigned char c)
{
	static const char letters[] = "ntrfbaev0";
	static const char meanings[] = "\n\t\r\f\b\a\033\v";
	const char *found = c == '\0' ? NULL : strchr(letters, c);

	return found != NULL ? (unsigned char)meanings[found - letters] : c;
}

/*
 * Reads quoted characters, the parser standing on the opening quote. Single quotes hold exactly
 * one.
 */
static int data_read_quoted(struct data_parser *p)
{
	size_t start = p->at;
	int quote = data_peek(p);
	size_t count = 0;

	p->at++;
	for (int c; (c = data_peek(p)) != quote; count++) {
		unsigned char byte = (unsigned char)c;

		if (c == '\\') {
			p->at++;
			c = data_peek(p);
			byte = data_unescape((unsigned char)c);
		}
		if (c < 0)
			return data_refuse(p, start, "the closing quote is missing");
		p->at++;
		if (data_add(p, &byte, 1) < 0)
			return -1;
	}
	if (quote == '\'' && count != 1)
		return data_refuse(p, start, "single quotes hold exactly one character");
	p->at++;
	return 0;
}

/* Reads all items, remembering the type that holds for digits without a letter. */
static int data_read_items(struct data_parser *p)
{
	const struct data_type *type = &data_types[0];
	bool hex = false;

	for (data_skip_blanks(p); p->at < p->length; data_skip_blanks(p)) {
		int c = data_peek(p);
		int result;

		if (c == '"' || c == '\'') {
			type = NULL;
			hex = false;
			result = data_read_quoted(p);
		} else if (c == 'x' || c == 'X') {
			hex = true;
			p->at++;
			result = data_read_hex(p);
		} else if (data_find_type(c) != NULL) {
			type = data_find_type(c);
			hex = false;
			p->at++;
			data_skip_blanks(p);
			result = data_read_number(p, type);
		} else if (hex && data_hex_digit(c) >= 0) {
			result = data_read_hex(p);
		} else if (hex || ((c < '0' || c > '9') && c != '-' && c != '+')) {
			return data_refuse(p, p->at, "this starts no data item");
		} else if (type == NULL) {
			return data_refuse(p, p->at, "a number behind quotes needs a type letter");
		} else {
			result = data_read_number(p, type);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

/*
 * Turns the notation above into bytes. On success *out is a new buffer that the caller frees, never
 * NULL even when it holds nothing. On failure returns -1, *bad_at is the offset in the text that is
 * to blame, *reason a constant string, and *out is NULL.
 */
int data_parse(const char *text, size_t length, unsigned char **out, size_t *out_length,
	size_t *bad_at, const char **reason)
{
	struct data_parser p = { .text = text, .length = length };

	*out = NULL;
	*out_length = 0;
	if (data_add(&p, "", 0) < 0 || data_read_items(&p) < 0) {
		free(p.out);
		*bad_at = p.at;
		*reason = p.reason;
		return -1;
	}
	*out = p.out;
	*out_length = p.used;
	return 0;
}
