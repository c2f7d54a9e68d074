#include "base/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/text.h"

/* Replaces what the error said before. */
static void error_fill(struct error *error, enum error_kind kind, int number, const char *format,
	va_list args) __attribute__((format(printf, 4, 0)));

static void error_fill(struct error *error, enum error_kind kind, int number, const char *format,
	va_list args)
{
	struct text text = TEXT_EMPTY;

	error_clear(error);
	text_vprint(&text, format, args);
	error->kind = kind;
	error->number = number;
	error->message = text_take(&text);
}

/* The command line is wrong. */
int error_usage(struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_fill(error, ERROR_USAGE, 0, format, args);
	va_end(args);
	return -1;
}

/* Something failed for a reason that the message tells in full. */
int error_failed(struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_fill(error, ERROR_FAILED, 0, format, args);
	va_end(args);
	return -1;
}

/* The time allowed for something has passed. */
int error_timeout(struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_fill(error, ERROR_TIMEOUT, 0, format, args);
	va_end(args);
	return -1;
}

/* A system call failed: the message says what was tried, the errno says why. */
int error_system(struct error *error, int number, const char *format, ...)
{
	struct text text = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	error_fill(error, ERROR_FAILED, number, format, args);
	va_end(args);
	text_print(&text, "%s: %s", error->message, intl_reason(number));
	free(error->message);
	error->message = text_take(&text);
	return -1;
}

/* Adds the call that failed, which is what socat's messages show instead of words. */
int error_call(struct error *error, const char *format, ...)
{
	struct text text = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_vprint(&text, format, args);
	va_end(args);
	free(error->call);
	error->call = text_take(&text);
	return -1;
}

/* A signal that asks the program to end arrived while something was waited for. */
int error_signal(struct error *error, int number)
{
	error_clear(error);
	error->kind = ERROR_SIGNAL;
	error->number = number;
	error->message = memory_print("exiting on signal %d", number);
	return -1;
}

/* Says the same failure in words that stand for themselves: nothing comes in front of them or behind. */
void error_reword(struct error *error, const char *message)
{
	enum error_kind kind = error->kind;
	int number = error->number;

	error_clear(error);
	error->kind = kind;
	error->number = number;
	error->message = memory_string(message);
	error->whole = true;
}

/* Points into the text that the user wrote; the text is copied. */
void error_place(struct error *error, const char *text, size_t column, size_t width)
{
	free(error->text);
	error->text = memory_string(text);
	error->column = column;
	error->width = width;
}

/* Adds what the user might do about it. */
void error_hint(struct error *error, const char *format, ...)
{
	struct text text = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_vprint(&text, format, args);
	va_end(args);
	free(error->hint);
	error->hint = text_take(&text);
}

/* Puts the name of the endpoint in front of the message. */
void error_name(struct error *error, const char *name)
{
	char *message;

	if (error->message == NULL || error->whole || error->kind == ERROR_SIGNAL)
		return;
	message = memory_print("%s: %s", name, error->message);
	free(error->message);
	error->message = message;
}

/* Moves an error; from is empty afterwards. */
void error_move(struct error *to, struct error *from)
{
	error_clear(to);
	*to = *from;
	*from = (struct error)ERROR_EMPTY;
}

/* Frees what the error holds; it may be used again. */
void error_clear(struct error *error)
{
	free(error->message);
	free(error->call);
	free(error->hint);
	free(error->text);
	*error = (struct error)ERROR_EMPTY;
}
