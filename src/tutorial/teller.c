#include "tutorial/teller.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/text.h"
#include "io/signals.h"
#include "io/wait.h"

#define TELLER_WIDTH 76

static const char *const teller_on[] = {
	[TELLER_PLAIN] = "",
	[TELLER_TITLE] = "\033[1m",
	[TELLER_COMMAND] = "\033[36m",
	[TELLER_SHOWN] = "\033[32m",
};

static int teller_write(struct text *text, struct error *error)
{
	int result = fd_write_all(STDOUT_FILENO, text->data, text->length);

	if (result < 0)
		error_system(error, errno, _("cannot write standard output"));
	text_free(text);
	return result;
}

/* Tells one line. */
int teller_line(enum teller_look look, const char *text, struct error *error)
{
	struct text line = TEXT_EMPTY;
	bool colored = look != TELLER_PLAIN && log_colors(STDOUT_FILENO);

	if (colored)
		text_add_string(&line, teller_on[look]);
	text_add_string(&line, text);
	if (colored)
		text_add_string(&line, "\033[0m");
	text_add_char(&line, '\n');
	return teller_write(&line, error);
}

/* Tells a text in lines that fit a terminal. */
int teller_paragraph(const char *text, struct error *error)
{
	struct text out = TEXT_EMPTY;
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " "), width = escape_columns(text, length);

		if (column > 0 && column + 1 + width > TELLER_WIDTH) {
			text_add_char(&out, '\n');
			column = 0;
		} else if (column > 0) {
			text_add_char(&out, ' ');
			column++;
		}
		text_add(&out, text, length);
		column += width;
		text += length + strspn(text + length, " ");
	}
	text_add_char(&out, '\n');
	return teller_write(&out, error);
}

/* Takes the end of the line and the blanks around an answer away. */
static void teller_trim(struct text *line)
{
	size_t start = 0;

	while (line->length > 0 && isspace((unsigned char)line->data[line->length - 1]))
		text_cut(line, line->length - 1);
	while (start < line->length && isspace((unsigned char)line->data[start]))
		start++;
	if (start > 0)
		memmove(line->data, line->data + start, line->length + 1 - start);
}

/*
 * Asks for a line. Byte by byte, so that nothing behind it is taken. Returns 1 with the answer, which the caller
 * frees, 0 at the end of the input, -1 with the error filled.
 */
int teller_ask(const char *prompt, char **answer, struct error *error)
{
	struct text line = TEXT_EMPTY;
	char c = '\0';
	ssize_t n = 1;

	if (fd_write_all(STDOUT_FILENO, prompt, strlen(prompt)) < 0)
		return error_system(error, errno, _("cannot write standard output"));
	while (c != '\n' && n != 0) {
		if (wait_for(STDIN_FILENO, POLLIN, CLOCK_NEVER, error) < 0) {
			text_free(&line);
			return -1;
		}
		n = read(STDIN_FILENO, &c, 1);
		if (n > 0)
			text_add_char(&line, c);
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			n = 0;
	}
	if (n == 0 && line.length == 0) {
		int number = signals_ending(); /* whoever hangs up may have said why */

		return number != 0 ? error_signal(error, number) : 0;
	}
	teller_trim(&line);
	*answer = text_take(&line);
	return 1;
}
