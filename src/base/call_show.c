/* A call in words: one table says what the arguments of each call are, and each kind of argument is shown in its way. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/call_inside.h"
#include "base/escape.h"
#include "base/intl.h"

#define SHOW_BYTES 32 /* of data, as strace does it */

/* What an argument is. Some look at their neighbours: data at its size, an address at its length. */
enum argument_kind {
	ARGUMENT_NONE,
	ARGUMENT_NUMBER,
	ARGUMENT_SIZE, /* unsigned */
	ARGUMENT_OCTAL,
	ARGUMENT_STRING,
	ARGUMENT_WORD,	/* one of a table */
	ARGUMENT_FLAGS, /* several of a table */
	ARGUMENT_TYPE,	/* of a socket, with flags */
	ARGUMENT_PROTOCOL,
	ARGUMENT_OPEN,	  /* access mode and flags */
	ARGUMENT_MODE,	  /* of a file that open may make */
	ARGUMENT_OPTION,  /* of a socket, level and number */
	ARGUMENT_SKIPPED, /* shown by the one before */
	ARGUMENT_VALUE,	  /* of a socket option, the length behind it */
	ARGUMENT_VALUE_OUT,
	ARGUMENT_ADDRESS, /* the length behind it */
	ARGUMENT_ADDRESS_OUT,
	ARGUMENT_LENGTH_OUT,
	ARGUMENT_DATA, /* the size behind it */
	ARGUMENT_DATA_OUT,
	ARGUMENT_PARTS, /* iovec, their count behind it */
	ARGUMENT_MESSAGE,
	ARGUMENT_MESSAGE_OUT,
	ARGUMENT_PAIR,
	ARGUMENT_SLOTS, /* of poll, their count behind it */
	ARGUMENT_STRINGS,
	ARGUMENT_STATUS,
	ARGUMENT_GROUPS,
	ARGUMENT_HINTS,
	ARGUMENT_CONTROL, /* of fcntl and ioctl */
	ARGUMENT_REQUEST,
	ARGUMENT_TERMINAL,
	ARGUMENT_POINTER,
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

/* Appends the word for a number, or the number. */
static void show_word(struct text *out, const struct call_word *words, long value)
{
	for (; words->word[0] != '\0'; words++) {
		if (words->value == value) {
			text_add_string(out, words->word);
			return;
		}
	}
	text_print(out, "%ld", value);
}

/* Appends the words of flags behind what stands there already; what has no word is a number. */
static void show_flags(struct text *out, const struct call_word *words, unsigned long flags,
	const char *between)
{
	for (; words->word[0] != '\0'; words++) {
		unsigned long bits = (unsigned long)words->value;

		if (bits == 0 || (flags & bits) != bits)
			continue;
		text_print(out, "%s%s", between, words->word);
		between = "|";
		flags &= ~bits;
	}
	if (flags != 0)
		text_print(out, "%s%#lx", between, flags);
	else if (between[0] == '\0')
		text_add_char(out, '0');
}

/* Appends bytes between quotes, as C has them. */
static void show_quoted(struct text *out, const char *p, size_t length)
{
	text_add_char(out, '"');
	while (length > 0) {
		size_t plain = 0;

		while (plain < length && p[plain] != '"' && p[plain] != '\\')
			plain++;
		escape_terminal(out, p, plain);
		if (plain < length) {
			text_add_char(out, '\\');
			text_add_char(out, p[plain++]);
		}
		p += plain;
		length -= plain;
	}
	text_add_char(out, '"');
}

/* Appends data; what is longer than a little is cut. */
static void show_data(struct text *out, const void *data, size_t length)
{
	show_quoted(out, data, length < SHOW_BYTES ? length : SHOW_BYTES);
	if (length > SHOW_BYTES)
		text_add_string(out, "...");
}

static void show_string(struct text *out, const char *string)
{
	if (string == NULL)
		text_add_string(out, "NULL");
	else
		show_quoted(out, string, strlen(string));
}

/* Appends the name of a UNIX socket: a path, or @ and an abstract name. */
static void show_local(struct text *out, const struct sockaddr_un *address, size_t length)
{
	size_t size = length > offsetof(struct sockaddr_un, sun_path)
		? length - offsetof(struct sockaddr_un, sun_path)
		: 0;

	if (size == 0) {
		text_add_string(out, "AF_UNIX");
	} else if (address->sun_path[0] == '\0') {
		text_add_char(out, '@');
		show_quoted(out, address->sun_path + 1, size - 1);
	} else {
		show_quoted(out, address->sun_path, strnlen(address->sun_path, size));
	}
}

/* Appends a socket address in braces, as one writes it: {127.0.0.1:80}, {[::1]:80}, {"/tmp/x"}. */
static void show_address(struct text *out, const struct sockaddr *address, size_t length)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (address == NULL) {
		text_add_string(out, "NULL");
		return;
	}
	text_add_char(out, '{');
	if (length < sizeof(address->sa_family)) {
		;
	} else if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *ip4 = (const void *)address;

