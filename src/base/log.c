#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log_json.h"
#include "base/text.h"

/* The log sink: one of the two globals of the program. */
static struct {
	struct log_settings settings;
	int fd;
	int demotion; /* how many levels messages lose in a session child */
	bool colored;
	bool (*show)(const char *data, size_t length); /* who has the terminal, or NULL */
	/* takes away what is drawn where the next line goes, or NULL */
	void (*clear)(void *context);
	void *clear_context;
} sink = {
	.settings = { .program = "nettool", .level = LOG_LEVEL_WARNING },
	.fd = STDERR_FILENO,
};

#define LOG_LONGEST 2000 /* of a message, so that a strange address cannot flood the screen */
#define LOG_AROUND 200	 /* of an address, on either side of what is wrong with it */

static const char log_letters[] = "DINWEF";
static const int log_priorities[] = { LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERR,
	LOG_CRIT };

static const char log_red[] = "\033[1;31m", log_yellow[] = "\033[33m", log_dim[] = "\033[2m",
		  log_usual[] = "\033[0m";

/* Whether lines for people get colours there: on a terminal, unless that or its user wants none. */
static bool log_wants_color(const struct log_settings *settings, int fd)
{
	const char *terminal = getenv("TERM"), *without = getenv("NO_COLOR");

	if (settings->format != LOG_FORMAT_PLAIN || settings->color == LOG_COLOR_NEVER)
		return false;
	if (settings->color == LOG_COLOR_ALWAYS)
		return true;
	return isatty(fd) && terminal != NULL && terminal[0] != '\0' &&
		strcmp(terminal, "dumb") != 0 && (without == NULL || without[0] == '\0');
}

/* Appends the beginning of a colour, or its end. Who has the terminal colours it himself. */
static void log_color(struct text *line, const char *color)
{
	if (sink.colored && sink.show == NULL)
		text_add_string(line, color);
}

/* Chooses level, format and destination; opens the file or the way to syslog. */
int log_open(const struct log_settings *settings, struct error *error)
{
	sink.settings = *settings;
	if (settings->file != NULL) {
		int fd = open(settings->file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY,
			0664);

		if (fd < 0)
			return error_system(error, errno, _("cannot open log file %s"),
				settings->file);
		sink.fd = fd_above_standard(fd);
	}
	sink.colored = log_wants_color(settings, sink.fd);
	if (settings->syslog || settings->syslog_later)
		openlog(settings->program, LOG_PID, settings->facility);
	return 0;
}

/* Whether lines that are no messages have colours on a descriptor. */
bool log_colors(int fd)
{
	return sink.show == NULL && log_wants_color(&sink.settings, fd);
}

/* From here on a mixed log goes to syslog. */
void log_transfer_starts(void)
{
	if (sink.settings.syslog_later)
		sink.settings.syslog = true;
}

/* Messages of this process lose some levels of severity from now on. */
void log_demote(int steps)
{
	sink.demotion += steps;
}

/* From now on lines for stderr are shown by who has the terminal, unless it returns false. NULL: by nobody. */
void log_divert(bool (*show)(const char *data, size_t length))
{
	sink.show = show;
}

/* Gives text for stderr that is no message to who has the terminal. Returns false if nobody has it. */
bool log_diverted(const char *data, size_t length)
{
	return sink.show != NULL && sink.show(data, length);
}

/* Whether somebody has the terminal. */
bool log_is_diverted(void)
{
	return sink.show != NULL;
}

/* From now on this is called before anything is written to standard error. NULL: nothing is. */
void log_before(void (*clear)(void *context), void *context)
{
	sink.clear = clear;
	sink.clear_context = context;
}

/* Takes away what is drawn where the next line of standard error goes. */
void log_clear(void)
{
	if (sink.clear != NULL)
		sink.clear(sink.clear_context);
}

/* The level a message really has in this process. */
static enum log_level log_effective(enum log_level level)
{
	return (int)level > sink.demotion ? level - (enum log_level)sink.demotion : LOG_LEVEL_DEBUG;
}

/* Whether a message of this level would be seen. */
bool log_shows(enum log_level level)
{
	if (level == LOG_LEVEL_NOTICE && sink.settings.style != LOG_STYLE_NETTOOL)
		level = LOG_LEVEL_INFO;
	return log_effective(level) >= sink.settings.level;
}

/* Whether messages are to look like socat's. */
bool log_is_classic(void)
{
	return sink.settings.format == LOG_FORMAT_CLASSIC;
}

/* Whether messages are objects of JSON. */
bool log_is_json(void)
{
	return sink.settings.format == LOG_FORMAT_JSON;
}

