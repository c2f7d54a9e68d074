/* What a call is for, in a short phrase. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include "base/call_inside.h"
#include "base/intl.h"

/* Why the calls of the moment are made. */
static struct {
	const char *reason;	    /* N_(), or NULL */
	const char *name, *summary; /* of an option, or NULL */
} call_reason;

/* What each call is for where nothing else is known of it. */
/* clang-format off */
static const char call_purposes[CALL_NAME_COUNT][64] = {
	[CALL_ACCEPT] = N_("takes the next connection: a socket of its own"),
	[CALL_ACCEPT4] = N_("takes the next connection: a socket of its own"),
	[CALL_CHDIR] = N_("goes to that directory"),
	[CALL_CHMOD] = N_("changes who may read and write it"),
	[CALL_CHOWN] = N_("changes whose it is"),
	[CALL_CHROOT] = N_("that directory becomes the root of everything"),
	[CALL_CLOSE] = N_("done with it"),
	[CALL_COPY_FILE_RANGE] = N_("the kernel copies from file to file by itself"),
	[CALL_DUP2] = N_("the program finds it under that number"),
	[CALL_EXECVP] = N_("the program takes the place of this process"),
	[CALL_FCHDIR] = N_("goes back to the directory before"),
	[CALL_FCHMOD] = N_("changes who may read and write it"),
	[CALL_FCHOWN] = N_("changes whose it is"),
	[CALL_FLOCK] = N_("locks the file for others who ask"),
	[CALL_FORK] = N_("a copy of this process, the child, goes on from here"),
	[CALL_FTRUNCATE] = N_("sets the length of the file"),
	[CALL_GETADDRINFO] = N_("which addresses has that name?"),
	[CALL_GETPEERNAME] = N_("who is at the other end?"),
	[CALL_GETSOCKNAME] = N_("what is our own address?"),
	[CALL_GRANTPT] = N_("the other end of the terminal may be opened by us"),
	[CALL_KILL] = N_("sends a signal"),
	[CALL_LINK] = N_("a second name, unless somebody has it already"),
	[CALL_LISTEN] = N_("from now on others may connect; so many may queue up"),
	[CALL_LSEEK] = N_("moves to that place in the file"),
	[CALL_MKFIFO] = N_("makes a pipe that has a name"),
	[CALL_PIPE] = N_("what is written to the second end is read from the first"),
	[CALL_PIPE2] = N_("what is written to the second end is read from the first"),
	[CALL_POSIX_OPENPT] = N_("makes a pseudo terminal; this is the end of its master"),
	[CALL_PTSNAME] = N_("the name of its other end"),
	[CALL_PWRITEV2] = N_("writes as much as goes without waiting"),
	[CALL_READ] = N_("takes what is there"),
	[CALL_RECV] = N_("takes what has arrived"),
	[CALL_RECVMSG] = N_("takes a packet, and who sent it"),
	[CALL_SEND] = N_("hands data to the network"),
	[CALL_SENDFILE] = N_("the kernel sends the file by itself"),
	[CALL_SENDMSG] = N_("sends a message"),
	[CALL_SENDTO] = N_("sends a packet to that address"),
	[CALL_SETGID] = N_("acts for that group from now on"),
	[CALL_SETGROUPS] = N_("belongs to these groups from now on"),
	[CALL_SETNS] = N_("goes into another network"),
	[CALL_SETPGID] = N_("joins a group of processes"),
	[CALL_SETSID] = N_("begins a session of its own, without a terminal"),
	[CALL_SETUID] = N_("acts for that user from now on"),
	[CALL_SOCKETPAIR] = N_("two sockets that are connected with each other"),
	[CALL_SPLICE] = N_("the kernel moves the data by itself"),
	[CALL_SYMLINK] = N_("makes a name that leads there"),
	[CALL_TCGETATTR] = N_("how is the terminal set?"),
	[CALL_TCSETATTR] = N_("sets the terminal"),
	[CALL_UMASK] = N_("which rights new files do not get"),
	[CALL_UNLINK] = N_("removes the name"),
	[CALL_UNLOCKPT] = N_("the other end may be opened now"),
	[CALL_WAITPID] = N_("has a child ended, and how?"),
	[CALL_WRITE] = N_("hands data over"),
};
/* clang-format on */

