/* A call in words: one table says what the arguments of each call are, and each kind of argument is shown in its way. */
#include <fcntl.h>
#include <string.h>

#include "base/call_inside.h"
#include "base/intl.h"

/* What an argument is. Some look at their neighbours: data at its size, an address at its length. */
enum argument_kind {
	ARGUMENT_NONE,
	ARGUMENT_SKIPPED, /* shown by the one before */
	ARGUMENT_CONTROL, /* of fcntl and ioctl */
	ARGUMENT_NUMBER,
	ARGUMENT_SIZE, /* unsigned */
	ARGUMENT_OCTAL,
	ARGUMENT_MODE,	/* of a file that open may make */
	ARGUMENT_WORD,	/* one of a table */
	ARGUMENT_FLAGS, /* several of a table */
	ARGUMENT_TYPE,	/* of a socket, with flags */
	ARGUMENT_PROTOCOL,
	ARGUMENT_OPEN, /* access mode and flags */
	ARGUMENT_REQUEST,
	ARGUMENT_FIRST_DATA, /* all behind it are pointers */
	ARGUMENT_STRING,
	ARGUMENT_STRINGS,
	ARGUMENT_DATA, /* the size behind it */
	ARGUMENT_DATA_OUT,
	ARGUMENT_PARTS, /* iovec, their count behind it */
	ARGUMENT_GROUPS,
	ARGUMENT_PAIR,
	ARGUMENT_POINTER,
	ARGUMENT_OPTION, /* of a socket, level and number */
	ARGUMENT_VALUE,	 /* of a socket option, the length behind it */
	ARGUMENT_VALUE_OUT,
	ARGUMENT_ADDRESS, /* the length behind it */
	ARGUMENT_ADDRESS_OUT,
	ARGUMENT_LENGTH_OUT,
	ARGUMENT_MESSAGE,
	ARGUMENT_MESSAGE_OUT,
	ARGUMENT_SLOTS, /* of poll, their count behind it */
	ARGUMENT_STATUS,
	ARGUMENT_HINTS,
	ARGUMENT_TERMINAL,
};

struct argument_shape {
	enum argument_kind kind;
	const struct call_word *words;
};

struct call_row {
	char name[20];
	struct argument_shape arguments[CALL_ARGUMENTS];
};

#define NUMBER \
	{ \
		ARGUMENT_NUMBER, NULL \
	}
#define IS(kind) \
	{ \
		ARGUMENT_##kind, NULL \
	}
#define ONE_OF(words) \
	{ \
		ARGUMENT_WORD, words \
	}
#define SOME_OF(words) \
	{ \
		ARGUMENT_FLAGS, words \
	}