/* Whether what is told of connections would be seen, in whose words ever. */
bool log_tells(void)
{
	return log_effective(LOG_LEVEL_NOTICE) >= sink.settings.level;
}

enum log_style log_style(void)
{
	return sink.settings.style;
}

/* The program's name as messages and variables use it. */
const char *log_program(void)
{
	return sink.settings.program;
}

/* Date, host, program and level in socat's layout. */
static void log_classic_head(struct text *line, enum log_level level)
{
	clock_stamp(line, sink.settings.microseconds);
	if (sink.settings.host) {
		char host[256] = "";
		const char *name = getenv("HOSTNAME");

		if (name == NULL && gethostname(host, sizeof(host) - 1) == 0)
			name = host;
		text_print(line, " %s", name != NULL ? name : "?");
	}
	text_print(line, " %s[%ld] %c ", sink.settings.program, (long)getpid(), log_letters[level]);
}

/* The head of a line for people: the program's name, and a word where it is no error. */
static void log_plain_head(struct text *line, enum log_level level)
{
	/* the lowest level whose lines begin with the name */
	static const int named[] = {
		[LOG_STYLE_NETTOOL] = LOG_LEVEL_DEBUG,
		[LOG_STYLE_OPENBSD] = LOG_LEVEL_WARNING,
		[LOG_STYLE_TRADITIONAL] = LOG_LEVEL_FATAL + 1,
		[LOG_STYLE_NCAT] = LOG_LEVEL_DEBUG,
	};

	if ((int)level >= named[sink.settings.style]) {
		log_color(line, level >= LOG_LEVEL_ERROR ? log_red : "");
		text_print(line, "%s: ", sink.settings.program);
		log_color(line, level >= LOG_LEVEL_ERROR ? log_usual : "");
	}
	if (level == LOG_LEVEL_WARNING && sink.settings.style == LOG_STYLE_NETTOOL) {
		log_color(line, log_yellow);
		text_add_string(line, _("warning: "));
		log_color(line, log_usual);
	}
}

/* Whether a descriptor is a terminal whose lines, in raw mode, don't go back to the left by themselves. */
static bool log_is_raw(int fd)
{
	struct termios settings;

	return tcgetattr(fd, &settings) == 0 &&
		(!(settings.c_oflag & OPOST) || !(settings.c_oflag & ONLCR));
}

/* Writes finished lines, and frees them. Those of standard error go above what is drawn or typed there. */
static void log_send_lines(int fd, bool standard_error, struct text *lines)
{
	struct text raw = TEXT_EMPTY;
	const struct text *sent = lines;

	if (sink.show != NULL && standard_error && sink.show(lines->data, lines->length)) {
		text_free(lines);
		return;
	}
	if (standard_error)
		log_clear();
	if (log_is_raw(fd)) {
		for (size_t i = 0; i < lines->length; i++) {
			if (lines->data[i] == '\n')
				text_add_char(&raw, '\r');
			text_add_char(&raw, lines->data[i]);
		}
		sent = &raw;
	}
	fd_write_all(fd, sent->data, sent->length);
	text_free(&raw);
	text_free(lines);
}

/* Writes finished lines, and frees them. */
static void log_send_to(int fd, struct text *lines)
{
	log_send_lines(fd, fd == STDERR_FILENO, lines);
}

/* Writes lines that are no messages to what standard error was at the start, and frees them. */
void log_show_at(int fd, struct text *lines)
{
	log_send_lines(fd, true, lines);
}

/* Writes finished lines to where the log goes, and frees them. */
static void log_send(struct text *lines)
{
	log_send_to(sink.fd, lines);
}

/* Writes lines that are no messages to standard error, and frees them. */
void log_show(struct text *lines)
{
	log_send_to(STDERR_FILENO, lines);
}

/* Writes a message as JSON to where the log goes; the error behind it may be NULL. */
static void log_emit_json(enum log_level level, const char *message, const struct error *error)
{
	struct text line = TEXT_EMPTY;

	log_json(&line, level, sink.settings.program, message, error);
	if (sink.settings.syslog) {
		syslog(log_priorities[level], "%s", line.data);
		text_free(&line);
		return;
	}
	text_add_char(&line, '\n');
	log_send(&line);
}

/* Writes one finished line to where the log goes. */
static void log_emit(enum log_level level, const char *message)
{
	struct text line = TEXT_EMPTY;
	size_t length = strlen(message);

	if (sink.settings.format == LOG_FORMAT_JSON) {
		log_emit_json(level, message, NULL);
		return;
	}
	if (sink.settings.syslog) {
		syslog(log_priorities[level], "%c %s", log_letters[level], message);
		return;
	}
	if (sink.settings.format == LOG_FORMAT_CLASSIC)
		log_classic_head(&line, level);
	else
		log_plain_head(&line, level);
	escape_terminal(&line, message, length < LOG_LONGEST ? length : LOG_LONGEST);
	text_add_string(&line, length < LOG_LONGEST ? "\n" : "...\n");
	log_send(&line);
}

