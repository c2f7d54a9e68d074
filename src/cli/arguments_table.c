/* What each option of the command line does, and the table of them all. */
#include "cli/arguments.h"

#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/number.h"
#include "base/text.h"
#include "base/transfer.h"
#include "cli/facility.h"

/* Says what is wrong with a value, and frees the reason. */
static int take_refuse(const struct argument *row, const char *value, char *reason,
	struct error *error)
{
	error_usage(error, row->name[1] == '-' ? _("option %s=%s: %s") : _("option %s %s: %s"),
		row->name, value, reason);
	free(reason);
	return -1;
}

static int take_number(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error)
{
	char *reason;

	if (number_parse(value, low, high, number, &reason) == 0)
		return 0;
	return take_refuse(row, value, reason, error);
}

static int take_seconds(const struct argument *row, const char *value, int64_t *time,
	struct error *error)
{
	char *reason;
	int result = log_is_classic() ? number_parse_seconds(value, time, &reason)
				      : number_parse_duration(value, time, &reason);

	return result < 0 ? take_refuse(row, value, reason, error) : 0;
}

/* Takes an amount: a number of any base, or a decimal one with a unit. */
static int take_size(const struct argument *row, const char *value, intmax_t low, intmax_t high,
	intmax_t *number, struct error *error)
{
	char *reason;

	if (number_parse_amount(value, low, high, number, &reason) == 0)
		return 0;
	return take_refuse(row, value, reason, error);
}

static int take_block(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT_MAX / 2, &number, error) < 0)
		return -1;
	arguments->plan.block = (size_t)number;
	return 0;
}

static int take_linger(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	return take_seconds(row, value, &arguments->plan.relay.linger, error);
}

static int take_idle(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	return take_seconds(row, value, &arguments->plan.relay.idle, error);
}

static int take_way(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	struct relay_settings *relay = &arguments->plan.relay;

	(void)value;
	if (relay->one_way && relay->way != (enum relay_direction)row->number)
		return error_usage(error, _("options -u and -U exclude each other"));
	relay->one_way = true;
	relay->way = (enum relay_direction)row->number;
	return 0;
}

static int take_dump(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	arguments->plan.dump |= (unsigned)row->number;
	arguments->scan.verbose += row->number == DUMP_TEXT;
	return 0;
}

static int take_dump_file(struct arguments *arguments, const struct argument *row,
	const char *value, struct error *error)
{
	(void)row;
	(void)error;
	arguments->plan.dump_file = strcmp(value, "-") != 0 ? value : NULL;
	return 0;
}

static int take_copy(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)error;
	arguments->plan.copies[row->number] = value;
	return 0;
}

/* The switches of the plan, by the letter that stands in the row. */
static int take_switch(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	switch (row->number) {
	case 's':
		arguments->plan.sloppy = true;
		break;
	case 'g':
		arguments->plan.any_group = true;
		break;
	case 'I':
		arguments->plan.relay.timeout_fails = true;
		break;
	case 'D':
		arguments->plan.describe = true;
		break;
	case 'F':
		arguments->plan.pass_fd = true;
		break;
	case 'T':
		arguments->trace = true;
		break;
	default:
		break;
	}
	return 0;
}

/* Every d raises the level by one, the first of all shows what is shown anyway; -d0 to -d4 set it. */
static int take_debug(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	int raise;

	(void)row;
	if (value[0] >= '0' && value[0] <= '4' && value[1] == '\0') {
		arguments->debug = value[0] - '0';
	} else if (strspn(value, "d") == strlen(value)) {
		arguments->debug += 1 + (int)strlen(value);
	} else {
		return error_usage(error,
			_("option -d%s: a digit from 0 to 4 or more d are allowed"), value);
	}
	raise = arguments->debug < LOG_LEVEL_ERROR ? arguments->debug : (int)LOG_LEVEL_ERROR;
	arguments->log.level = (enum log_level)((int)LOG_LEVEL_ERROR - raise);
	return 0;
}

static int take_signals(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_number(row, value, 0, INTMAX_MAX, &number, error) < 0)
		return -1;
	arguments->plan.signals = (uint64_t)number;
	return 0;
}

static int take_lock(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (arguments->plan.lock != NULL)
		return error_usage(error, _("only one of -L and -W, and only once"));
	arguments->plan.lock = value;
	arguments->plan.lock_wait = row->number != 0;
	return 0;
}

static int take_family(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	arguments->plan.listen_family = arguments->plan.prefer_family = row->number;
	return 0;
}

