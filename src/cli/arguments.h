/* The options of the command line: one table for parsing, help and completion. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "scan/scan.h"
#include "session/explain.h"
#include "session/plan.h"
#include "tutorial/tutorial.h"

/* What the user wants instead of a transfer. */
enum task {
	TASK_RUN,
	TASK_CHECK,
	TASK_EXPLAIN,
	TASK_LIST,
	TASK_HELP,
	TASK_VERSION,
	TASK_COMPLETE,
	TASK_DESCRIBE,
	TASK_LIMITS,
	TASK_TUTORIAL,
};

enum list_format {
	LIST_TABLE,
	LIST_TSV,
	LIST_JSON,
	LIST_MDOC,
};

/* A command line, read. */
struct arguments {
	struct plan plan;
	struct log_settings log;
	enum task task;
	int debug;	  /* how many d */
	int help_depth;	  /* how many h */
	const char *word; /* of which --help is to tell, or NULL */
	bool trace;	  /* tell of each call */
	enum explain_format explain;
	bool scans; /* --scan: the addresses are tried, not joined */
	struct scan_settings scan;
	const char *list; /* addresses or options */
	enum list_format format;
	int first_fd, last_fd; /* to describe */
	int chapter;	       /* of the tutorial */
	char **rest;	       /* what stands behind the options */
	int rest_count;
};

struct argument {
	const char *name;  /* -x or --xxx */
	const char *value; /* what it takes, NULL for nothing; a leading '[' if it may be missing */
	const char *choices; /* words separated by '|' that completion offers */
	const char *summary; /* N_() */
	int (*take)(struct arguments *arguments, const struct argument *row, const char *value,
		struct error *error);
	int number; /* what take makes of it */
};

extern const struct argument argument_table[];

int arguments_read(struct arguments *arguments, int argc, char **argv, struct error *error);

#endif