/* clang-format off */
static const struct call_row call_rows[CALL_NAME_COUNT] = {
	[CALL_ACCEPT] = { "accept", { NUMBER, IS(ADDRESS_OUT), IS(LENGTH_OUT) } },
	[CALL_ACCEPT4] = { "accept4", { NUMBER, IS(ADDRESS_OUT), IS(LENGTH_OUT), SOME_OF(call_type_flags) } },
	[CALL_BIND] = { "bind", { NUMBER, IS(ADDRESS), NUMBER } },
	[CALL_CHDIR] = { "chdir", { IS(STRING) } },
	[CALL_CHMOD] = { "chmod", { IS(STRING), IS(OCTAL) } },
	[CALL_CHOWN] = { "chown", { IS(STRING), NUMBER, NUMBER } },
	[CALL_CHROOT] = { "chroot", { IS(STRING) } },
	[CALL_CLOSE] = { "close", { NUMBER } },
	[CALL_CONNECT] = { "connect", { NUMBER, IS(ADDRESS), NUMBER } },
	[CALL_COPY_FILE_RANGE] = { "copy_file_range",
		{ NUMBER, IS(POINTER), NUMBER, IS(POINTER), IS(SIZE), NUMBER } },
	[CALL_DUP2] = { "dup2", { NUMBER, NUMBER } },
	[CALL_EXECVP] = { "execvp", { IS(STRING), IS(STRINGS) } },
	[CALL_FCHDIR] = { "fchdir", { NUMBER } },
	[CALL_FCHMOD] = { "fchmod", { NUMBER, IS(OCTAL) } },
	[CALL_FCHOWN] = { "fchown", { NUMBER, NUMBER, NUMBER } },
	[CALL_FCNTL] = { "fcntl", { NUMBER, ONE_OF(call_fcntls), IS(CONTROL) } },
	[CALL_FLOCK] = { "flock", { NUMBER, SOME_OF(call_lock_flags) } },
	[CALL_FORK] = { "fork", { IS(NONE) } },
	[CALL_FTRUNCATE] = { "ftruncate", { NUMBER, NUMBER } },
	[CALL_GETADDRINFO] = { "getaddrinfo", { IS(STRING), IS(STRING), IS(HINTS) } },
	[CALL_GETPEERNAME] = { "getpeername", { NUMBER, IS(ADDRESS_OUT), IS(LENGTH_OUT) } },
	[CALL_GETSOCKNAME] = { "getsockname", { NUMBER, IS(ADDRESS_OUT), IS(LENGTH_OUT) } },
	[CALL_GETSOCKOPT] = { "getsockopt",
		{ NUMBER, IS(OPTION), IS(SKIPPED), IS(VALUE_OUT), IS(LENGTH_OUT) } },
	[CALL_GRANTPT] = { "grantpt", { NUMBER } },
	[CALL_IOCTL] = { "ioctl", { NUMBER, IS(REQUEST), IS(CONTROL) } },
	[CALL_KILL] = { "kill", { NUMBER, ONE_OF(call_signals) } },
	[CALL_LINK] = { "link", { IS(STRING), IS(STRING) } },
	[CALL_LISTEN] = { "listen", { NUMBER, NUMBER } },
	[CALL_LSEEK] = { "lseek", { NUMBER, NUMBER, ONE_OF(call_whences) } },
	[CALL_MKFIFO] = { "mkfifo", { IS(STRING), IS(OCTAL) } },
	[CALL_OPEN] = { "open", { IS(STRING), IS(OPEN), IS(MODE) } },
	[CALL_PIPE] = { "pipe", { IS(PAIR) } },
	[CALL_PIPE2] = { "pipe2", { IS(PAIR), SOME_OF(call_open_flags) } },
	[CALL_POLL] = { "poll", { IS(SLOTS), NUMBER, NUMBER } },
	[CALL_POSIX_OPENPT] = { "posix_openpt", { IS(OPEN) } },
	[CALL_PTSNAME] = { "ptsname", { NUMBER } },
	[CALL_PWRITEV2] = { "pwritev2", { NUMBER, IS(PARTS), NUMBER, NUMBER, SOME_OF(call_write_flags) } },
	[CALL_READ] = { "read", { NUMBER, IS(DATA_OUT), IS(SIZE) } },
	[CALL_RECV] = { "recv", { NUMBER, IS(DATA_OUT), IS(SIZE), SOME_OF(call_message_flags) } },
	[CALL_RECVMSG] = { "recvmsg", { NUMBER, IS(MESSAGE_OUT), SOME_OF(call_message_flags) } },
	[CALL_SEND] = { "send", { NUMBER, IS(DATA), IS(SIZE), SOME_OF(call_message_flags) } },
	[CALL_SENDFILE] = { "sendfile", { NUMBER, NUMBER, IS(POINTER), IS(SIZE) } },
	[CALL_SENDMSG] = { "sendmsg", { NUMBER, IS(MESSAGE), SOME_OF(call_message_flags) } },
	[CALL_SENDTO] = { "sendto",
		{ NUMBER, IS(DATA), IS(SIZE), SOME_OF(call_message_flags), IS(ADDRESS), NUMBER } },
	[CALL_SETGID] = { "setgid", { NUMBER } },
	[CALL_SETGROUPS] = { "setgroups", { NUMBER, IS(GROUPS) } },
	[CALL_SETNS] = { "setns", { NUMBER, NUMBER } },
	[CALL_SETPGID] = { "setpgid", { NUMBER, NUMBER } },
	[CALL_SETSID] = { "setsid", { IS(NONE) } },
	[CALL_SETSOCKOPT] = { "setsockopt", { NUMBER, IS(OPTION), IS(SKIPPED), IS(VALUE), NUMBER } },
	[CALL_SETUID] = { "setuid", { NUMBER } },
	[CALL_SHUTDOWN] = { "shutdown", { NUMBER, ONE_OF(call_shutdowns) } },
	[CALL_SOCKET] = { "socket", { ONE_OF(call_families), IS(TYPE), IS(PROTOCOL) } },
	[CALL_SOCKETPAIR] = { "socketpair",
		{ ONE_OF(call_families), IS(TYPE), IS(PROTOCOL), IS(PAIR) } },
	[CALL_SPLICE] = { "splice", { NUMBER, IS(POINTER), NUMBER, IS(POINTER), IS(SIZE),
		SOME_OF(call_splice_flags) } },
	[CALL_SYMLINK] = { "symlink", { IS(STRING), IS(STRING) } },
	[CALL_TCGETATTR] = { "tcgetattr", { NUMBER, IS(TERMINAL) } },
	[CALL_TCSETATTR] = { "tcsetattr", { NUMBER, ONE_OF(call_terminal_actions), IS(TERMINAL) } },
	[CALL_UMASK] = { "umask", { IS(OCTAL) } },
	[CALL_UNLINK] = { "unlink", { IS(STRING) } },
	[CALL_UNLOCKPT] = { "unlockpt", { NUMBER } },
	[CALL_WAITPID] = { "waitpid", { NUMBER, IS(STATUS), SOME_OF(call_wait_flags) } },
	[CALL_WRITE] = { "write", { NUMBER, IS(DATA), IS(SIZE) } },
};
/* clang-format on */

