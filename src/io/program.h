/*
 * A program that an endpoint has started. It tells of its end by SIGCHLD, which whoever reaps notes here; it is
 * asked to end when its endpoint closes.
 */
#ifndef IO_PROGRAM_H
#define IO_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct program {
	pid_t pid;
	pid_t owner;	 /* the process that has started it, and nobody else may wait for it */
	bool group;	 /* it leads a process group of its own */
	bool kept;	 /* it may run on without us */
	bool write_only; /* it has no way to tell us its end but by its death */
	bool ended;
	int status;	  /* of waitpid, once it has ended */
	uint64_t signals; /* that are passed on to it, one bit each */
};

struct program *program_create(pid_t pid);
bool program_is_ours(const struct program *program);
bool program_runs(const struct program *program);
bool program_failed(const struct program *program);
void program_ended(struct program *program, int status);
void program_signal(const struct program *program, int number);
void program_free(struct program *program);

#endif
