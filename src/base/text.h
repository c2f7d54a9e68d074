#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A growing string. data is NULL or ends in a NUL that length does not count; it may hold other NULs. */
struct text {
	char *data;
	size_t length;
	size_t room;
};

#define TEXT_EMPTY \
	{ \
		NULL, 0, 0 \
	}

void text_add(struct text *text, const void *data, size_t length);
void text_add_char(struct text *text, char c);
void text_add_string(struct text *text, const char *string);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprint(struct text *text, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
char *text_take(struct text *text);
void text_clear(struct text *text);
void text_cut(struct text *text, size_t length);
void text_free(struct text *text);

bool text_same_word(const char *a, const char *b);
int text_compare_words(const char *a, const char *b);
char *text_upper(const char *word);

#endif