/* Says that there is no such facility, and which one might have been meant. */
static int take_refuse_facility(const struct argument *row, const char *value, struct error *error)
{
	struct near near;

	error_usage(error, _("option %s%s: there is no such syslog facility"), row->name, value);
	near_start(&near, value);
	for (size_t i = 0; facility_name(i) != NULL; i++)
		near_offer(&near, facility_name(i));
	if (near.best != NULL)
		error_hint(error, _("did you mean %s?"), near.best);
	return -1;
}

static int take_facility(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (value[0] != '\0' && facility_find(value, &arguments->log.facility) < 0)
		return take_refuse_facility(row, value, error);
	arguments->log.syslog = row->number == 'y';
	arguments->log.syslog_later = row->number == 'm';
	arguments->log.file = NULL;
	return 0;
}

static int take_log(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)error;
	switch (row->number) {
	case 'f':
		arguments->log.file = value;
		break;
	case 's':
		arguments->log.file = NULL;
		arguments->log.syslog = arguments->log.syslog_later = false;
		break;
	case 'p':
		arguments->log.program = value;
		break;
	case 'u':
		arguments->log.microseconds = true;
		break;
	default:
		arguments->log.host = true;
		break;
	}
	return 0;
}

/* Says that a value is none of the choices, and which one might have been meant. */
static int take_refuse_choice(const struct argument *row, const char *value, struct error *error)
{
	char *near = near_choice(value, row->choices, '|'), *text;

	error_usage(error, _("option %s=%s: %s is allowed"), row->name, value, row->choices);
	if (near != NULL) {
		text = memory_print("%s=%s", row->name, value);
		error_place(error, text, strlen(row->name) + 1, strlen(value));
		error_hint(error, _("did you mean %s?"), near);
		free(text);
	}
	free(near);
	return -1;
}

/* Finds a word among the choices of a row. Returns which one it is, or -1 with the error filled. */
static int take_choice(const struct argument *row, const char *value, struct error *error)
{
	const char *choice = row->choices;

	for (int i = 0; *choice != '\0'; i++) {
		size_t length = strcspn(choice, "|");

		if (strlen(value) == length && strncmp(value, choice, length) == 0)
			return i;
		choice += length + (choice[length] == '|');
	}
	return take_refuse_choice(row, value, error);
}

static int take_progress(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	static const enum plan_progress words[] = { PLAN_PROGRESS_AUTO, PLAN_PROGRESS_ALWAYS,
		PLAN_PROGRESS_NEVER };
	int choice = value != NULL ? take_choice(row, value, error) : 0;

	if (choice < 0)
		return -1;
	arguments->plan.progress = words[choice];
	return 0;
}

static int take_expected_size(struct arguments *arguments, const struct argument *row,
	const char *value, struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT64_MAX, &number, error) < 0)
		return -1;
	arguments->plan.size = number;
	return 0;
}

/* How fast each direction may be. */
static int take_rate(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT64_MAX, &number, error) < 0)
		return -1;
	arguments->plan.rate = number;
	return 0;
}

static int take_capture(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)row;
	(void)error;
	arguments->plan.capture_file = value;
	return 0;
}

static int take_digest(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)row;
	(void)error;
	arguments->plan.digest = value != NULL ? value : "sha256";
	return 0;
}

static int take_explain(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	int choice = value != NULL ? take_choice(row, value, error) : 0;

	if (choice < 0)
		return -1;
	arguments->task = TASK_EXPLAIN;
	arguments->explain = (enum explain_format)choice;
	return 0;
}

static int take_statistics(struct arguments *arguments, const struct argument *row,
	const char *value, struct error *error)
{
	int choice = value != NULL ? take_choice(row, value, error) : 0;

	if (choice < 0)
		return -1;
	arguments->plan.statistics = true;
	arguments->plan.statistics_json = choice == 1;
	return 0;
}

static int take_color(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	static const enum log_color words[] = { LOG_COLOR_AUTO, LOG_COLOR_ALWAYS, LOG_COLOR_NEVER };
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->log.color = words[choice];
	return 0;
}

static int take_log_format(struct arguments *arguments, const struct argument *row,
	const char *value, struct error *error)
{
	static const enum log_format words[] = { LOG_FORMAT_PLAIN, LOG_FORMAT_CLASSIC,
		LOG_FORMAT_JSON };
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->log.format = words[choice];
	/* who has socat's lines read by a program has its words read, too */
	if (arguments->log.format == LOG_FORMAT_CLASSIC)
		intl_english();
	return 0;
}

/* In whose words is told of connections. */
static int take_messages(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	static const enum log_style words[] = { LOG_STYLE_NETTOOL, LOG_STYLE_OPENBSD,
		LOG_STYLE_TRADITIONAL, LOG_STYLE_NCAT };
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->log.style = words[choice];
	return 0;
}

static int take_ready(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_number(row, value, 0, INT_MAX, &number, error) < 0)
		return -1;
	arguments->plan.ready_fd = (int)number;
	return 0;
}