/* Whether a call has failed. */
bool call_failed(const struct call *call)
{
	if (call->name == CALL_GETADDRINFO)
		return call->result != 0;
	return call->name == CALL_PTSNAME ? call->result == 0 : call->result < 0;
}

/* The last argument of fcntl and ioctl, which not all requests have. */
static void show_control(struct text *out, const struct call *call)
{
	if (call->name == CALL_FCNTL)
		call_value_fcntl(out, call);
	else
		call_value_ioctl(out, call);
}

/* Appends an argument that is a number, a word, or several. */
static void show_number(struct text *out, const struct call *call, size_t index)
{
	const struct argument_shape *shape = &call_rows[call->name].arguments[index];
	intptr_t value = call->values[index];
	unsigned long flags = (unsigned)value;

	switch (shape->kind) {
	case ARGUMENT_SIZE:
		text_print(out, "%zu", (size_t)value);
		break;
	case ARGUMENT_OCTAL:
	case ARGUMENT_MODE:
		text_print(out, "%#03lo", (unsigned long)value);
		break;
	case ARGUMENT_WORD:
		call_text_word(out, shape->words, (long)value);
		break;
	case ARGUMENT_FLAGS:
		call_text_flags(out, shape->words, flags, "");
		break;
	case ARGUMENT_TYPE:
		call_text_type(out, flags);
		break;
	case ARGUMENT_PROTOCOL:
		if (call->values[0] == AF_INET || call->values[0] == AF_INET6)
			call_text_word(out, call_protocols, (long)value);
		else
			text_print(out, "%ld", (long)value);
		break;
	case ARGUMENT_OPEN:
		call_text_open(out, flags);
		break;
	case ARGUMENT_REQUEST:
		call_text_request(out, (unsigned long)value);
		break;
	default:
		text_print(out, "%ld", (long)value);
		break;
	}
}

/* How much of what a buffer has room for the call has brought. */
static size_t show_brought(const struct call *call, intptr_t room)
{
	if (call->result <= 0)
		return 0;
	return (size_t)(call->result > room ? room : call->result);
}

/* Appends an argument that is data, or a string, or several of them. */
static void show_data(struct text *out, const struct call *call, size_t index)
{
	const void *pointer = (const void *)call->values[index];
	intptr_t next = index + 1 < CALL_ARGUMENTS ? call->values[index + 1] : 0;
	const int *pair = pointer;

	switch (call_rows[call->name].arguments[index].kind) {
	case ARGUMENT_STRING:
		call_text_string(out, pointer);
		break;
	case ARGUMENT_DATA:
		call_text_data(out, pointer, (size_t)next);
		break;
	case ARGUMENT_DATA_OUT:
		call_text_data(out, pointer, show_brought(call, next));
		break;
	case ARGUMENT_PARTS:
		call_value_parts(out, pointer, (size_t)next, SIZE_MAX);
		break;
	case ARGUMENT_STRINGS:
		call_value_strings(out, pointer);
		break;
	case ARGUMENT_GROUPS:
		call_value_groups(out, pointer, (size_t)call->values[0]);
		break;
	case ARGUMENT_PAIR:
		if (call_failed(call))
			text_add_string(out, "[]");
		else
			text_print(out, "[%d, %d]", pair[0], pair[1]);
		break;
	default:
		text_add_string(out, pointer == NULL ? "NULL" : "[...]");
		break;
	}
}

