/* The names of constants, as the calls that are shown have them. What a system lacks isn't in its tables. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call_inside.h"

/* clang-format off */
#define WORD(constant) { (long)(constant), #constant }
#define LAST { 0, "" }

const struct call_word call_families[] = {
	WORD(AF_UNSPEC), WORD(AF_UNIX), WORD(AF_INET), WORD(AF_INET6),
#ifdef AF_NETLINK
	WORD(AF_NETLINK),
#endif
#ifdef AF_PACKET
	WORD(AF_PACKET),
#endif
#ifdef AF_VSOCK
	WORD(AF_VSOCK),
#endif
	LAST,
};

const struct call_word call_types[] = {
	WORD(SOCK_STREAM), WORD(SOCK_DGRAM), WORD(SOCK_RAW), WORD(SOCK_SEQPACKET),
#ifdef SOCK_DCCP
	WORD(SOCK_DCCP),
#endif
	LAST,
};

const struct call_word call_type_flags[] = {
#ifdef SOCK_CLOEXEC
	WORD(SOCK_CLOEXEC),
#endif
#ifdef SOCK_NONBLOCK
	WORD(SOCK_NONBLOCK),
#endif
	LAST,
};

const struct call_word call_protocols[] = {
	WORD(IPPROTO_IP), WORD(IPPROTO_ICMP), WORD(IPPROTO_TCP), WORD(IPPROTO_UDP), WORD(IPPROTO_IPV6),
	WORD(IPPROTO_ICMPV6), WORD(IPPROTO_RAW),
#ifdef IPPROTO_SCTP
	WORD(IPPROTO_SCTP),
#endif
#ifdef IPPROTO_DCCP
	WORD(IPPROTO_DCCP),
#endif
#ifdef IPPROTO_UDPLITE
	WORD(IPPROTO_UDPLITE),
#endif
	LAST,
};

const struct call_word call_levels[] = {
	WORD(SOL_SOCKET), WORD(IPPROTO_IP), WORD(IPPROTO_TCP), WORD(IPPROTO_UDP), WORD(IPPROTO_IPV6),
	LAST,
};

const struct call_word call_shutdowns[] = { WORD(SHUT_RD), WORD(SHUT_WR), WORD(SHUT_RDWR), LAST };

const struct call_word call_open_flags[] = {
	WORD(O_CREAT), WORD(O_EXCL), WORD(O_NOCTTY), WORD(O_TRUNC), WORD(O_APPEND), WORD(O_NONBLOCK),
#ifdef O_DIRECTORY
	WORD(O_DIRECTORY),
#endif
#ifdef O_NOFOLLOW
	WORD(O_NOFOLLOW),
#endif
#ifdef O_CLOEXEC
	WORD(O_CLOEXEC),
#endif
#if defined(O_SYNC) && O_SYNC != 0
	WORD(O_SYNC),
#endif
#if defined(O_DSYNC) && O_DSYNC != O_SYNC
	WORD(O_DSYNC),
#endif
#ifdef O_DIRECT
	WORD(O_DIRECT),
#endif
#if defined(O_LARGEFILE) && O_LARGEFILE != 0
	WORD(O_LARGEFILE),
#endif
#ifdef O_NOATIME
	WORD(O_NOATIME),
#endif
#ifdef O_ASYNC
	WORD(O_ASYNC),
#endif
	LAST,
};

const struct call_word call_message_flags[] = {
	WORD(MSG_OOB), WORD(MSG_PEEK), WORD(MSG_TRUNC), WORD(MSG_CTRUNC), WORD(MSG_DONTWAIT),
#ifdef MSG_ERRQUEUE
	WORD(MSG_ERRQUEUE),
#endif
#ifdef MSG_NOSIGNAL
	WORD(MSG_NOSIGNAL),
#endif
#ifdef MSG_CMSG_CLOEXEC
	WORD(MSG_CMSG_CLOEXEC),
#endif
	LAST,
};

const struct call_word call_splice_flags[] = {
#ifdef SPLICE_F_MOVE
	WORD(SPLICE_F_MOVE), WORD(SPLICE_F_NONBLOCK), WORD(SPLICE_F_MORE),
#endif
	LAST,
};

const struct call_word call_write_flags[] = {
#ifdef RWF_NOWAIT
	WORD(RWF_NOWAIT),
#endif
	LAST,
};

const struct call_word call_poll_events[] = {
	WORD(POLLIN), WORD(POLLPRI), WORD(POLLOUT), WORD(POLLERR), WORD(POLLHUP), WORD(POLLNVAL),
#ifdef POLLRDHUP
	WORD(POLLRDHUP),
#endif
	LAST,
};

