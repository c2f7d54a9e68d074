/* What each option of the command line does. */
#ifndef CLI_TAKE_H
#define CLI_TAKE_H

#include "cli/arguments.h"

int take_block(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_linger(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_idle(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_way(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_dump(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_dump_file(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_copy(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_switch(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_debug(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_signals(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_lock(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_family(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_facility(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_log(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_progress(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_expected_size(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_rate(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_capture(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_digest(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_explain(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_statistics(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_color(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_log_format(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_messages(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_ready(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_task(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_scan(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_help(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_describe(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_tutorial(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_list(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);
int take_list_format(struct arguments *arguments, const struct argument *row, const char *value,
	struct error *error);

#endif