		inet_ntop(AF_INET, &ip4->sin_addr, host, sizeof(host));
		text_print(out, "%s:%u", host, (unsigned)ntohs(ip4->sin_port));
	} else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *ip6 = (const void *)address;

		inet_ntop(AF_INET6, &ip6->sin6_addr, host, sizeof(host));
		text_print(out, "[%s", host);
		if (ip6->sin6_scope_id != 0)
			text_print(out, "%%%u", (unsigned)ip6->sin6_scope_id);
		text_print(out, "]:%u", (unsigned)ntohs(ip6->sin6_port));
	} else if (address->sa_family == AF_UNIX) {
		show_local(out, (const void *)address, length);
	} else {
		show_word(out, call_families, address->sa_family);
		text_add_string(out, ", ");
		show_data(out, (const char *)address + sizeof(address->sa_family),
			length - sizeof(address->sa_family));
	}
	text_add_char(out, '}');
}

/* Appends an address that the call has filled in. */
static void show_address_out(struct text *out, const struct call *call, size_t index)
{
	const socklen_t *length = (const void *)call->values[index + 1];

	if (call->values[index] == 0 || length == NULL)
		text_add_string(out, "NULL");
	else if (call_failed(call))
		text_add_string(out, "{}");
	else
		show_address(out, (const void *)call->values[index], *length);
}

static void show_length_out(struct text *out, const struct call *call, size_t index)
{
	const socklen_t *length = (const void *)call->values[index];

	if (length == NULL)
		text_add_string(out, "NULL");
	else
		text_print(out, "[%u]", (unsigned)*length);
}

/* Whether the words of a socket option end in one of these names. */
static bool show_is_option(const struct call *call, const char *const *names)
{
	const char *words = call_socket_option((int)call->values[1], (int)call->values[2]);
	const char *name = words != NULL ? strrchr(words, ' ') : NULL;

	for (; name != NULL && *names != NULL; names++) {
		if (strcmp(name + 1, *names) == 0)
			return true;
	}
	return false;
}

/* Appends a request to join a multicast group. Returns false if the value is none. */
static bool show_group(struct text *out, const struct call *call, const void *value, size_t length)
{
	static const char *const memberships[] = { "IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP",
		"IP_MULTICAST_IF", NULL };
	static const char *const joins[] = { "IPV6_JOIN_GROUP", "IPV6_ADD_MEMBERSHIP", NULL };
	char group[INET6_ADDRSTRLEN] = "", local[INET6_ADDRSTRLEN] = "";

	if (show_is_option(call, memberships) && length == sizeof(struct ip_mreqn)) {
		const struct ip_mreqn *request = value;

		inet_ntop(AF_INET, &request->imr_multiaddr, group, sizeof(group));
		inet_ntop(AF_INET, &request->imr_address, local, sizeof(local));
		text_print(out, "{imr_multiaddr=%s, imr_address=%s, imr_ifindex=%d}", group, local,
			request->imr_ifindex);
		return true;
	}
	if (show_is_option(call, joins) && length == sizeof(struct ipv6_mreq)) {
		const struct ipv6_mreq *request = value;

		inet_ntop(AF_INET6, &request->ipv6mr_multiaddr, group, sizeof(group));
		text_print(out, "{ipv6mr_multiaddr=%s, ipv6mr_interface=%u}", group,
			(unsigned)request->ipv6mr_interface);
		return true;
	}
	return false;
}