/* Why the calls that follow are made; NULL: for no special reason. */
void call_because(const char *reason)
{
	call_reason.reason = reason;
	call_reason.name = NULL;
}

/* The calls that follow are made for an option. */
void call_for_option(const char *name, const char *summary)
{
	call_reason.reason = NULL;
	call_reason.name = name;
	call_reason.summary = summary;
}

/* What kind of socket is made. */
static const char *remark_socket(const struct call *call)
{
	intptr_t family = call->values[0], type = call->values[1];
	bool ip4 = family == AF_INET, stream, packets;

	for (const struct call_word *row = call_type_flags; row->word[0] != '\0'; row++)
		type &= ~(intptr_t)row->value;
	stream = type == SOCK_STREAM;
	packets = type == SOCK_DGRAM;
	if (family == AF_UNIX)
		return stream	  ? _("a socket within this machine, for a stream")
			: packets ? _("a socket within this machine, for packets")
				  : _("a socket within this machine");
	if (!ip4 && family != AF_INET6)
		return _("a socket");
	if (stream && (call->values[2] == IPPROTO_TCP || call->values[2] == 0))
		return ip4 ? _("a socket for TCP over IPv4") : _("a socket for TCP over IPv6");
	if (packets && (call->values[2] == IPPROTO_UDP || call->values[2] == 0))
		return ip4 ? _("a socket for UDP over IPv4") : _("a socket for UDP over IPv6");
	return ip4 ? _("a socket over IPv4") : _("a socket over IPv6");
}

/* What the local address means. */
static const char *remark_bind(const struct call *call)
{
	const struct sockaddr *address = (const void *)call->values[1];
	const struct sockaddr_in *ip4 = (const void *)address;
	const struct sockaddr_in6 *ip6 = (const void *)address;
	const struct sockaddr_un *local = (const void *)address;

	if (call->result < 0)
		return call->number == EADDRINUSE ? _("somebody has that address already") : NULL;
	if ((address->sa_family == AF_INET && ip4->sin_port == 0) ||
		(address->sa_family == AF_INET6 && ip6->sin6_port == 0))
		return _("gives the socket its address; the system chooses the port");
	if (address->sa_family == AF_UNIX &&
		(size_t)call->values[2] > offsetof(struct sockaddr_un, sun_path) &&
		local->sun_path[0] != '\0')
		return _("gives the socket its name, as an entry of the file system");
	return _("gives the socket its local address");
}

/* How a connection stands. */
static const char *remark_connect(const struct call *call)
{
	if (call->result == 0)
		return _("connected");
	switch (call->number) {
	case EINPROGRESS:
		return _("the connection is on its way, poll tells when it stands");
	case ECONNREFUSED:
		return _("nobody listens there");
	case ENOENT:
		return _("there is no such name");
	default:
		return NULL;
	}
}

/* What the socket is asked. */
static const char *remark_getsockopt(const struct call *call)
{
	const int *value = (const void *)call->values[3];

	if (call->values[1] != SOL_SOCKET || call->result < 0)
		return _("asks the socket");
	switch (call->values[2]) {
	case SO_ERROR:
		return *value == 0 ? _("the connection stands") : _("the connection has failed");
	case SO_TYPE:
		return _("of which type is the socket?");
	case SO_ACCEPTCONN:
		return _("does it listen already?");
	default:
		return _("asks the socket");
	}
}

static const char *remark_setsockopt(const struct call *call)
{
	if (call->values[1] == SOL_SOCKET && call->values[2] == SO_REUSEADDR)
		return _("the address may be taken though old connections still have it");
#ifdef IP_PKTINFO
	if (call->values[1] == IPPROTO_IP && call->values[2] == IP_PKTINFO)
		return _("wants to know to which address packets were sent");
#endif
#ifdef IPV6_RECVPKTINFO
	if (call->values[1] == IPPROTO_IPV6 && call->values[2] == IPV6_RECVPKTINFO)
		return _("wants to know to which address packets were sent");
#endif
	return _("sets an option of the socket");
}

static const char *remark_shutdown(const struct call *call)
{
	if (call->values[1] == SHUT_WR)
		return _("tells the other end that no more data comes");
	return call->values[1] == SHUT_RD ? _("wants no more data")
					  : _("ends the connection in both directions");
}