/* Prints whatever the level says; the errno of the caller survives. */
static void log_vwrite(enum log_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void log_vwrite(enum log_level level, const char *format, va_list args)
{
	struct text message = TEXT_EMPTY;
	int number = errno;

	text_vprint(&message, format, args);
	log_emit(level, message.data != NULL ? message.data : "");
	text_free(&message);
	errno = number;
}

/* Prints a message, if its level is shown. */
void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_shows(level))
		return;
	va_start(args, format);
	log_vwrite(log_effective(level), format, args);
	va_end(args);
}

/* Prints a message that was asked for explicitly, whatever the level. */
void log_forced(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vwrite(level, format, args);
	va_end(args);
}

/* Shows a report, which has no end of line yet: as it is, or as a message to programs that read JSON. Frees it. */
void log_report(struct text *line)
{
	if (log_is_json()) {
		log_forced(LOG_LEVEL_NOTICE, "%s", line->data);
		text_free(line);
		return;
	}
	text_add_char(line, '\n');
	log_show(line);
}

/* Prints a line about a connection, which looks like one of the level given. It is the caller who asks log_tells. */
void log_told(enum log_level look, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vwrite(look, format, args);
	va_end(args);
}

/* How many columns a piece of the user's text takes when it is shown; at least one. */
static size_t log_columns(const char *data, size_t length)
{
	struct text text = TEXT_EMPTY;
	size_t columns;

	escape_terminal(&text, data, length);
	columns = text.length > 0 ? escape_columns(text.data, text.length) : 0;
	text_free(&text);
	return columns > 0 ? columns : 1;
}

/* The text the user wrote with a caret line below the place that is wrong. */
static void log_place(const struct error *error)
{
	struct text text = TEXT_EMPTY;
	size_t start = error->column > LOG_AROUND ? error->column - LOG_AROUND : 0;
	size_t width = error->width > 0 ? error->width : 1;
	size_t rest = strlen(error->text + error->column);
	size_t before;

	if (width > LOG_AROUND)
		width = LOG_AROUND;
	if (width > rest)
		width = rest;
	text_add_string(&text, start > 0 ? "  ..." : "  ");
	escape_terminal(&text, error->text + start, error->column - start);
	before = escape_columns(text.data, text.length);
	escape_terminal(&text, error->text + error->column,
		rest < 2 * LOG_AROUND ? rest : 2 * LOG_AROUND);
	text_add_string(&text, rest < 2 * LOG_AROUND ? "\n" : "...\n");
	for (size_t i = 0; i < before; i++)
		text_add_char(&text, ' ');
	log_color(&text, log_red);
	for (size_t i = 0; i < log_columns(error->text + error->column, width); i++)
		text_add_char(&text, '^');
	log_color(&text, log_usual);
	if (error->hint != NULL) {
		text_add_char(&text, ' ');
		log_color(&text, log_dim);
		escape_terminal(&text, error->hint, strnlen(error->hint, 2 * LOG_AROUND));
		log_color(&text, log_usual);
	}
	text_add_char(&text, '\n');
	log_send(&text);
}

/* Prints an error: the message, and for people the place in their text and the hint. */
void log_error_value(enum log_level level, const struct error *error)
{
	if (error->message == NULL || error->said || !log_shows(level))
		return;
	if (sink.settings.format == LOG_FORMAT_JSON) {
		log_emit_json(log_effective(level), error->message, error);
		return;
	}
	if (!log_is_classic() || error->call == NULL) {
		log_write(level, "%s", error->message);
	} else {
		enum log_level lower = level < LOG_LEVEL_WARNING ? level : LOG_LEVEL_WARNING;

		log_at(error->attempt ? lower : level, "%s: %s", error->call,
			strerror(error->number));
		if (error->attempt)
			log_write(level, "%s", error->message);
	}
	if (sink.settings.format != LOG_FORMAT_PLAIN || sink.settings.syslog)
		return;
	if (error->text != NULL) {
		log_place(error);
	} else if (error->hint != NULL && isatty(sink.fd)) {
		struct text text = TEXT_EMPTY;

		log_color(&text, log_dim);
		text_add_string(&text, _("  hint: "));
		escape_terminal(&text, error->hint, strlen(error->hint));
		log_color(&text, log_usual);
		text_add_char(&text, '\n');
		log_send(&text);
	}
}
