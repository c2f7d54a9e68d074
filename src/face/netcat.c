/*
 * The netcats. Their command lines are put into words of nettool, which are then run, or printed if that is what was
 * asked for: there is no second engine behind these names, and no behaviour that the words don't say.
 */
#include "face/netcat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "cli/help.h"
#include "cli/nettool.h"
#include "face/netcat_quote.h"
#include "face/netcat_words.h"

#define NETCAT_USAGE 2 /* the status with which ncat refuses a command line */

/* Prints a text on standard output. Returns the exit status. */
static int netcat_print(struct text *text)
{
	int result = fd_write_all(STDOUT_FILENO, text->data, text->length);

	text_free(text);
	return result < 0 ? EXIT_STATUS_FAILED : EXIT_STATUS_DONE;
}

/* Says what is wrong with the command line. Returns the exit status that its netcat has for that. */
static int netcat_refuse(const struct netcat_request *request, struct error *error)
{
	struct log_settings settings = {
		.program = request->family == NETCAT_NCAT ? "Ncat" : request->name,
		.level = LOG_LEVEL_WARNING,
		.format = LOG_FORMAT_PLAIN,
		.facility = LOG_DAEMON,
	};
	struct error ignored = ERROR_EMPTY;

	if (log_open(&settings, &ignored) < 0)
		error_clear(&ignored);
	log_error_value(LOG_LEVEL_ERROR, error);
	error_clear(error);
	return request->family == NETCAT_NCAT ? NETCAT_USAGE : EXIT_STATUS_FAILED;
}

/* What nettool's statuses are to a script that knows netcats. */
static int netcat_status(const struct netcat_request *request, int status)
{
	if (status != EXIT_STATUS_USAGE)
		return status;
	return request->family == NETCAT_NCAT ? NETCAT_USAGE : EXIT_STATUS_FAILED;
}

/* The file of --output begins empty, unless it is to be appended to. */
static bool netcat_empties(const struct netcat_request *request)
{
	return request->raw_file != NULL && !request->append;
}

static int netcat_empty(const char *path, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);

	if (fd < 0)
		return error_system(error, errno, "%s", path);
	fd_close(&fd);
	return 0;
}

/* Prints the lines, to be pasted into a shell. */
static int netcat_show(const struct netcat_request *request, const struct netcat_lines *lines)
{
	struct text out = TEXT_EMPTY;

	if (netcat_empties(request)) {
		text_add_string(&out, ": > ");
		quote_shell(&out, request->raw_file);
	}
	for (size_t i = 0; i < lines->count; i++) {
		if (out.length > 0)
			text_add_string(&out, "; ");
		for (size_t k = 0; k < lines->list[i].count; k++) {
			if (k > 0)
				text_add_char(&out, ' ');
			quote_shell(&out, lines->list[i].words[k]);
		}
	}
	text_add_char(&out, '\n');
	return netcat_print(&out);
}

/* Runs the lines, one after the other. One that succeeds is enough for success. */
static int netcat_run(const struct netcat_request *request, const struct netcat_lines *lines,
	struct error *error)
{
	const struct manner manner = {
		.program = request->family == NETCAT_NCAT ? "Ncat" : request->name,
		.help = help_usage,
		.version = help_version,
	};
	int best = -1;

	if (netcat_empties(request) && netcat_empty(request->raw_file, error) < 0)
		return -1;
	for (size_t i = 0; i < lines->count; i++) {
		int status = nettool_run((int)lines->list[i].count, lines->list[i].words, &manner);

		if (status > EXIT_STATUS_SIGNAL)
			return status;
		if (best < 0 || status < best)
			best = status;
	}
	return netcat_status(request, best);
}

/* Translates the command line, and does what it asks for. Returns the exit status, or -1 with the error filled. */
static int netcat_do(struct netcat_request *request, int argc, char **argv, struct error *error)
{
	struct netcat_lines lines = { NULL, 0, 0 };
	struct text out = TEXT_EMPTY;
	int status = -1;

	if (netcat_parse(request, argc, argv, error) < 0)
		return -1;
	if (request->help)
		netcat_help(request, &out);
	else if (request->version)
		help_version(request->name, &out);
	if (out.length > 0)
		return netcat_print(&out);
	if (netcat_check(request, error) == 0 && netcat_operands(request, error) == 0 &&
		netcat_translate(request, &lines, error) == 0)
		status = request->translate ? netcat_show(request, &lines)
					    : netcat_run(request, &lines, error);
	netcat_lines_free(&lines);
	return status;
}

/* Runs the program as a netcat. Returns the exit status. */
int netcat_main(int argc, char **argv, const char *name)
{
	struct netcat_request request;
	struct error error = ERROR_EMPTY;
	struct timespec now;
	int status;

	clock_gettime(CLOCK_REALTIME, &now);
	srandom((unsigned)now.tv_nsec ^ (unsigned)getpid());
	netcat_request_init(&request, name);
	status = netcat_do(&request, argc, argv, &error);
	if (status < 0)
		status = netcat_refuse(&request, &error);
	netcat_request_free(&request);
	return status;
}