const struct call_word call_wait_flags[] = { WORD(WNOHANG), WORD(WUNTRACED), LAST };
const struct call_word call_lock_flags[] = {
	WORD(LOCK_SH), WORD(LOCK_EX), WORD(LOCK_UN), WORD(LOCK_NB), LAST
};

const struct call_word call_lookup_flags[] = {
	WORD(AI_PASSIVE), WORD(AI_CANONNAME), WORD(AI_NUMERICHOST), WORD(AI_ADDRCONFIG),
#ifdef AI_V4MAPPED
	WORD(AI_V4MAPPED),
#endif
#ifdef AI_ALL
	WORD(AI_ALL),
#endif
	LAST,
};

const struct call_word call_answers[] = {
	WORD(EAI_AGAIN), WORD(EAI_BADFLAGS), WORD(EAI_FAIL), WORD(EAI_FAMILY), WORD(EAI_MEMORY),
	WORD(EAI_NONAME), WORD(EAI_SERVICE), WORD(EAI_SOCKTYPE), WORD(EAI_SYSTEM),
#ifdef EAI_NODATA
	WORD(EAI_NODATA),
#endif
#ifdef EAI_ADDRFAMILY
	WORD(EAI_ADDRFAMILY),
#endif
	LAST,
};

const struct call_word call_fcntls[] = {
	WORD(F_DUPFD), WORD(F_GETFD), WORD(F_SETFD), WORD(F_GETFL), WORD(F_SETFL), WORD(F_GETLK),
	WORD(F_SETLK), WORD(F_SETLKW), WORD(F_GETOWN), WORD(F_SETOWN), WORD(F_DUPFD_CLOEXEC),
#ifdef F_GETPIPE_SZ
	WORD(F_GETPIPE_SZ), WORD(F_SETPIPE_SZ),
#endif
	LAST,
};

const struct call_word call_ioctls[] = {
	WORD(TIOCGWINSZ), WORD(TIOCSWINSZ), WORD(TIOCSCTTY), WORD(FIONREAD), WORD(FIONBIO), WORD(FIOASYNC),
#ifdef FIOSETOWN
	WORD(FIOSETOWN),
#endif
#ifdef SIOCSPGRP
	WORD(SIOCSPGRP),
#endif
#ifdef SIOCATMARK
	WORD(SIOCATMARK),
#endif
	LAST,
};

const struct call_word call_whences[] = { WORD(SEEK_SET), WORD(SEEK_CUR), WORD(SEEK_END), LAST };

const struct call_word call_signals[] = {
	WORD(SIGHUP), WORD(SIGINT), WORD(SIGQUIT), WORD(SIGTERM), WORD(SIGKILL), WORD(SIGUSR1),
	WORD(SIGUSR2), WORD(SIGPIPE), WORD(SIGCHLD), WORD(SIGSTOP), WORD(SIGCONT), WORD(SIGTSTP), LAST,
};

const struct call_word call_terminal_actions[] = {
	WORD(TCSANOW), WORD(TCSADRAIN), WORD(TCSAFLUSH), LAST
};

const struct call_word call_input_flags[] = {
	WORD(IGNBRK), WORD(BRKINT), WORD(IGNPAR), WORD(PARMRK), WORD(INPCK), WORD(ISTRIP), WORD(INLCR),
	WORD(IGNCR), WORD(ICRNL), WORD(IXON), WORD(IXANY), WORD(IXOFF),
#ifdef IUCLC
	WORD(IUCLC),
#endif
#ifdef IMAXBEL
	WORD(IMAXBEL),
#endif
#ifdef IUTF8
	WORD(IUTF8),
#endif
	LAST,
};

const struct call_word call_output_flags[] = {
	WORD(OPOST), WORD(ONLCR), WORD(OCRNL), WORD(ONOCR), WORD(ONLRET),
#ifdef OLCUC
	WORD(OLCUC),
#endif
#ifdef OFILL
	WORD(OFILL),
#endif
#ifdef OFDEL
	WORD(OFDEL),
#endif
	LAST,
};

const struct call_word call_control_flags[] = {
	WORD(CSTOPB), WORD(CREAD), WORD(PARENB), WORD(PARODD), WORD(HUPCL), WORD(CLOCAL),
#ifdef CRTSCTS
	WORD(CRTSCTS),
#endif
	LAST,
};

