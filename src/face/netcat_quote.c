#include "face/netcat_quote.h"

#include <string.h>

#define QUOTE_ADDRESS "\\,:!='\"()[]{}" /* special in an address */
#define QUOTE_COMMAND " \\'\"()[]{}"	/* special in the words of a command */
#define QUOTE_BRACKET "\\'\"()[]{}"	/* special inside brackets */
#define QUOTE_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_^"

/* Appends text with a backslash in front of each special character. None of them is a letter that it would change. */
static void quote_each(struct text *out, const char *text, size_t length, const char *special)
{
	for (size_t i = 0; i < length; i++) {
		if (strchr(special, text[i]) != NULL)
			text_add_char(out, '\\');
		text_add_char(out, text[i]);
	}
}

/* Appends what the user wrote so that it is one parameter or value of an address, whatever stands in it. */
void quote_parameter(struct text *out, const char *value)
{
	bool special = strpbrk(value, QUOTE_ADDRESS) != NULL;

	if (special && strpbrk(value, "\\'") == NULL) {
		text_add_char(out, '\'');
		text_add_string(out, value);
		text_add_char(out, '\'');
	} else {
		quote_each(out, value, strlen(value), QUOTE_ADDRESS);
	}
}

/* Appends a host; a number of IPv6 gets brackets around it, if it has none. */
void quote_bracketed(struct text *out, const char *value)
{
	size_t length = strlen(value);

	if (length > 1 && value[0] == '[' && value[length - 1] == ']') {
		value++;
		length -= 2;
	}
	if (memchr(value, ':', length) == NULL) {
		quote_each(out, value, length, QUOTE_ADDRESS);
		return;
	}
	text_add_char(out, '[');
	quote_each(out, value, length, QUOTE_BRACKET);
	text_add_char(out, ']');
}

/* Appends one word of a command that is run without a shell. */
void quote_word(struct text *out, const char *word, size_t length)
{
	if (length == 0)
		text_add_string(out, "''");
	quote_each(out, word, length, QUOTE_COMMAND);
}

/* Appends the name of a file in which variables would be replaced. */
void quote_pattern(struct text *out, const char *path)
{
	quote_each(out, path, strlen(path), "$");
}

/* Appends a word so that a shell reads it as one. */
void quote_shell(struct text *out, const char *word)
{
	const char *quote = "'";

	if (word[0] != '\0' && word[strspn(word, QUOTE_PLAIN)] == '\0') {
		text_add_string(out, word);
		return;
	}
	if (strchr(word, '\'') != NULL && strpbrk(word, "\"$`\\!") == NULL)
		quote = "\"";
	text_add_string(out, quote);
	for (const char *p = word; *p != '\0'; p++) {
		if (*p == '\'' && *quote == '\'')
			text_add_string(out, "'\\''");
		else
			text_add_char(out, *p);
	}
	text_add_string(out, quote);
}