static const char *remark_fcntl(const struct call *call)
{
	switch (call->values[1]) {
	case F_GETFL:
		return _("how does the descriptor behave?");
	case F_SETFL:
		return call->values[2] & O_NONBLOCK ? _("from now on it never makes us wait")
						    : _("changes how the descriptor behaves");
	case F_GETFD:
		return _("do programs inherit it?");
	case F_SETFD:
		return call->values[2] & FD_CLOEXEC ? _("programs don't inherit it")
						    : _("programs inherit it");
	case F_DUPFD_CLOEXEC:
	case F_DUPFD:
		return _("a second number for the same");
	default:
		return NULL;
	}
}

/* What reading has brought: data, the end, or nothing yet. */
static const char *remark_data(const struct call *call, const char *usual)
{
	if (call->result < 0 && call->number == EAGAIN)
		return _("not now");
	if (call->result < 0 && call->number == ECONNRESET)
		return _("the other end has broken off");
	if (call->result < 0 && call->number == EPIPE)
		return _("nobody reads that any more");
	return usual;
}

static const char *remark_read(const struct call *call)
{
	if (call->result == 0 && call->values[2] > 0)
		return _("the end: no more data will come");
	return remark_data(call, _(call_purposes[call->name]));
}

/* What poll has found: which descriptors can be read or written now. */
static const char *remark_poll(const struct call *call, struct text *room)
{
	const struct pollfd *slots = (const void *)call->values[0];

	if (call->result == 0)
		return call->values[2] == 0 ? _("nothing yet") : _("the time has passed");
	if (call->result < 0)
		return call->number == EINTR ? _("a signal has come") : NULL;
	for (size_t i = 0; i < (size_t)call->values[1]; i++) {
		short found = slots[i].revents;

		if (found == 0)
			continue;
		text_add_string(room, room->length > 0 ? ", " : "");
		text_print(room,
			found & POLLIN		  ? _("%d can be read")
				: found & POLLOUT ? _("%d can be written")
						  : _("the other end of %d is gone"),
			slots[i].fd);
	}
	return room->data;
}

static const char *remark_open(const struct call *call)
{
	if (call->result < 0)
		return NULL;
	return call->values[1] & O_CREAT ? _("opens it, and makes it where it isn't there")
					 : _("opens it");
}

static const char *remark_ioctl(const struct call *call)
{
	switch ((unsigned long)call->values[1]) {
	case TIOCGWINSZ:
		return _("how large is the window?");
	case TIOCSWINSZ:
		return _("sets the size of the window");
	case TIOCSCTTY:
		return _("it becomes the terminal of this session");
	default:
		return NULL;
	}
}

/* What the call is for by what it says, or NULL. */
static const char *remark_usual(const struct call *call, struct text *room)
{
	switch (call->name) {
	case CALL_SOCKET:
		return remark_socket(call);
	case CALL_BIND:
		return remark_bind(call);
	case CALL_CONNECT:
		return remark_connect(call);
	case CALL_GETSOCKOPT:
		return remark_getsockopt(call);
	case CALL_SETSOCKOPT:
		return remark_setsockopt(call);
	case CALL_SHUTDOWN:
		return remark_shutdown(call);
	case CALL_FCNTL:
		return remark_fcntl(call);
	case CALL_FORK:
		return call->result == 0 ? _("here the child begins") : _(call_purposes[CALL_FORK]);
	case CALL_READ:
	case CALL_RECV:
		return remark_read(call);
	case CALL_WRITE:
	case CALL_SEND:
	case CALL_SENDTO:
	case CALL_SENDFILE:
	case CALL_SPLICE:
	case CALL_RECVMSG:
		return remark_data(call, _(call_purposes[call->name]));
	case CALL_POLL:
		return remark_poll(call, room);
	case CALL_OPEN:
		return remark_open(call);
	case CALL_IOCTL:
		return remark_ioctl(call);
	default:
		return call_purposes[call->name][0] != '\0' ? _(call_purposes[call->name]) : NULL;
	}
}

/* What a call is for, in the user's language; NULL where nothing is to be said. The room is for what has to be made. */
const char *call_remark(const struct call *call, struct text *room)
{
	if (call_reason.name == NULL)
		return call_reason.reason != NULL ? _(call_reason.reason)
						  : remark_usual(call, room);
	text_print(room, _("option %s: %s"), call_reason.name,
		call_reason.summary != NULL ? _(call_reason.summary) : "");
	return room->data;
}