static int take_task(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	arguments->task = (enum task)row->number;
	return 0;
}

/* What a scan is to be: the letter that stands in the row. */
static int take_scan(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	switch (row->number) {
	case 'p':
		return take_seconds(row, value, &arguments->scan.pause, error);
	case 'r':
		arguments->scan.random = true;
		return 0;
	default:
		arguments->scans = true;
		return 0;
	}
}

static int take_help(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	arguments->task = TASK_HELP;
	arguments->help_depth = 1;
	if (row->name[1] == '-') {
		arguments->word = value;
		return 0;
	}
	if (strspn(value, "h?") != strlen(value))
		return error_usage(error, _("unknown option \"%s%s\""), row->name, value);
	arguments->help_depth += (int)strlen(value);
	return 0;
}

/* Which descriptors to describe: from a number on, or up to another; all of them without a value. */
static int take_describe(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	const char *dash = value != NULL ? strchr(value, '-') : NULL;
	struct text first = TEXT_EMPTY;
	intmax_t low = 0, high = INT_MAX;
	int result = 0;

	arguments->task = TASK_DESCRIBE;
	if (value != NULL) {
		text_add(&first, value, dash != NULL ? (size_t)(dash - value) : strlen(value));
		result = take_number(row, first.data, 0, INT_MAX, &low, error);
	}
	if (dash != NULL && result == 0)
		result = take_number(row, dash + 1, low, INT_MAX, &high, error);
	arguments->first_fd = (int)low;
	arguments->last_fd = (int)high;
	text_free(&first);
	return result;
}

/* The tutorial, from a chapter on. */
static int take_tutorial(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t chapter = 1;

	if (value != NULL && take_number(row, value, 1, TUTORIAL_CHAPTERS, &chapter, error) < 0)
		return -1;
	arguments->task = TASK_TUTORIAL;
	arguments->chapter = (int)chapter;
	return 0;
}

static int take_list(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (take_choice(row, value, error) < 0)
		return -1;
	arguments->task = TASK_LIST;
	arguments->list = value;
	return 0;
}

static int take_list_format(struct arguments *arguments, const struct argument *row,
	const char *value, struct error *error)
{
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->format = (enum list_format)choice;
	return 0;
}

