/*
 * The text that names an endpoint, taken apart: KEYWORD:parameter:...,option=value,... and, behind !!, a
 * second such text for the writing half of a dual address. Pure text: nothing here makes a system call.
 *
 * The grammar, as socat has it:
 *   - ':' separates parameters, ',' options, "!!" the halves; '=' an option's name from its value.
 *   - A backslash takes the special meaning off the next character and vanishes; \n \t \r \f \b \a \v \0
 *     stand for control characters, everywhere.
 *   - '...' and "..." protect what is inside and vanish. In '...' nothing but the backslash is special. In
 *     "..." further quotes and brackets nest, and stay; where that leaves the "..." without an end
 *     ("l'hiver"), they are text.
 *   - (...) [...] {...} protect what is inside and stay, quotes inside stay too. One that is never closed
 *     protects the rest of the text.
 *   - "-" is STDIO, a number is FD, a word with a '/' is the path of a GOPEN.
 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* A piece of the text after unquoting; it may hold NUL bytes. */
struct spec_word {
	char *data; /* ends in a NUL that length does not count */
	size_t length;
	size_t column; /* where in the text it stands */
	size_t width;  /* and how much of the text it is */
};

struct spec_option {
	struct spec_word name;
	struct spec_word value; /* data is NULL for an option without '=' */
};

struct spec {
	char *text;    /* the whole text as the user wrote it */
	size_t column; /* where this half starts in it */
	struct spec_word keyword;
	struct spec_word *params;
	size_t param_count;
	size_t param_room;
	struct spec_option *options;
	size_t option_count;
	size_t option_room;
	bool unquoted;	     /* a shell's command loses its quotes like any other parameter */
	struct spec *writer; /* the half behind !!, or NULL */
};

struct spec *spec_parse(const char *text, struct error *error);
void spec_unquote_commands(struct spec *spec, bool unquoted);
char *spec_command(const struct spec *spec, bool shell);
void spec_dump(const struct spec *spec, struct text *out);
void spec_free(struct spec *spec);

#endif
