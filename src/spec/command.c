/*
 * The parameters of an address that are one command. For a program that is run with its words they are what the
 * lexer made of them, colons put back. A shell has quotes of its own, so what stands in quotes reaches it as it
 * was written, quotes and all; only where quotes enclose the whole command they have done their work by keeping
 * it together, and vanish.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "spec/lexer.h"
#include "spec/spec.h"

/* How long a quoted piece is, quotes included, for a shell: in '...' a backslash is nothing special. */
static size_t command_quoted(const char *text, size_t length)
{
	size_t at = 1;

	while (at < length && text[at] != text[0])
		at += text[0] == '"' && text[at] == '\\' && at + 1 < length ? 2 : 1;
	return at < length ? at + 1 : length;
}

static bool command_is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* The parameters as the lexer left them, with the colons between them. */
static char *command_joined(const struct spec *spec)
{
	struct text out = TEXT_EMPTY;

	for (size_t i = 0; i < spec->param_count; i++) {
		if (i > 0)
			text_add_char(&out, ':');
		text_add_string(&out, spec->params[i].data);
	}
	return text_take(&out);
}

/* The parameters as they were written: quoted pieces unchanged, the backslashes of the rest obeyed. */
static char *command_quotes_kept(const char *raw, size_t length)
{
	struct text out = TEXT_EMPTY;
	size_t at = 0;

	while (at < length) {
		if (command_is_quote(raw[at])) {
			size_t piece = command_quoted(raw + at, length - at);

			text_add(&out, raw + at, piece);
			at += piece;
		} else if (raw[at] == '\\' && at + 1 < length) {
			text_add_char(&out, lexer_escaped(raw[at + 1]));
			at += 2;
		} else {
			text_add_char(&out, raw[at++]);
		}
	}
	return text_take(&out);
}

/* Says whether commands for a shell lose their quotes, as socat has it, in both halves. */
void spec_unquote_commands(struct spec *spec, bool unquoted)
{
	for (; spec != NULL; spec = spec->writer)
		spec->unquoted = unquoted;
}

/* The command of an address, for a shell or to be split into words. NULL if there is none. Owned by the caller. */
char *spec_command(const struct spec *spec, bool shell)
{
	const struct spec_word *last;
	const char *raw;
	size_t length;

	if (spec->param_count == 0)
		return NULL;
	last = &spec->params[spec->param_count - 1];
	raw = spec->text + spec->params[0].column;
	length = last->column + last->width - spec->params[0].column;
	if (!shell || spec->unquoted ||
		(command_is_quote(raw[0]) && command_quoted(raw, length) == length))
		return command_joined(spec);
	return command_quotes_kept(raw, length);
}
