/*
 * A failure travels up as a value. Where the cause is known it is filled in: what failed, why, and where in
 * the text the user wrote. On the way the endpoint adds its name, and the edge of the program prints it once.
 * Functions that can fail take a struct error * last and return -1 (or NULL); every error_*() that fills one
 * returns -1, so that "return error_system(...)" reads as what it is.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* What the program's exit status says; 128 + n stands for an end by signal n. */
enum exit_status {
	EXIT_STATUS_DONE = 0,
	EXIT_STATUS_FAILED = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_FAULT = 3,
	EXIT_STATUS_SIGNAL = 128,
	EXIT_STATUS_UNOPENED =
		255, /* socat's, when it goes on after errors and an address isn't there */
};

enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,   /* the command line is wrong; nothing has been opened */
	ERROR_FAILED,  /* opening or transfer failed */
	ERROR_TIMEOUT, /* the time that the user allowed has passed */
	ERROR_SIGNAL,  /* a signal asks the program to end; number is the signal's */
};

struct error {
	enum error_kind kind;
	int number;    /* errno, the signal's number, or 0 */
	char *message; /* what failed and why */
	char *call; /* the system call that failed, with its arguments, as socat names it; or NULL */
	bool attempt;  /* socat warns of the call, and tells the message behind that */
	char *hint;    /* what the user might do about it, or NULL */
	char *text;    /* the address as it was written, or NULL */
	size_t column; /* where in the text, from 0 */
	size_t width;  /* how much of it to underline; 0 is one column */
	bool whole;    /* the message stands for itself: no address is put in front of it */
	bool said;     /* the user has been told already */
};

#define ERROR_EMPTY \
	{ \
		ERROR_NONE, 0, NULL, NULL, false, NULL, NULL, 0, 0, false, false \
	}

int error_usage(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int error_failed(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int error_timeout(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int error_system(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int error_call(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int error_signal(struct error *error, int number);
void error_reword(struct error *error, const char *message);
void error_place(struct error *error, const char *text, size_t column, size_t width);
void error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_name(struct error *error, const char *name);
void error_move(struct error *to, struct error *from);
void error_clear(struct error *error);

#endif
