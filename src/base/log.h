/*
 * Messages. Level and destination are chosen once at the start; below the level there is silence. Wordings at the levels notice and info are
 * parsed by scripts: they follow socat's and are not translated.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_FATAL,
};

enum log_format {
	LOG_FORMAT_PLAIN,   /* nettool: what happened */
	LOG_FORMAT_CLASSIC, /* 2026/11/21 10:00:00 nettool[123] W what happened */
	LOG_FORMAT_JSON,    /* an object in each line */
};

/* Whether messages for people have colours. */
enum log_color {
	LOG_COLOR_AUTO, /* on a terminal whose user hasn't said otherwise */
	LOG_COLOR_ALWAYS,
	LOG_COLOR_NEVER,
};

/*
 * Whose words are used of connections. Those of a netcat stand alone: our own notices are seen only together with
 * the steps, no word in front tells the level, and the program's name is there where theirs is.
 */
enum log_style {
	LOG_STYLE_NETTOOL,
	LOG_STYLE_OPENBSD,
	LOG_STYLE_TRADITIONAL,
	LOG_STYLE_NCAT,
};

struct log_settings {
	const char *program;  /* the name in front of each line */
	enum log_level level; /* the lowest that is printed */
	enum log_format format;
	enum log_color color;
	enum log_style style;
	bool microseconds;
	bool host;
	const char *file; /* appended to, instead of stderr */
	bool syslog;
	bool syslog_later; /* stderr first, syslog once the transfer starts */
	int facility;
};

int log_open(const struct log_settings *settings, struct error *error);
void log_transfer_starts(void);
void log_demote(int steps);
void log_divert(bool (*show)(const char *data, size_t length));
bool log_diverted(const char *data, size_t length);
bool log_is_diverted(void);
void log_before(void (*clear)(void *context), void *context);
void log_clear(void);
void log_show(struct text *lines);
void log_report(struct text *line);
void log_show_at(int fd, struct text *lines);
bool log_colors(int fd);
bool log_shows(enum log_level level);
bool log_tells(void);
enum log_style log_style(void);
bool log_is_classic(void);
bool log_is_json(void);
const char *log_program(void);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_forced(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void log_told(enum log_level look, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_error_value(enum log_level level, const struct error *error);

/* The arguments of a message that nobody sees are not even looked at. */
#define log_at(level, ...) (log_shows(level) ? log_write(level, __VA_ARGS__) : (void)0)
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_at(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
