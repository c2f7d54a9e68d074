/* The messages of one language, read from the file that msgfmt writes. Only base/intl.c asks for them. */
#ifndef BASE_MESSAGES_H
#define BASE_MESSAGES_H

struct messages;

struct messages *messages_open(const char *path);
void messages_free(struct messages *messages);
const char *messages_find(const struct messages *messages, const char *text)
	__attribute__((format_arg(2)));
const char *messages_find_plural(const struct messages *messages, const char *one, const char *many,
	unsigned long number) __attribute__((format_arg(2), format_arg(3)));

#endif
