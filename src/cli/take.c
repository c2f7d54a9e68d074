#include "cli/take.h"

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
#include "cli/take_value.h"

int take_block(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT_MAX / 2, &number, error) < 0)
		return -1;
	arguments->plan.block = (size_t)number;
	return 0;
}

int take_linger(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	return take_seconds(row, value, &arguments->plan.relay.linger, error);
}

int take_idle(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	return take_seconds(row, value, &arguments->plan.relay.idle, error);
}

int take_way(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_dump(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	arguments->plan.dump |= (unsigned)row->number;
	arguments->scan.verbose += row->number == DUMP_TEXT;
	return 0;
}

int take_dump_file(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)row;
	(void)error;
	arguments->plan.dump_file = strcmp(value, "-") != 0 ? value : NULL;
	return 0;
}

int take_copy(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)error;
	arguments->plan.copies[row->number] = value;
	return 0;
}

/* The switches of the plan, by the letter that stands in the row. */
int take_switch(struct arguments *arguments, const struct argument *row, const char *value,
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
int take_debug(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_signals(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_number(row, value, 0, INTMAX_MAX, &number, error) < 0)
		return -1;
	arguments->plan.signals = (uint64_t)number;
	return 0;
}

int take_lock(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (arguments->plan.lock != NULL)
		return error_usage(error, _("only one of -L and -W, and only once"));
	arguments->plan.lock = value;
	arguments->plan.lock_wait = row->number != 0;
	return 0;
}

int take_family(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_facility(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (value[0] != '\0' && facility_find(value, &arguments->log.facility) < 0)
		return take_refuse_facility(row, value, error);
	arguments->log.syslog = row->number == 'y';
	arguments->log.syslog_later = row->number == 'm';
	arguments->log.file = NULL;
	return 0;
}

int take_log(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_progress(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_expected_size(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT64_MAX, &number, error) < 0)
		return -1;
	arguments->plan.size = number;
	return 0;
}

/* How fast each direction may be. */
int take_rate(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_size(row, value, 1, INT64_MAX, &number, error) < 0)
		return -1;
	arguments->plan.rate = number;
	return 0;
}

int take_capture(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (value[0] == '\0')
		return error_usage(error, _("option %s needs the name of a file"), row->name);
	arguments->plan.capture_file = value;
	return 0;
}

int take_digest(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)row;
	(void)error;
	arguments->plan.digest = value != NULL ? value : "sha256";
	return 0;
}

int take_explain(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	int choice = value != NULL ? take_choice(row, value, error) : 0;

	if (choice < 0)
		return -1;
	arguments->task = TASK_EXPLAIN;
	arguments->explain = (enum explain_format)choice;
	return 0;
}

int take_statistics(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	int choice = value != NULL ? take_choice(row, value, error) : 0;

	if (choice < 0)
		return -1;
	arguments->plan.statistics = true;
	arguments->plan.statistics_json = choice == 1;
	return 0;
}

int take_color(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	static const enum log_color words[] = { LOG_COLOR_AUTO, LOG_COLOR_ALWAYS, LOG_COLOR_NEVER };
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->log.color = words[choice];
	return 0;
}

int take_log_format(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
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
int take_messages(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_ready(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t number;

	if (take_number(row, value, 0, INT_MAX, &number, error) < 0)
		return -1;
	arguments->plan.ready_fd = (int)number;
	return 0;
}

int take_task(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	(void)value;
	(void)error;
	arguments->task = (enum task)row->number;
	return 0;
}

/* What a scan is to be: the letter that stands in the row. */
int take_scan(struct arguments *arguments, const struct argument *row, const char *value,
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

int take_help(struct arguments *arguments, const struct argument *row, const char *value,
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
int take_describe(struct arguments *arguments, const struct argument *row, const char *value,
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
int take_tutorial(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	intmax_t chapter = 1;

	if (value != NULL && take_number(row, value, 1, TUTORIAL_CHAPTERS, &chapter, error) < 0)
		return -1;
	arguments->task = TASK_TUTORIAL;
	arguments->chapter = (int)chapter;
	return 0;
}

int take_list(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	if (take_choice(row, value, error) < 0)
		return -1;
	arguments->task = TASK_LIST;
	arguments->list = value;
	return 0;
}

int take_list_format(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error)
{
	int choice = take_choice(row, value, error);

	if (choice < 0)
		return -1;
	arguments->format = (enum list_format)choice;
	return 0;
}
