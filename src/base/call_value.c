/* The arguments of calls that are more than a number or a text: addresses, options, messages, settings. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/call_inside.h"

/* Appends the name of a UNIX socket: a path, or @ and an abstract name. */
static void value_local(struct text *out, const struct sockaddr_un *address, size_t length)
{
	size_t size = length > offsetof(struct sockaddr_un, sun_path)
		? length - offsetof(struct sockaddr_un, sun_path)
		: 0;

	if (size == 0) {
		text_add_string(out, "AF_UNIX");
	} else if (address->sun_path[0] == '\0') {
		text_add_char(out, '@');
		call_text_quoted(out, address->sun_path + 1, size - 1);
	} else {
		call_text_quoted(out, address->sun_path, strnlen(address->sun_path, size));
	}
}

/* Appends a socket address in braces, as one writes it: {127.0.0.1:80}, {[::1]:80}, {"/tmp/x"}. */
void call_value_address(struct text *out, const struct sockaddr *address, size_t length)
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
		value_local(out, (const void *)address, length);
	} else {
		call_text_word(out, call_families, address->sa_family);
		text_add_string(out, ", ");
		call_text_data(out, (const char *)address + sizeof(address->sa_family),
			length - sizeof(address->sa_family));
	}
	text_add_char(out, '}');
}

/* Appends an address that the call has filled in. */
void call_value_address_out(struct text *out, const struct call *call, size_t index)
{
	const socklen_t *length = (const void *)call->values[index + 1];

	if (call->values[index] == 0 || length == NULL)
		text_add_string(out, "NULL");
	else if (call_failed(call))
		text_add_string(out, "{}");
	else
		call_value_address(out, (const void *)call->values[index], *length);
}

void call_value_length_out(struct text *out, const struct call *call, size_t index)
{
	const socklen_t *length = (const void *)call->values[index];

	if (length == NULL)
		text_add_string(out, "NULL");
	else
		text_print(out, "[%u]", (unsigned)*length);
}

/* Whether the words of a socket option end in one of these names. */
static bool value_is_option(const struct call *call, const char *const *names)
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
static bool value_group(struct text *out, const struct call *call, const void *value, size_t length)
{
	static const char *const memberships[] = { "IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP",
		"IP_MULTICAST_IF", NULL };
	static const char *const joins[] = { "IPV6_JOIN_GROUP", "IPV6_ADD_MEMBERSHIP", NULL };
	char group[INET6_ADDRSTRLEN] = "", local[INET6_ADDRSTRLEN] = "";

	if (value_is_option(call, memberships) && length == sizeof(struct ip_mreqn)) {
		const struct ip_mreqn *request = value;

		inet_ntop(AF_INET, &request->imr_multiaddr, group, sizeof(group));
		inet_ntop(AF_INET, &request->imr_address, local, sizeof(local));
		text_print(out, "{imr_multiaddr=%s, imr_address=%s, imr_ifindex=%d}", group, local,
			request->imr_ifindex);
		return true;
	}
	if (value_is_option(call, joins) && length == sizeof(struct ipv6_mreq)) {
		const struct ipv6_mreq *request = value;

		inet_ntop(AF_INET6, &request->ipv6mr_multiaddr, group, sizeof(group));
		text_print(out, "{ipv6mr_multiaddr=%s, ipv6mr_interface=%u}", group,
			(unsigned)request->ipv6mr_interface);
		return true;
	}
	return false;
}

/* Appends the value of a socket option. */
void call_value_option(struct text *out, const struct call *call, const void *value, size_t length)
{
	static const char *const times[] = { "SO_RCVTIMEO", "SO_SNDTIMEO", NULL };
	static const char *const lingers[] = { "SO_LINGER", NULL };
	static const char *const errors[] = { "SO_ERROR", NULL };
	static const char *const strings[] = { "SO_BINDTODEVICE", "TCP_CONGESTION", NULL };
	const int *numbers = value;

	if (value == NULL) {
		text_add_string(out, "NULL");
	} else if (value_is_option(call, times) && length == sizeof(struct timeval)) {
		const struct timeval *time = value;

		text_print(out, "{tv_sec=%lld, tv_usec=%ld}", (long long)time->tv_sec,
			(long)time->tv_usec);
	} else if (value_is_option(call, lingers) && length == sizeof(struct linger)) {
		const struct linger *linger = value;

		text_print(out, "{l_onoff=%d, l_linger=%d}", linger->l_onoff, linger->l_linger);
	} else if (value_is_option(call, strings)) {
		call_text_data(out, value, strnlen(value, length));
	} else if (value_group(out, call, value, length)) {
		return;
	} else if (value_is_option(call, errors) && numbers[0] != 0 &&
		call_error_word(numbers[0]) != NULL) {
		text_print(out, "[%s]", call_error_word(numbers[0]));
	} else if (length == sizeof(int)) {
		text_print(out, "[%d]", numbers[0]);
	} else {
		call_text_data(out, value, length);
	}
}

/* Appends the pieces of data of a call that moves some. */
void call_value_parts(struct text *out, const struct iovec *parts, size_t count, size_t total)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		size_t length = parts[i].iov_len < total ? parts[i].iov_len : total;

		text_add_string(out, i > 0 ? ", {" : "{");
		call_text_data(out, parts[i].iov_base, length);
		text_print(out, ", %zu}", parts[i].iov_len);
		total -= length;
	}
	text_add_char(out, ']');
}

