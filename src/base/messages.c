/*
 * A file of messages: a head of numbers of 32 bits, and two tables of lengths and places, of texts in the order of
 * strcmp and of what they are in the other language. Nothing in it is believed: a place outside of the file, or
 * a text without an end, is no message.
 */
#include "base/messages.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#define MESSAGES_MAGIC 0x950412deu
#define MESSAGES_MOST (16u << 20) /* bytes of a file that anybody would make */

/* The numbers of the head. */
enum messages_word {
	MESSAGES_MARK,
	MESSAGES_REVISION,
	MESSAGES_COUNT,
	MESSAGES_TEXTS,
	MESSAGES_TRANSLATIONS,
	MESSAGES_WORDS,
};

/* From which number on the second form is the right one. */
enum messages_rule {
	RULE_NOT_ONE,  /* of all but one, as in English */
	RULE_FROM_TWO, /* as in French */
	RULE_UNKNOWN,  /* numbers stay English */
};

struct messages {
	const unsigned char *data;
	size_t size;
	uint32_t count;
	uint32_t texts;
	uint32_t translations;
	enum messages_rule rule;
};

/* A number of the file, whose lowest byte comes first on every machine; places that aren't there hold 0. */
static uint32_t messages_number(const struct messages *messages, size_t place)
{
	const unsigned char *p;

	if (place > messages->size || messages->size - place < sizeof(uint32_t))
		return 0;
	p = messages->data + place;
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A text that a table leads to, and its length; NULL if the file is broken. */
static const char *messages_text(const struct messages *messages, uint32_t table, uint32_t i,
	size_t *length)
{
	size_t entry = (size_t)table + (size_t)i * 8;
	size_t place = messages_number(messages, entry + 4);

	*length = messages_number(messages, entry);
	if (place >= messages->size || *length >= messages->size - place ||
		messages->data[place + *length] != '\0')
		return NULL;
	return (const char *)messages->data + place;
}

/* What a text is in the other language, and its length; NULL if nothing is known. */
static const char *messages_look(const struct messages *messages, const char *text, size_t *length)
{
	uint32_t low = 0, high = messages->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *other = messages_text(messages, messages->texts, middle, length);
		int order = other != NULL ? strcmp(text, other) : 0;

		if (other == NULL)
			return NULL;
		if (order == 0)
			return messages_text(messages, messages->translations, middle, length);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The rule that the head of the messages tells. */
static enum messages_rule messages_find_rule(const struct messages *messages)
{
	size_t length;
	const char *head = messages_look(messages, "", &length);
	const char *rule = head != NULL ? strstr(head, "nplurals=2; plural=") : NULL;

	if (rule == NULL)
		return RULE_UNKNOWN;
	rule += strlen("nplurals=2; plural=");
	rule += *rule == '(';
	if (strncmp(rule, "n > 1", 5) == 0 || strncmp(rule, "n>1", 3) == 0)
		return RULE_FROM_TWO;
	if (strncmp(rule, "n != 1", 6) == 0 || strncmp(rule, "n!=1", 4) == 0)
		return RULE_NOT_ONE;
	return RULE_UNKNOWN;
}

/* Takes a whole file, whose text becomes that of the messages. */
static bool messages_take(struct messages *messages, int fd)
{
	struct text text = TEXT_EMPTY;
	char block[8192];
	ssize_t n = 0;

	while (text.length < MESSAGES_MOST && (n = read(fd, block, sizeof(block))) > 0)
		text_add(&text, block, (size_t)n);
	messages->size = text.length;
	messages->data = (const unsigned char *)text_take(&text);
	return n == 0 && messages->size >= (size_t)MESSAGES_WORDS * 4;
}

/* Reads the head of a file. */
static bool messages_read(struct messages *messages, int fd)
{
	if (!messages_take(messages, fd))
		return false;
	messages->count = messages_number(messages, (size_t)MESSAGES_COUNT * 4);
	messages->texts = messages_number(messages, (size_t)MESSAGES_TEXTS * 4);
	messages->translations = messages_number(messages, (size_t)MESSAGES_TRANSLATIONS * 4);
	messages->rule = messages_find_rule(messages);
	return messages_number(messages, 0) == MESSAGES_MAGIC;
}

/* Frees messages; what was found among them is gone. NULL is allowed. */
void messages_free(struct messages *messages)
{
	if (messages != NULL)
		free((void *)messages->data);
	free(messages);
}

/* Reads the messages of a language, which are the caller's; NULL if there are none. */
struct messages *messages_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct messages *messages;

	if (fd < 0)
		return NULL;
	messages = memory_zero(1, sizeof(*messages));
	if (!messages_read(messages, fd)) {
		messages_free(messages);
		messages = NULL;
	}
	close(fd); /* --trace has nothing to say of it */
	return messages;
}

/* A text in the other language, or itself. */
const char *messages_find(const struct messages *messages, const char *text)
{
	size_t length;
	const char *found = text[0] != '\0' ? messages_look(messages, text, &length) : NULL;

	return found != NULL ? found : text;
}

/* The form of a text that a number asks for. The first stands for one, and the second behind its end for many. */
const char *messages_find_plural(const struct messages *messages, const char *one, const char *many,
	unsigned long number)
{
	size_t length, first;
	const char *found = messages_look(messages, one, &length);

	if (found == NULL || messages->rule == RULE_UNKNOWN)
		return number == 1 ? one : many;
	first = strlen(found);
	if (first >= length || number == 1 || (number == 0 && messages->rule == RULE_FROM_TWO))
		return found;
	return found + first + 1;
}