/* Appends the value of a socket option. */
static void show_value(struct text *out, const struct call *call, const void *value, size_t length)
{
	static const char *const times[] = { "SO_RCVTIMEO", "SO_SNDTIMEO", NULL };
	static const char *const lingers[] = { "SO_LINGER", NULL };
	static const char *const errors[] = { "SO_ERROR", NULL };
	static const char *const strings[] = { "SO_BINDTODEVICE", "TCP_CONGESTION", NULL };
	const int *numbers = value;

	if (value == NULL) {
		text_add_string(out, "NULL");
	} else if (show_is_option(call, times) && length == sizeof(struct timeval)) {
		const struct timeval *time = value;

		text_print(out, "{tv_sec=%lld, tv_usec=%ld}", (long long)time->tv_sec,
			(long)time->tv_usec);
	} else if (show_is_option(call, lingers) && length == sizeof(struct linger)) {
		const struct linger *linger = value;

		text_print(out, "{l_onoff=%d, l_linger=%d}", linger->l_onoff, linger->l_linger);
	} else if (show_is_option(call, strings)) {
		show_data(out, value, strnlen(value, length));
	} else if (show_group(out, call, value, length)) {
		return;
	} else if (show_is_option(call, errors) && numbers[0] != 0 &&
		call_error_word(numbers[0]) != NULL) {
		text_print(out, "[%s]", call_error_word(numbers[0]));
	} else if (length == sizeof(int)) {
		text_print(out, "[%d]", numbers[0]);
	} else {
		show_data(out, value, length);
	}
}

/* Appends the pieces of data of a call that moves some. */
static void show_parts(struct text *out, const struct iovec *parts, size_t count, size_t total)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		size_t length = parts[i].iov_len < total ? parts[i].iov_len : total;

		text_add_string(out, i > 0 ? ", {" : "{");
		show_data(out, parts[i].iov_base, length);
		text_print(out, ", %zu}", parts[i].iov_len);
		total -= length;
	}
	text_add_char(out, ']');
}

/* Appends a message with its address; moved is how much of its data there is. */
static void show_message(struct text *out, const struct call *call, bool received)
{
	const struct msghdr *message = (const void *)call->values[1];
	size_t moved = !received ? SIZE_MAX : call->result > 0 ? (size_t)call->result : 0;

	if (received && call->result < 0) {
		text_add_string(out, "{}");
		return;
	}
	text_add_string(out, "{msg_name=");
	show_address(out, message->msg_name, message->msg_namelen);
	text_add_string(out, ", msg_iov=");
	show_parts(out, message->msg_iov, (size_t)message->msg_iovlen, moved);
	text_print(out, ", msg_controllen=%zu}", (size_t)message->msg_controllen);
}

/* Appends what poll is to wait for; what it found is told by the result. */
static void show_slots(struct text *out, const struct pollfd *slots, size_t count, bool found)
{
	const char *between = "";

	text_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		short events = found ? slots[i].revents : slots[i].events;

		if (found && events == 0)
			continue;
		text_print(out, "%s{fd=%d", between, slots[i].fd);
		if (slots[i].fd >= 0 || found) {
			text_print(out, ", %s=", found ? "revents" : "events");
			show_flags(out, call_poll_events, (unsigned short)events, "");
		}
		text_add_char(out, '}');
		between = ", ";
	}
	text_add_char(out, ']');
}

static void show_strings(struct text *out, char *const *strings)
{
	text_add_char(out, '[');
	for (size_t i = 0; strings[i] != NULL; i++) {
		text_add_string(out, i > 0 ? ", " : "");
		show_string(out, strings[i]);
	}
	text_add_char(out, ']');
}