/* Appends an argument that is a struct. Returns false if it is something simpler. */
static bool show_struct(struct text *out, const struct call *call, size_t index)
{
	enum argument_kind kind = call_rows[call->name].arguments[index].kind;
	const void *pointer = (const void *)call->values[index];
	intptr_t next = index + 1 < CALL_ARGUMENTS ? call->values[index + 1] : 0;

	switch (kind) {
	case ARGUMENT_OPTION:
		call_value_option_name(out, call);
		return true;
	case ARGUMENT_VALUE:
		call_value_option(out, call, pointer, (size_t)next);
		return true;
	case ARGUMENT_VALUE_OUT:
		if (call_failed(call))
			text_add_string(out, "[]");
		else
			call_value_option(out, call, pointer, *(const socklen_t *)next);
		return true;
	case ARGUMENT_ADDRESS:
		call_value_address(out, pointer, (size_t)next);
		return true;
	case ARGUMENT_ADDRESS_OUT:
		call_value_address_out(out, call, index);
		return true;
	case ARGUMENT_LENGTH_OUT:
		call_value_length_out(out, call, index);
		return true;
	case ARGUMENT_MESSAGE:
	case ARGUMENT_MESSAGE_OUT:
		call_value_message(out, call, kind == ARGUMENT_MESSAGE_OUT);
		return true;
	case ARGUMENT_SLOTS:
		call_value_slots(out, pointer, (size_t)next, false);
		return true;
	case ARGUMENT_STATUS:
		call_value_status(out, call, pointer);
		return true;
	case ARGUMENT_HINTS:
		call_value_hints(out, pointer);
		return true;
	case ARGUMENT_TERMINAL:
		call_value_terminal(out, call, pointer);
		return true;
	default:
		return false;
	}
}

/* Appends one argument of a call with what stands in front of it. Not all are there in every case. */
static void show_argument(struct text *out, const struct call *call, size_t index)
{
	enum argument_kind kind = call_rows[call->name].arguments[index].kind;

	if (kind == ARGUMENT_SKIPPED ||
		(kind == ARGUMENT_MODE && !(call->values[index - 1] & O_CREAT)))
		return;
	if (kind == ARGUMENT_CONTROL) {
		show_control(out, call);
		return;
	}
	if (index > 0)
		text_add_string(out, ", ");
	if (kind >= ARGUMENT_FIRST_DATA && !show_struct(out, call, index))
		show_data(out, call, index);
	else if (kind < ARGUMENT_FIRST_DATA)
		show_number(out, call, index);
}

/* Appends the call with its arguments. */
void call_show_arguments(struct text *out, const struct call *call)
{
	const struct call_row *row = &call_rows[call->name];

	text_print(out, "%s(", row->name);
	for (size_t i = 0; i < CALL_ARGUMENTS && row->arguments[i].kind != ARGUMENT_NONE; i++)
		show_argument(out, call, i);
	text_add_char(out, ')');
}

/* Appends what the call has answered; nothing where it doesn't return. */
void call_show_result(struct text *out, const struct call *call)
{
	const char *word = call_error_word(call->number);

	if (call->name == CALL_EXECVP && call->result == 0)
		return;
	if (call->name == CALL_GETADDRINFO) {
		call_value_answers(out, call);
	} else if (call->name == CALL_PTSNAME && call->result != 0) {
		call_text_string(out, (const char *)call->result);
	} else if (call_failed(call)) {
		text_print(out, "-1 %s (", word != NULL ? word : "?");
		text_add_string(out, strerror(call->number));
		text_add_char(out, ')');
	} else if (call->name == CALL_FCNTL && call->values[1] == F_GETFL) {
		call_text_open(out, (unsigned long)call->result);
	} else if (call->name == CALL_UMASK) {
		text_print(out, "%#03lo", (unsigned long)call->result);
	} else {
		text_print(out, "%ld", (long)call->result);
	}
	if (call->name == CALL_POLL && call->result > 0) {
		text_add_char(out, ' ');
		call_value_slots(out, (const void *)call->values[0], (size_t)call->values[1], true);
	}
}
