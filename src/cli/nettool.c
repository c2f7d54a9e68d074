#include "cli/nettool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "base/call.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "cli/arguments.h"
#include "cli/catalogue.h"
#include "cli/complete.h"
#include "cli/help.h"
#include "cli/operands.h"
#include "cli/page.h"
#include "scan/scan.h"
#include "session/describe.h"
#include "session/limits.h"
#include "session/session.h"
#include "spec/words.h"

/* Escapes what a terminal would obey, line by line: names of files, and what the user has written. */
static void nettool_tame(struct text *text)
{
	struct text tame = TEXT_EMPTY;
	size_t place = 0;

	while (place < text->length) {
		size_t length = strcspn(text->data + place, "\n\t");

		escape_terminal(&tame, text->data + place, length);
		place += length;
		if (place < text->length)
			text_add_char(&tame, text->data[place++]);
	}
	text_free(text);
	*text = tame;
}

/* Prints a text on standard output, and frees it. Returns the exit status. */
int nettool_print(struct text *text)
{
	struct error error = ERROR_EMPTY;
	int result;

	if (isatty(STDOUT_FILENO))
		nettool_tame(text);
	result = fd_write_all(STDOUT_FILENO, text->data != NULL ? text->data : "", text->length);
	/* whoever has read enough may go */
	if (result < 0 && errno != EPIPE) {
		error_system(&error, errno, _("cannot write standard output"));
		log_error_value(LOG_LEVEL_ERROR, &error);
		error_clear(&error);
	}
	text_free(text);
	return result < 0 ? EXIT_STATUS_FAILED : EXIT_STATUS_DONE;
}

/* The IP version that a variable asks for; 0 stands for neither. */
static void nettool_family(const char *variable, int *family)
{
	const char *value = getenv(variable);

	if (value == NULL)
		return;
	*family = value[0] == '4' ? AF_INET : value[0] == '6' ? AF_INET6 : AF_UNSPEC;
}

/* Parses and checks the two addresses. */
static int nettool_plan(struct arguments *arguments, struct error *error)
{
	struct plan *plan = &arguments->plan;

	if (arguments->rest_count > 2)
		return operands_wrong_count(arguments, error);
	for (int i = 0; i < arguments->rest_count && i < 2; i++) {
		if (plan_add(plan, i, arguments->rest[i], error) == 0)
			continue;
		operands_hint_netcat(arguments, error);
		return -1;
	}
	if (plan->pass_fd && arguments->rest_count != 1)
		return error_usage(error, _("--pass-fd takes exactly 1 address (there are %d)"),
			arguments->rest_count);
	if (arguments->rest_count == 1 && plan_add_nobody(plan, error) < 0)
		return -1;
	if (arguments->rest_count != 2 && !plan->alone)
		return operands_wrong_count(arguments, error);
	return plan_check(plan, error);
}

/* Shows the words of a command: where quotes and backslashes have led. */
static void nettool_check_command(const struct address *address, struct text *out)
{
	const char *shell = SETTINGS(address->options, program)->shell;
	bool asks_shell = address->type->shell != NULL;
	char *command = spec_command(address->spec, asks_shell);
	char *list[] = { (char *)(shell != NULL ? shell : address->type->shell), (char *)"-c",
		command, NULL };
	struct words words = { list, command != NULL ? 3 : 1 };
	char *reason = NULL;

	if (!asks_shell && words_split(command, &words, &reason) < 0)
		words = (struct words){ NULL, 0 };
	text_add_string(out, "  ");
	words_dump(&words, out);
	text_add_char(out, '\n');
	if (!asks_shell)
		words_free(&words);
	free(reason);
	free(command);
}

/* Shows one half of an address as it was written, and what it runs if it runs something. */
static void nettool_check_half(const struct address *address, struct text *out)
{
	text_add_string(out, address->text);
	text_add_char(out, '\n');
	if (address->type->traits & TRAIT_COMMAND)
		nettool_check_command(address, out);
}

/* Shows the addresses as they were understood. */
static int nettool_check(const struct plan *plan)
{
	struct text out = TEXT_EMPTY;

	for (int i = 0; i < 2; i++) {
		const struct plan_side *side = &plan->sides[i];
		bool command = (side->reader->type->traits | side->writer->type->traits) &
			TRAIT_COMMAND;

		if (!command) {
			spec_dump(side->spec, &out);
			text_add_char(&out, '\n');
			continue;
		}
		nettool_check_half(side->reader, &out);
		if (side->writer == side->reader)
			continue;
		text_add_string(&out, "!!");
		nettool_check_half(side->writer, &out);
	}
	return nettool_print(&out);
}

/* Tries the ports of the addresses, or checks the addresses alone. */
static int nettool_scan(struct arguments *arguments, struct error *error)
{
	struct scan_settings *scan = &arguments->scan;
	struct text out = TEXT_EMPTY;

	scan->sloppy = arguments->plan.sloppy;
	scan->any_group = arguments->plan.any_group;
	scan->prefer = arguments->plan.prefer_family;
	scan->ending = arguments->plan.signals;
	scan->verbose += log_tells();
	if (arguments->task == TASK_RUN)
		return scan_run(arguments->rest, arguments->rest_count, scan, error);
	if (scan_check(arguments->rest, arguments->rest_count, scan, &out, error) == 0)
		return nettool_print(&out);
	text_free(&out);
	return -1;
}