/* Appends how a process has ended. */
static void show_status(struct text *out, const struct call *call, const int *status)
{
	if (call->result <= 0 || status == NULL) {
		text_add_string(out, status == NULL ? "NULL" : "[]");
		return;
	}
	text_add_char(out, '[');
	if (WIFEXITED(*status)) {
		text_print(out, "exit %d", WEXITSTATUS(*status));
	} else {
		text_add_string(out, "killed by ");
		show_word(out, call_signals, WTERMSIG(*status));
	}
	text_add_char(out, ']');
}

static void show_groups(struct text *out, const gid_t *groups, size_t count)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < count; i++)
		text_print(out, "%s%u", i > 0 ? ", " : "", (unsigned)groups[i]);
	text_add_char(out, ']');
}

/* Appends what a name is looked up for. */
static void show_hints(struct text *out, const struct addrinfo *hints)
{
	if (hints == NULL) {
		text_add_string(out, "NULL");
		return;
	}
	text_add_char(out, '{');
	show_word(out, call_families, hints->ai_family);
	text_add_string(out, ", ");
	show_word(out, call_types, hints->ai_socktype);
	text_add_string(out, ", ");
	show_word(out, call_protocols, hints->ai_protocol);
	show_flags(out, call_lookup_flags, (unsigned)hints->ai_flags, ", ");
	text_add_char(out, '}');
}

/* Appends one word of a terminal's settings. */
static void show_terminal_word(struct text *out, const char *name, const struct call_word *words,
	tcflag_t flags)
{
	tcflag_t known = 0;

	for (const struct call_word *row = words; row->word[0] != '\0'; row++)
		known |= (tcflag_t)row->value;
	text_add_string(out, name);
	show_flags(out, words, flags & known, "");
}

/* Appends the settings of a terminal. */
static void show_terminal(struct text *out, const struct call *call, const struct termios *settings)
{
	static const char *const sizes[] = { "CS5|", "CS6|", "CS7|", "CS8|" };
	tcflag_t size = settings->c_cflag & CSIZE;

	if (call_failed(call)) {
		text_add_string(out, "{}");
		return;
	}
	show_terminal_word(out, "{c_iflag=", call_input_flags, settings->c_iflag);
	show_terminal_word(out, ", c_oflag=", call_output_flags, settings->c_oflag);
	text_add_string(out, ", c_cflag=");
	text_add_string(out, sizes[size == CS5 ? 0 : size == CS6 ? 1 : size == CS7 ? 2 : 3]);
	show_terminal_word(out, "", call_control_flags, settings->c_cflag);
	show_terminal_word(out, ", c_lflag=", call_local_flags, settings->c_lflag);
	text_add_char(out, '}');
}

/* Appends access mode and flags of a file that is opened. */
static void show_open(struct text *out, unsigned long flags)
{
	unsigned long access = flags & O_ACCMODE;

#if defined(__linux__) && O_LARGEFILE == 0
	flags &=
		~0100000UL; /* the kernel sets O_LARGEFILE, which has no name where all files are */
#endif

	text_add_string(out,
		access == O_WRONLY	   ? "O_WRONLY"
			: access == O_RDWR ? "O_RDWR"
					   : "O_RDONLY");
	if (flags != access)
		show_flags(out, call_open_flags, flags & ~(unsigned long)O_ACCMODE, "|");
}

/* Appends the type of a socket with its flags. */
static void show_type(struct text *out, unsigned long type)
{
	unsigned long flags = 0;

	for (const struct call_word *row = call_type_flags; row->word[0] != '\0'; row++)
		flags |= type & (unsigned long)row->value;
	show_word(out, call_types, (long)(type & ~flags));
	if (flags != 0)
		show_flags(out, call_type_flags, flags, "|");
}

/* Appends level and name of a socket option. */
static void show_option(struct text *out, const struct call *call)
{
	const char *words = call_socket_option((int)call->values[1], (int)call->values[2]);

	if (words != NULL) {
		text_add_string(out, words);
		return;
	}
	show_word(out, call_levels, call->values[1]);
	text_print(out, ", %ld", (long)call->values[2]);
}

