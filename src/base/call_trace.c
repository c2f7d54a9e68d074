/* --trace: each call is a line on standard error. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/call_inside.h"
#include "base/escape.h"
#include "base/log.h"

#define TRACE_COLUMN 72 /* where remarks begin */

/* Where standard error was when it began: the number of a program that is about to start may be another's. */
#define TRACE_DESCRIPTOR 100

static struct {
	int fd;
	bool colored;
	bool many; /* there has been another */
} trace = { .fd = STDERR_FILENO };

static void trace_color(struct text *line, const char *color)
{
	/* who has the terminal colours it himself */
	if (trace.colored && !log_is_diverted())
		text_add_string(line, color);
}

/* Writes a call as one line. */
static void trace_show(const struct call_line *call)
{
	struct text line = TEXT_EMPTY;
	size_t columns;

	trace.many = trace.many || strncmp(call->call, "fork(", 5) == 0;
	if (trace.many)
		text_print(&line, "[%ld] ", (long)getpid());
	text_print(&line, "%s", call->call);
	if (call->result[0] != '\0')
		text_print(&line, " = %s", call->result);
	columns = escape_columns(line.data, line.length);
	if (call->failed) {
		struct text colored = TEXT_EMPTY;

		trace_color(&colored, "\033[31m");
		text_add(&colored, line.data, line.length);
		trace_color(&colored, "\033[0m");
		text_free(&line);
		line = colored;
	}
	if (call->remark != NULL) {
		do {
			text_add_char(&line, ' ');
		} while (++columns < TRACE_COLUMN);
		trace_color(&line, "\033[2m");
		text_print(&line, " # %s", call->remark);
		trace_color(&line, "\033[0m");
	}
	text_add_char(&line, '\n');
	log_show_at(trace.fd, &line);
}

/* From now on every call is told. */
void call_trace(bool colored)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, TRACE_DESCRIPTOR);

	/* nobody is told: the number will be that of a file of the user's */
	if (fd < 0 && errno == EBADF)
		return;
	if (fd >= 0)
		trace.fd = fd;
	trace.colored = colored;
	call_watch(CALL_TOLD, trace_show);
}