const struct call_word call_local_flags[] = {
	WORD(ISIG), WORD(ICANON), WORD(ECHO), WORD(ECHOE), WORD(ECHOK), WORD(ECHONL), WORD(NOFLSH),
	WORD(TOSTOP), WORD(IEXTEN),
#ifdef XCASE
	WORD(XCASE),
#endif
#ifdef ECHOCTL
	WORD(ECHOCTL),
#endif
#ifdef ECHOPRT
	WORD(ECHOPRT),
#endif
#ifdef ECHOKE
	WORD(ECHOKE),
#endif
#ifdef FLUSHO
	WORD(FLUSHO),
#endif
#ifdef PENDIN
	WORD(PENDIN),
#endif
	LAST,
};

static const struct call_word call_errors[] = {
	WORD(E2BIG), WORD(EACCES), WORD(EADDRINUSE), WORD(EADDRNOTAVAIL), WORD(EAFNOSUPPORT), WORD(EAGAIN),
	WORD(EALREADY), WORD(EBADF), WORD(EBUSY), WORD(ECHILD), WORD(ECONNABORTED), WORD(ECONNREFUSED),
	WORD(ECONNRESET), WORD(EDESTADDRREQ), WORD(EDOM), WORD(EEXIST), WORD(EFAULT), WORD(EFBIG),
	WORD(EHOSTUNREACH), WORD(EINPROGRESS), WORD(EINTR), WORD(EINVAL), WORD(EIO), WORD(EISCONN),
	WORD(EISDIR), WORD(ELOOP), WORD(EMFILE), WORD(EMLINK), WORD(EMSGSIZE), WORD(ENAMETOOLONG),
	WORD(ENETDOWN), WORD(ENETRESET), WORD(ENETUNREACH), WORD(ENFILE), WORD(ENOBUFS), WORD(ENODEV),
	WORD(ENOENT), WORD(ENOEXEC), WORD(ENOLCK), WORD(ENOMEM), WORD(ENOPROTOOPT), WORD(ENOSPC),
	WORD(ENOSYS), WORD(ENOTCONN), WORD(ENOTDIR), WORD(ENOTEMPTY), WORD(ENOTSOCK), WORD(ENOTTY),
	WORD(ENXIO), WORD(EOPNOTSUPP), WORD(EPERM), WORD(EPIPE), WORD(EPROTO), WORD(EPROTONOSUPPORT),
	WORD(EPROTOTYPE), WORD(ERANGE), WORD(EROFS), WORD(ESPIPE), WORD(ESRCH), WORD(ETIMEDOUT),
	WORD(ETXTBSY), WORD(EXDEV),
#ifdef EHOSTDOWN
	WORD(EHOSTDOWN),
#endif
#ifdef ESOCKTNOSUPPORT
	WORD(ESOCKTNOSUPPORT),
#endif
#ifdef EPFNOSUPPORT
	WORD(EPFNOSUPPORT),
#endif
	LAST,
};

/* Socket options that no option of an address is about. */
#define OPTION(level, name) { level, name, #level ", " #name }
static const struct {
	int level, number;
	const char *words;
} call_options[] = {
	OPTION(SOL_SOCKET, SO_REUSEADDR), OPTION(SOL_SOCKET, SO_ERROR), OPTION(SOL_SOCKET, SO_TYPE),
	OPTION(SOL_SOCKET, SO_ACCEPTCONN),
#ifdef SO_PEERCRED
	OPTION(SOL_SOCKET, SO_PEERCRED),
#endif
#ifdef SO_DOMAIN
	OPTION(SOL_SOCKET, SO_DOMAIN), OPTION(SOL_SOCKET, SO_PROTOCOL),
#endif
#ifdef IP_PKTINFO
	OPTION(IPPROTO_IP, IP_PKTINFO),
#endif
#ifdef IPV6_RECVPKTINFO
	OPTION(IPPROTO_IPV6, IPV6_RECVPKTINFO),
#endif
#ifdef TCP_INFO
	OPTION(IPPROTO_TCP, TCP_INFO),
#endif
};
/* clang-format on */

/* Who knows the options of addresses by their constants. */
static const char *(*call_symbol)(int level, int number);

/* Has somebody asked for the names of socket options: "SOL_SOCKET, SO_KEEPALIVE", or NULL. */
void call_name_options(const char *(*symbol)(int level, int number))
{
	call_symbol = symbol;
}

/* Level and name of a socket option, or NULL. */
const char *call_socket_option(int level, int number)
{
	for (size_t i = 0; i < sizeof(call_options) / sizeof(*call_options); i++) {
		if (call_options[i].level == level && call_options[i].number == number)
			return call_options[i].words;
	}
	return call_symbol != NULL ? call_symbol(level, number) : NULL;
}

/* The name of an errno, or NULL. */
const char *call_error_word(int number)
{
	for (const struct call_word *row = call_errors; row->word[0] != '\0'; row++) {
		if (row->value == number)
			return row->word;
	}
	return NULL;
}
