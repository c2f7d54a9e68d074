/* How a call looks from inside: what call*.c share. Nobody else includes this. */
#ifndef BASE_CALL_INSIDE_H
#define BASE_CALL_INSIDE_H

#include "base/call.h"
#include "base/text.h"

#define CALL_ARGUMENTS 6

enum call_name {
	CALL_ACCEPT,
	CALL_ACCEPT4,
	CALL_BIND,
	CALL_CHDIR,
	CALL_CHMOD,
	CALL_CHOWN,
	CALL_CHROOT,
	CALL_CLOSE,
	CALL_CONNECT,
	CALL_COPY_FILE_RANGE,
	CALL_DUP2,
	CALL_EXECVP,
	CALL_FCHDIR,
	CALL_FCHMOD,
	CALL_FCHOWN,
	CALL_FCNTL,
	CALL_FLOCK,
	CALL_FORK,
	CALL_FTRUNCATE,
	CALL_GETADDRINFO,
	CALL_GETPEERNAME,
	CALL_GETSOCKNAME,
	CALL_GETSOCKOPT,
	CALL_GRANTPT,
	CALL_IOCTL,
	CALL_KILL,
	CALL_LINK,
	CALL_LISTEN,
	CALL_LSEEK,
	CALL_MKFIFO,
	CALL_OPEN,
	CALL_PIPE,
	CALL_PIPE2,
	CALL_POLL,
	CALL_POSIX_OPENPT,
	CALL_PTSNAME,
	CALL_PWRITEV2,
	CALL_READ,
	CALL_RECV,
	CALL_RECVMSG,
	CALL_SEND,
	CALL_SENDFILE,
	CALL_SENDMSG,
	CALL_SENDTO,
	CALL_SETGID,
	CALL_SETGROUPS,
	CALL_SETNS,
	CALL_SETPGID,
	CALL_SETSID,
	CALL_SETSOCKOPT,
	CALL_SETUID,
	CALL_SHUTDOWN,
	CALL_SOCKET,
	CALL_SOCKETPAIR,
	CALL_SPLICE,
	CALL_SYMLINK,
	CALL_TCGETATTR,
	CALL_TCSETATTR,
	CALL_UMASK,
	CALL_UNLINK,
	CALL_UNLOCKPT,
	CALL_WAITPID,
	CALL_WRITE,
	CALL_NAME_COUNT,
};

/* A call with its arguments, pointers among them, as the kernel gets them. */
struct call {
	enum call_name name;
	intptr_t values[CALL_ARGUMENTS];
	intptr_t result;
	int number; /* errno */
};

/* An argument as a number or an address, whatever its type. */
#define ARGUMENT(value) ((intptr_t)(value))

/*
 * The body of a function that is a call: perform is the call itself, which stands twice so that the straight manner
 * costs one comparison.
 */
#define CALL(type, which, perform, ...) \
	struct call call; \
	if (call_manner == CALL_STRAIGHT) \
		return perform; \
	call = (struct call){ .name = which, .values = { __VA_ARGS__ } }; \
	if (call_begins(&call)) \
		call_done(&call, (intptr_t)(perform)); \
	return (type)call_ends(&call)

/* A constant and its name. No pointers: nothing of these tables costs a run that shows no calls. */
struct call_word {
	long value;
	char word[20]; /* empty behind the last */
};

bool call_begins(struct call *call);
void call_done(struct call *call, intptr_t result);
intptr_t call_ends(struct call *call);

/* call_show.c */
void call_show_arguments(struct text *out, const struct call *call);
void call_show_result(struct text *out, const struct call *call);
bool call_failed(const struct call *call);

/* call_text.c */
void call_text_word(struct text *out, const struct call_word *words, long value);
void call_text_flags(struct text *out, const struct call_word *words, unsigned long flags,
	const char *between);
void call_text_quoted(struct text *out, const char *p, size_t length);
void call_text_data(struct text *out, const void *data, size_t length);
void call_text_string(struct text *out, const char *string);
void call_text_open(struct text *out, unsigned long flags);
void call_text_type(struct text *out, unsigned long type);
void call_text_request(struct text *out, unsigned long request);

/* call_value.c */
void call_value_address(struct text *out, const struct sockaddr *address, size_t length);
void call_value_address_out(struct text *out, const struct call *call, size_t index);
void call_value_length_out(struct text *out, const struct call *call, size_t index);
void call_value_option_name(struct text *out, const struct call *call);
void call_value_option(struct text *out, const struct call *call, const void *value, size_t length);
void call_value_parts(struct text *out, const struct iovec *parts, size_t count, size_t total);
void call_value_message(struct text *out, const struct call *call, bool received);
void call_value_slots(struct text *out, const struct pollfd *slots, size_t count, bool found);
void call_value_strings(struct text *out, char *const *strings);
void call_value_status(struct text *out, const struct call *call, const int *status);
void call_value_groups(struct text *out, const gid_t *groups, size_t count);
void call_value_hints(struct text *out, const struct addrinfo *hints);
void call_value_terminal(struct text *out, const struct call *call, const struct termios *settings);
void call_value_fcntl(struct text *out, const struct call *call);
void call_value_ioctl(struct text *out, const struct call *call);
void call_value_answers(struct text *out, const struct call *call);

/* call_remark.c */
const char *call_remark(const struct call *call, struct text *room);

/* call_words.c */
extern const struct call_word call_families[], call_protocols[], call_levels[], call_shutdowns[],
	call_fcntls[], call_ioctls[], call_whences[], call_signals[], call_terminal_actions[],
	call_answers[];
extern const struct call_word call_open_flags[], call_type_flags[], call_message_flags[],
	call_splice_flags[], call_write_flags[], call_poll_events[], call_wait_flags[],
	call_lock_flags[], call_lookup_flags[], call_types[];
extern const struct call_word call_input_flags[], call_output_flags[], call_control_flags[],
	call_local_flags[];
const char *call_socket_option(int level, int number);
const char *call_error_word(int number);

/* call_pretend.c */
bool call_pretend(struct call *call);
bool call_pretend_runs(const struct call *call);
void call_pretend_child(void);

#endif