/* Appends a message with its address; moved is how much of its data there is. */
void call_value_message(struct text *out, const struct call *call, bool received)
{
	const struct msghdr *message = (const void *)call->values[1];
	size_t moved = !received ? SIZE_MAX : call->result > 0 ? (size_t)call->result : 0;

	if (received && call->result < 0) {
		text_add_string(out, "{}");
		return;
	}
	text_add_string(out, "{msg_name=");
	call_value_address(out, message->msg_name, message->msg_namelen);
	text_add_string(out, ", msg_iov=");
	call_value_parts(out, message->msg_iov, (size_t)message->msg_iovlen, moved);
	text_print(out, ", msg_controllen=%zu}", (size_t)message->msg_controllen);
}

/* Appends what poll is to wait for; what it found is told by the result. */
void call_value_slots(struct text *out, const struct pollfd *slots, size_t count, bool found)
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
			call_text_flags(out, call_poll_events, (unsigned short)events, "");
		}
		text_add_char(out, '}');
		between = ", ";
	}
	text_add_char(out, ']');
}

void call_value_strings(struct text *out, char *const *strings)
{
	text_add_char(out, '[');
	for (size_t i = 0; strings[i] != NULL; i++) {
		text_add_string(out, i > 0 ? ", " : "");
		call_text_string(out, strings[i]);
	}
	text_add_char(out, ']');
}

/* Appends how a process has ended. */
void call_value_status(struct text *out, const struct call *call, const int *status)
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
		call_text_word(out, call_signals, WTERMSIG(*status));
	}
	text_add_char(out, ']');
}

void call_value_groups(struct text *out, const gid_t *groups, size_t count)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < count; i++)
		text_print(out, "%s%u", i > 0 ? ", " : "", (unsigned)groups[i]);
	text_add_char(out, ']');
}

/* Appends what a name is looked up for. */
void call_value_hints(struct text *out, const struct addrinfo *hints)
{
	if (hints == NULL) {
		text_add_string(out, "NULL");
		return;
	}
	text_add_char(out, '{');
	call_text_word(out, call_families, hints->ai_family);
	text_add_string(out, ", ");
	call_text_word(out, call_types, hints->ai_socktype);
	text_add_string(out, ", ");
	call_text_word(out, call_protocols, hints->ai_protocol);
	call_text_flags(out, call_lookup_flags, (unsigned)hints->ai_flags, ", ");
	text_add_char(out, '}');
}

/* Appends one word of a terminal's settings. */
static void value_terminal_word(struct text *out, const char *name, const struct call_word *words,
	tcflag_t flags)
{
	tcflag_t known = 0;

	for (const struct call_word *row = words; row->word[0] != '\0'; row++)
		known |= (tcflag_t)row->value;
	text_add_string(out, name);
	call_text_flags(out, words, flags & known, "");
}

/* Appends the settings of a terminal. */
void call_value_terminal(struct text *out, const struct call *call, const struct termios *settings)
{
	static const char *const sizes[] = { "CS5|", "CS6|", "CS7|", "CS8|" };
	tcflag_t size = settings->c_cflag & CSIZE;

	if (call_failed(call)) {
		text_add_string(out, "{}");
		return;
	}
	value_terminal_word(out, "{c_iflag=", call_input_flags, settings->c_iflag);
	value_terminal_word(out, ", c_oflag=", call_output_flags, settings->c_oflag);
	text_add_string(out, ", c_cflag=");
	text_add_string(out, sizes[size == CS5 ? 0 : size == CS6 ? 1 : size == CS7 ? 2 : 3]);
	value_terminal_word(out, "", call_control_flags, settings->c_cflag);
	value_terminal_word(out, ", c_lflag=", call_local_flags, settings->c_lflag);
	text_add_char(out, '}');
}

/* Appends level and name of a socket option. */
void call_value_option_name(struct text *out, const struct call *call)
{
	const char *words = call_socket_option((int)call->values[1], (int)call->values[2]);

	if (words != NULL) {
		text_add_string(out, words);
		return;
	}
	call_text_word(out, call_levels, call->values[1]);
	text_print(out, ", %ld", (long)call->values[2]);
}

/* Appends the last argument of fcntl, which most requests don't have. */
void call_value_fcntl(struct text *out, const struct call *call)
{
	const struct flock *lock = (const void *)call->values[2];

	switch (call->values[1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
#ifdef F_GETPIPE_SZ
	case F_GETPIPE_SZ:
#endif
		return;
	case F_SETFD:
		text_add_string(out, call->values[2] & FD_CLOEXEC ? ", FD_CLOEXEC" : ", 0");
		return;
	case F_SETFL:
		text_add_string(out, ", ");
		call_text_open(out, (unsigned long)call->values[2]);
		return;
	case F_SETLK:
	case F_SETLKW:
		text_print(out, ", {l_type=%s, l_whence=SEEK_SET, l_start=%lld, l_len=%lld}",
			lock->l_type == F_RDLCK ? "F_RDLCK" : "F_WRLCK", (long long)lock->l_start,
			(long long)lock->l_len);
		return;
	default:
		text_print(out, ", %ld", (long)call->values[2]);
		return;
	}
}

/* Appends the last argument of ioctl. */
void call_value_ioctl(struct text *out, const struct call *call)
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
}

/* Appends the addresses that a name stands for. */
void call_value_answers(struct text *out, const struct call *call)
{
	const struct addrinfo *const *found = (const void *)call->values[3];
	const char *between = "";

	if (call->result != 0) {
		call_text_word(out, call_answers, (long)call->result);
		text_print(out, " (%s)", gai_strerror((int)call->result));
		return;
	}
	text_add_string(out, "0 [");
	for (const struct addrinfo *p = *found; p != NULL; p = p->ai_next) {
		text_add_string(out, between);
		call_value_address(out, p->ai_addr, p->ai_addrlen);
		between = ", ";
	}
	text_add_char(out, ']');
}