/* Appends the last argument of fcntl, which most requests don't have. */
static bool show_fcntl(struct text *out, const struct call *call)
{
	const struct flock *lock = (const void *)call->values[2];

	switch (call->values[1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
#ifdef F_GETPIPE_SZ
	case F_GETPIPE_SZ:
#endif
		return false;
	case F_SETFD:
		text_add_string(out, call->values[2] & FD_CLOEXEC ? ", FD_CLOEXEC" : ", 0");
		return true;
	case F_SETFL:
		text_add_string(out, ", ");
		show_open(out, (unsigned long)call->values[2]);
		return true;
	case F_SETLK:
	case F_SETLKW:
		text_print(out, ", {l_type=%s, l_whence=SEEK_SET, l_start=%lld, l_len=%lld}",
			lock->l_type == F_RDLCK ? "F_RDLCK" : "F_WRLCK", (long long)lock->l_start,
			(long long)lock->l_len);
		return true;
	default:
		text_print(out, ", %ld", (long)call->values[2]);
		return true;
	}
}

/* Appends the last argument of ioctl. */
static bool show_ioctl(struct text *out, const struct call *call)
{
	const struct winsize *size = (const void *)call->values[2];
	bool pointed = call->values[2] != 0;

	if ((unsigned long)call->values[1] == TIOCSWINSZ ||
		((unsigned long)call->values[1] == TIOCGWINSZ && call->result == 0))
		text_print(out, ", {ws_row=%u, ws_col=%u}", size->ws_row, size->ws_col);
	else if ((unsigned long)call->values[1] == TIOCGWINSZ)
		text_add_string(out, ", {}");
	else if (!pointed || (unsigned long)call->values[1] == TIOCSCTTY)
		text_print(out, ", %ld", (long)call->values[2]);
	else
		text_print(out, ", %#lx", (unsigned long)call->values[2]);
	return true;
}

/* Appends one argument of a call with what stands between. Not all are there in every case. */
static void show_argument(struct text *out, const struct call *call, size_t index)
{
	const struct argument_shape *shape = &call_rows[call->name].arguments[index];
	intptr_t value = call->values[index];
	intptr_t next = index + 1 < CALL_ARGUMENTS ? call->values[index + 1] : 0;
	const void *pointer = (const void *)value;
	const int *pair = pointer;

	if (shape->kind == ARGUMENT_SKIPPED)
		return;
	if (shape->kind == ARGUMENT_CONTROL) {
		if (call->name == CALL_FCNTL)
			show_fcntl(out, call);
		else
			show_ioctl(out, call);
		return;
	}
	if (shape->kind == ARGUMENT_MODE && !(call->values[index - 1] & O_CREAT))
		return;
	if (index > 0)
		text_add_string(out, ", ");
	switch (shape->kind) {
	case ARGUMENT_NUMBER:
		text_print(out, "%ld", (long)value);
		break;
	case ARGUMENT_SIZE:
		text_print(out, "%zu", (size_t)value);
		break;
	case ARGUMENT_OCTAL:
	case ARGUMENT_MODE:
		text_print(out, "%#03lo", (unsigned long)value);
		break;
	case ARGUMENT_STRING:
		show_string(out, pointer);
		break;
	case ARGUMENT_WORD:
		show_word(out, shape->words, (long)value);
		break;
	case ARGUMENT_FLAGS:
		show_flags(out, shape->words, (unsigned long)(unsigned)value, "");
		break;
	case ARGUMENT_TYPE:
		show_type(out, (unsigned long)(unsigned)value);
		break;
	case ARGUMENT_PROTOCOL:
		if (call->values[0] == AF_INET || call->values[0] == AF_INET6)
			show_word(out, call_protocols, (long)value);
		else
			text_print(out, "%ld", (long)value);
		break;
	case ARGUMENT_OPEN:
		show_open(out, (unsigned long)(unsigned)value);
		break;
	case ARGUMENT_OPTION:
		show_option(out, call);
		break;
	case ARGUMENT_VALUE:
		show_value(out, call, pointer, (size_t)next);
		break;
	case ARGUMENT_VALUE_OUT:
		if (call_failed(call))
			text_add_string(out, "[]");
		else
			show_value(out, call, pointer, *(const socklen_t *)next);
		break;
	case ARGUMENT_ADDRESS:
		show_address(out, pointer, (size_t)next);
		break;
	case ARGUMENT_ADDRESS_OUT:
		show_address_out(out, call, index);
		break;
	case ARGUMENT_LENGTH_OUT:
		show_length_out(out, call, index);
		break;
	case ARGUMENT_DATA:
		show_data(out, pointer, (size_t)next);
		break;
	case ARGUMENT_DATA_OUT:
		show_data(out, pointer,
			call->result <= 0	      ? 0
				: call->result > next ? (size_t)next
						      : (size_t)call->result);
		break;
	case ARGUMENT_PARTS:
		show_parts(out, pointer, (size_t)next, SIZE_MAX);
		break;
	case ARGUMENT_MESSAGE:
	case ARGUMENT_MESSAGE_OUT:
		show_message(out, call, shape->kind == ARGUMENT_MESSAGE_OUT);
		break;
	case ARGUMENT_PAIR:
		if (call_failed(call))
			text_add_string(out, "[]");
		else
			text_print(out, "[%d, %d]", pair[0], pair[1]);
		break;
	case ARGUMENT_SLOTS:
		show_slots(out, pointer, (size_t)next, false);
		break;
	case ARGUMENT_STRINGS:
		show_strings(out, (char *const *)pointer);
		break;
	case ARGUMENT_STATUS:
		show_status(out, call, pointer);
		break;
	case ARGUMENT_GROUPS:
		show_groups(out, pointer, (size_t)call->values[0]);
		break;
	case ARGUMENT_HINTS:
		show_hints(out, pointer);
		break;
	case ARGUMENT_TERMINAL:
		show_terminal(out, call, pointer);
		break;
	case ARGUMENT_REQUEST:
		for (const struct call_word *row = call_ioctls; row->word[0] != '\0'; row++) {
			if (row->value == (long)value) {
				text_add_string(out, row->word);
				return;
			}
		}
		text_print(out, "%#lx", (unsigned long)value);
		break;
	case ARGUMENT_POINTER:
		text_add_string(out, value == 0 ? "NULL" : "[...]");
		break;
	default:
		break;
	}
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

/* Appends the addresses that a name stands for. */
static void show_answers(struct text *out, const struct call *call)
{
	const struct addrinfo *const *found = (const void *)call->values[3];
	const char *between = "";

	if (call->result != 0) {
		show_word(out, call_answers, (long)call->result);
		text_print(out, " (%s)", gai_strerror((int)call->result));
		return;
	}
	text_add_string(out, "0 [");
	for (const struct addrinfo *p = *found; p != NULL; p = p->ai_next) {
		text_add_string(out, between);
		show_address(out, p->ai_addr, p->ai_addrlen);
		between = ", ";
	}
	text_add_char(out, ']');
}

/* Appends what the call has answered; nothing where it doesn't return. */
void call_show_result(struct text *out, const struct call *call)
{
	const char *word = call_error_word(call->number);

	if (call->name == CALL_EXECVP && call->result == 0)
		return;
	if (call->name == CALL_GETADDRINFO) {
		show_answers(out, call);
	} else if (call->name == CALL_PTSNAME && call->result != 0) {
		show_string(out, (const char *)call->result);
	} else if (call_failed(call)) {
		text_print(out, "-1 %s (", word != NULL ? word : "?");
		text_add_string(out, strerror(call->number));
		text_add_char(out, ')');
	} else if (call->name == CALL_FCNTL && call->values[1] == F_GETFL) {
		show_open(out, (unsigned long)call->result);
	} else if (call->name == CALL_UMASK) {
		text_print(out, "%#03lo", (unsigned long)call->result);
	} else {
		text_print(out, "%ld", (long)call->result);
	}
	if (call->name == CALL_POLL && call->result > 0) {
		text_add_char(out, ' ');
		show_slots(out, (const void *)call->values[0], (size_t)call->values[1], true);
	}
}
