#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Appends bytes. */
void text_add(struct text *text, const void *data, size_t length)
{
	text->data = memory_grow(text->data, &text->room, text->length + length + 1, 1);
	if (length > 0)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

/* Appends one byte. */
void text_add_char(struct text *text, char c)
{
	text_add(text, &c, 1);
}

/* Appends a string. */
void text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

/* Appends what printf would print. */
void text_print(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprint(text, format, args);
	va_end(args);
}

/* Appends what vprintf would print. */
void text_vprint(struct text *text, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return;
	text->data = memory_grow(text->data, &text->room, text->length + (size_t)length + 1, 1);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, args);
	text->length += (size_t)length;
}

/* Hands the string over to the caller (never NULL) and leaves an empty text. */
char *text_take(struct text *text)
{
	char *data = text->data != NULL ? text->data : memory_string("");

	*text = (struct text)TEXT_EMPTY;
	return data;
}

/* Forgets the content and keeps the room. */
void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

/* Forgets what is behind the first length characters. */
void text_cut(struct text *text, size_t length)
{
	if (length >= text->length)
		return;
	text->length = length;
	text->data[length] = '\0';
}

/* Frees what the text holds; it may be used again. */
void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_EMPTY;
}

/* Lower case of an ASCII letter, whatever the locale says. */
static int text_fold(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Compares two words byte by byte, ASCII letters regardless of case. */
int text_compare_words(const char *a, const char *b)
{
	for (; *a != '\0' && text_fold((unsigned char)*a) == text_fold((unsigned char)*b); a++, b++)
		;
	return text_fold((unsigned char)*a) - text_fold((unsigned char)*b);
}

/* Whether two words are the same but for the case of ASCII letters. */
bool text_same_word(const char *a, const char *b)
{
	return text_compare_words(a, b) == 0;
}

/* The word in ASCII upper case, owned by the caller. */
char *text_upper(const char *word)
{
	char *upper = memory_string(word);

	for (char *p = upper; *p != '\0'; p++) {
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
	return upper;
}