/* clang-format off */
const struct argument argument_table[] = {
	{ "-u", NULL, NULL, N_("one way: from the first address to the second"), take_way, RELAY_RIGHTWARD },
	{ "-U", NULL, NULL, N_("one way: from the second address to the first"), take_way, RELAY_LEFTWARD },
	{ "-t", "<seconds>", NULL, N_("after one side has ended, the longest silence of the other"),
		take_linger, 0 },
	{ "-T", "<seconds>", NULL, N_("end when nothing has passed for so long"), take_idle, 0 },
	{ "-b", "<bytes>", NULL, N_("read at most so much at once"), take_block, 0 },
	{ "-v", NULL, NULL, N_("show the data as text on standard error"), take_dump, DUMP_TEXT },
	{ "-x", NULL, NULL, N_("show the data in hexadecimal; with -v as a table"), take_dump, DUMP_HEX },
	{ "-r", "<file>", NULL, N_("append what goes from left to right to a file"), take_copy,
		RELAY_RIGHTWARD },
	{ "-R", "<file>", NULL, N_("append what goes from right to left to a file"), take_copy,
		RELAY_LEFTWARD },
	{ "-s", NULL, NULL, N_("go on after errors as far as possible"), take_switch, 's' },
	{ "-S", "<mask>", NULL, N_("the signals that end the program in order, bit n for signal n"),
		take_signals, 0 },
	{ "-g", NULL, NULL, N_("don't check whether an option belongs to its address"), take_switch, 'g' },
	{ "-d", "[d...|0-4]", NULL, N_("tell more: warnings, notices (-dd), steps (-ddd), calls (-dddd)"),
		take_debug, 0 },
	{ "-D", NULL, NULL, N_("describe the descriptors before the transfer"), take_switch, 'D' },
	{ "-ly", "[facility]", NULL, N_("log to syslog"), take_facility, 'y' },
	{ "-lm", "[facility]", NULL, N_("log to standard error, then to syslog once the transfer starts"),
		take_facility, 'm' },
	{ "-lf", "<file>", NULL, N_("append log messages to a file"), take_log, 'f' },
	{ "-ls", NULL, NULL, N_("log to standard error"), take_log, 's' },
	{ "-lp", "<name>", NULL, N_("the program's name in messages and variables"), take_log, 'p' },
	{ "-lu", NULL, NULL, N_("time stamps with microseconds"), take_log, 'u' },
	{ "-lh", NULL, NULL, N_("add the host's name to log messages"), take_log, 'h' },
	{ "-L", "<file>", NULL, N_("hold this lock file, or end if it exists"), take_lock, 0 },
	{ "-W", "<file>", NULL, N_("hold this lock file, wait while it exists"), take_lock, 1 },
	{ "-0", NULL, NULL, N_("prefer neither IP version"), take_family, AF_UNSPEC },
	{ "-4", NULL, NULL, N_("prefer IPv4"), take_family, AF_INET },
	{ "-6", NULL, NULL, N_("prefer IPv6"), take_family, AF_INET6 },
	{ "-V", NULL, NULL, N_("print the version and what is built in"), take_task, TASK_VERSION },
	{ "-h", "[h...]", NULL, N_("print help; -hh with addresses, -hhh with their options"), take_help, 0 },
	{ "-?", "[?...]", NULL, N_("the same"), take_help, 0 },
	{ "--help", "[=word]", NULL, N_("the same; with a word, all about that address or option"),
		take_help, 0 },
	{ "--version", NULL, NULL, N_("the same as -V"), take_task, TASK_VERSION },
	{ "--check", NULL, NULL, N_("check both addresses, show what they say, open nothing"), take_task,
		TASK_CHECK },
	{ "--scan", NULL, NULL, N_("tell which ports of the addresses are open, such as TCP:localhost:20-30"),
		take_scan, 's' },
	{ "--scan-pause", "<seconds>", NULL, N_("scan one port after the other, and wait so long between them"),
		take_scan, 'p' },
	{ "--scan-random", NULL, NULL, N_("scan in a random order"), take_scan, 'r' },
	{ "--list", "<what>", "addresses|options", N_("print the catalogue of addresses or options"),
		take_list, 0 },
	{ "--format", "<format>", "table|tsv|json|mdoc", N_("how --list prints"), take_list_format, 0 },
	{ "--statistics", "[=text|json]", "text|json",
		N_("at the end print how much has passed; SIGUSR1 does it at any time"), take_statistics, 0 },
	{ "--progress", "[=auto|always|never]", "auto|always|never",
		N_("show how far the transfer has come, in one line"), take_progress, 0 },
	{ "--size", "<size>", NULL, N_("how much is to come, for the percent of --progress: 700M, 4Gi"),
		take_expected_size, 0 },
	{ "--rate", "<size>", NULL, N_("pass at most so many bytes a second in each direction: 64k, 2M"),
		take_rate, 0 },
	{ "--digest", "[=<name>]", "sha256|sha512|sha1|md5|blake2b512",
		N_("at the end print the digest of what has passed, sha256 or another"), take_digest, 0 },
	{ "--pcap", "<file>", NULL, N_("write what passes as packets that Wireshark reads; - is standard output"),
		take_capture, 0 },
	{ "--explain", "[=text|mermaid]", "text|mermaid",
		N_("tell step by step what would happen, and do nothing of it"), take_explain, 0 },
	{ "--trace", NULL, NULL, N_("show each system call as it is made, and what it is for"), take_switch,
		'T' },
	{ "--ready-fd", "<fd>", NULL, N_("write a line there when a listener or receiver is bound"), take_ready,
		0 },
	{ "--dump-to", "<file>", NULL, N_("where -v and -x write, which is emptied first; - is standard error"),
		take_dump_file, 0 },
	{ "--pass-fd", NULL, NULL, N_("open one address, pass its descriptor over standard output, end"),
		take_switch, 'F' },
	{ "--log-format", "<format>", "plain|classic|json", N_("how messages look"), take_log_format, 0 },
	{ "--color", "<when>", "auto|always|never", N_("whether messages have colours"), take_color, 0 },
	{ "--messages", "<words>", "nettool|openbsd|traditional|ncat",
		N_("whose words tell of connections: ours or those of a netcat"), take_messages, 0 },
	{ "--timeout-fails", NULL, NULL, N_("status 1 after -T or accept-timeout, which are no failures else"),
		take_switch, 'I' },
	{ "--experimental", NULL, NULL, N_("accepted, as socat does; nothing needs it"), take_switch, 0 },
	{ "--tutorial", "[=<chapter>]", "1|2|3", N_("learn by seeing: real servers and clients, explained step by step"),
		take_tutorial, 0 },
	{ "--describe-fds", "[=<first>[-<last>]]", NULL, N_("say what each open descriptor is, line by line"),
		take_describe, 0 },
	{ "--system-limits", NULL, NULL, N_("print limits, process ids, constants and sizes of types"),
		take_task, TASK_LIMITS },
	{ "--complete", NULL, NULL, N_("print candidates for the last of the words that follow"), take_task,
		TASK_COMPLETE },
	{ NULL, NULL, NULL, NULL, NULL, 0 },
};
/* clang-format on */