/* Does what the command line asks for. Returns the exit status. */
static int nettool_do(struct arguments *arguments, const struct manner *manner, struct error *error)
{
	struct text out = TEXT_EMPTY;

	switch (arguments->task) {
	case TASK_HELP:
		if (arguments->word == NULL && !manner->classic)
			arguments->word = arguments->rest[0];
		if (arguments->word != NULL)
			return page_show(arguments->word, &out, error) < 0 ? -1
									   : nettool_print(&out);
		manner->help(manner->program, arguments->help_depth, &out);
		return nettool_print(&out);
	case TASK_VERSION:
		manner->version(manner->program, &out);
		return nettool_print(&out);
	case TASK_LIST:
		if (strcmp(arguments->list, "addresses") == 0)
			catalogue_addresses(arguments->format, &out);
		else
			catalogue_options(arguments->format, &out);
		return nettool_print(&out);
	case TASK_COMPLETE:
		complete_words(arguments->rest, arguments->rest_count, NULL, &out);
		complete_sort(&out);
		return nettool_print(&out);
	case TASK_DESCRIBE:
		describe_descriptors(arguments->first_fd, arguments->last_fd, &out);
		return nettool_print(&out);
	case TASK_LIMITS:
		limits_describe(&out);
		return nettool_print(&out);
	case TASK_TUTORIAL:
	case TASK_CHECK:
	case TASK_EXPLAIN:
	case TASK_RUN:
		break;
	}
	/* what is only explained makes no file either, and is nothing for the system's log */
	if (arguments->task == TASK_EXPLAIN) {
		arguments->log.file = NULL;
		arguments->log.syslog = arguments->log.syslog_later = false;
	}
	if (log_open(&arguments->log, error) < 0)
		return -1;
	call_name_options(option_symbol);
	if (arguments->trace)
		call_trace(log_colors(STDERR_FILENO));
	if (arguments->task == TASK_TUTORIAL)
		return tutorial_run(arguments->chapter, arguments->plan.signals, error);
	if (arguments->scans)
		return nettool_scan(arguments, error);
	if (arguments->scan.random || arguments->scan.pause >= 0)
		return error_usage(error, _("option %s needs option %s"),
			arguments->scan.random ? "--scan-random" : "--scan-pause", "--scan");
	if (nettool_plan(arguments, error) < 0)
		return -1;
	if (arguments->task == TASK_CHECK)
		return nettool_check(&arguments->plan);
	if (arguments->task == TASK_EXPLAIN)
		return explain_run(&arguments->plan, arguments->explain, error);
	return session_run(&arguments->plan);
}

/* What a plan is before the command line is read: where socat has other rules, those of the manner. */
static void nettool_prepare(struct arguments *arguments, const struct manner *manner)
{
	struct plan *plan = &arguments->plan;
	struct error ignored = ERROR_EMPTY;

	if (manner->classic)
		intl_english();
	*arguments = (struct arguments){
		.log = {
			.program = manner->program,
			.level = LOG_LEVEL_WARNING,
			.format = manner->classic ? LOG_FORMAT_CLASSIC : LOG_FORMAT_PLAIN,
			.facility = LOG_DAEMON,
		},
		.task = TASK_RUN,
	};
	arguments->scan.pause = -1;
	plan_init(plan);
	if (manner->classic)
		plan->prefer_family = AF_INET;
	nettool_family("SOCAT_DEFAULT_LISTEN_IP", &plan->listen_family);
	nettool_family("SOCAT_PREFERRED_RESOLVE_IP", &plan->prefer_family);
	plan->classic = manner->classic;
	if (!manner->classic)
		return;
	plan->relay.linger = RELAY_LINGER;
	/* what is wrong with the command line is told in socat's words, too */
	log_open(&arguments->log, &ignored);
}

/* Runs a command line. Returns the exit status. */
int nettool_run(int argc, char **argv, const struct manner *manner)
{
	struct error error = ERROR_EMPTY, ignored = ERROR_EMPTY;
	struct arguments arguments;
	int status = -1;

	nettool_prepare(&arguments, manner);
	if (arguments_read(&arguments, argc, argv, &error) == 0)
		status = nettool_do(&arguments, manner, &error);
	else if (log_open(&arguments.log, &ignored) < 0)
		error_clear(&ignored);
	if (status < 0) {
		log_error_value(LOG_LEVEL_ERROR, &error);
		status = plan_failure_status(&arguments.plan, &error);
	}
	plan_free(&arguments.plan);
	error_clear(&error);
	return status;
}

/* Runs the program under its own name. Returns the exit status. */
int nettool_main(int argc, char **argv)
{
	static const struct manner manner = {
		.program = "nettool",
		.help = help_usage,
		.version = help_version,
	};

	return nettool_run(argc, argv, &manner);
}
