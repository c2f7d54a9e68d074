/* Starting a program in a child process, or becoming it. */
#ifndef PROGRAM_START_H
#define PROGRAM_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "option/options.h"

/* What to start, and with which descriptors; -1 leaves the one that we have ourselves. */
struct start {
	const struct options *options;
	const char *file;  /* looked for in PATH unless it has a slash */
	char *const *argv; /* ends in NULL */
	int input, output; /* what it reads from, and writes to */
	bool errors;	   /* go where the output goes */
	int terminal;	   /* the device of its pseudo terminal, -1: none */
	const char *shell; /* what SHELL says to it, NULL: unchanged */
};

pid_t start_program(const struct start *start, struct error *error);
int start_here(const struct start *start, struct error *error);

#endif
