/* The face called nettool, whose command line is read from one table that is also its help; others wear it. */
#ifndef CLI_NETTOOL_H
#define CLI_NETTOOL_H

#include <stdbool.h>

#include "base/text.h"

/* The name under which the program was called, and what is different then. */
struct manner {
	const char *program; /* in front of messages */
	bool classic;	     /* messages, quotes, times and statuses are socat's */
	void (*help)(const char *program, int depth, struct text *out);
	void (*version)(const char *program, struct text *out);
};

int nettool_main(int argc, char **argv);
int nettool_run(int argc, char **argv, const struct manner *manner);
int nettool_print(struct text *text);

#endif
