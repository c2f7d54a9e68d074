/* What a descriptor is, in words of the form name=value, for people and for scripts. */
#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "io/sockaddr.h"

/* A request that no system has: fcntl refuses it, and the fact is left out. */
#ifndef F_GETPIPE_SZ
#define F_GETPIPE_SZ (-1)
#endif

/* A constant and how it is called here. */
struct descriptor_word {
	unsigned long value;
	const char *word;
};

static const struct descriptor_word descriptor_kinds[] = {
	{ S_IFREG, "file" },
	{ S_IFDIR, "dir" },
	{ S_IFCHR, "chrdev" },
	{ S_IFBLK, "blkdev" },
	{ S_IFIFO, "pipe" },
	{ S_IFSOCK, "socket" },
	{ 0, NULL },
};

static const struct descriptor_word descriptor_domains[] = {
	{ AF_UNIX, "unix" },
	{ AF_INET, "inet" },
	{ AF_INET6, "inet6" },
#ifdef AF_NETLINK
	{ AF_NETLINK, "netlink" },
#endif
#ifdef AF_PACKET
	{ AF_PACKET, "packet" },
#endif
#ifdef AF_VSOCK
	{ AF_VSOCK, "vsock" },
#endif
	{ 0, NULL },
};

static const struct descriptor_word descriptor_types[] = {
	{ SOCK_STREAM, "stream" },
	{ SOCK_DGRAM, "dgram" },
	{ SOCK_RAW, "raw" },
	{ SOCK_SEQPACKET, "seqpacket" },
	{ 0, NULL },
};

static const struct descriptor_word descriptor_status[] = {
	{ O_APPEND, "append" },
	{ O_NONBLOCK, "nonblock" },
	{ O_SYNC, "sync" },
#ifdef O_DIRECT
	{ O_DIRECT, "direct" },
#endif
#ifdef O_ASYNC
	{ O_ASYNC, "async" },
#endif
#ifdef O_NOATIME
	{ O_NOATIME, "noatime" },
#endif
#ifdef O_PATH
	{ O_PATH, "path" },
#endif
	{ 0, NULL },
};

static const struct descriptor_word descriptor_events[] = {
	{ POLLIN, "in" },
	{ POLLPRI, "pri" },
	{ POLLOUT, "out" },
	{ POLLERR, "err" },
	{ POLLHUP, "hup" },
	{ POLLNVAL, "nval" },
	{ 0, NULL },
};

/* How the value of a socket option looks. */
enum descriptor_value {
	VALUE_INT,
	VALUE_LINGER,
	VALUE_TIME,
	VALUE_TEXT,
};

#define SOCKET_OPTION(level, name, value) \
	{ \
		level, name, value, #name \
	}

/* The options of sockets. SO_ERROR is missing because asking for it changes it. */
static const struct descriptor_option {
	int level;
	int number;
	enum descriptor_value value;
	const char *name;
} descriptor_options[] = {
	SOCKET_OPTION(SOL_SOCKET, SO_ACCEPTCONN, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_REUSEADDR, VALUE_INT),
#ifdef SO_REUSEPORT
	SOCKET_OPTION(SOL_SOCKET, SO_REUSEPORT, VALUE_INT),
#endif
	SOCKET_OPTION(SOL_SOCKET, SO_KEEPALIVE, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_BROADCAST, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_DONTROUTE, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_OOBINLINE, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_LINGER, VALUE_LINGER),
	SOCKET_OPTION(SOL_SOCKET, SO_RCVBUF, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_SNDBUF, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_RCVLOWAT, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_SNDLOWAT, VALUE_INT),
	SOCKET_OPTION(SOL_SOCKET, SO_RCVTIMEO, VALUE_TIME),
	SOCKET_OPTION(SOL_SOCKET, SO_SNDTIMEO, VALUE_TIME),
#ifdef SO_PRIORITY
	SOCKET_OPTION(SOL_SOCKET, SO_PRIORITY, VALUE_INT),
#endif
#ifdef SO_MARK
	SOCKET_OPTION(SOL_SOCKET, SO_MARK, VALUE_INT),
#endif
#ifdef SO_PASSCRED
	SOCKET_OPTION(SOL_SOCKET, SO_PASSCRED, VALUE_INT),
#endif
#ifdef SO_BINDTODEVICE
	SOCKET_OPTION(SOL_SOCKET, SO_BINDTODEVICE, VALUE_TEXT),
#endif
	SOCKET_OPTION(IPPROTO_TCP, TCP_NODELAY, VALUE_INT),
	SOCKET_OPTION(IPPROTO_TCP, TCP_MAXSEG, VALUE_INT),
#ifdef TCP_CORK
	SOCKET_OPTION(IPPROTO_TCP, TCP_CORK, VALUE_INT),
#endif
#ifdef TCP_KEEPIDLE
	SOCKET_OPTION(IPPROTO_TCP, TCP_KEEPIDLE, VALUE_INT),
#endif
#ifdef TCP_KEEPINTVL
	SOCKET_OPTION(IPPROTO_TCP, TCP_KEEPINTVL, VALUE_INT),
#endif
#ifdef TCP_KEEPCNT
	SOCKET_OPTION(IPPROTO_TCP, TCP_KEEPCNT, VALUE_INT),
#endif
#ifdef TCP_USER_TIMEOUT
	SOCKET_OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT, VALUE_INT),
#endif
#ifdef TCP_DEFER_ACCEPT
	SOCKET_OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT, VALUE_INT),
#endif
#ifdef TCP_CONGESTION
	SOCKET_OPTION(IPPROTO_TCP, TCP_CONGESTION, VALUE_TEXT),
#endif
	SOCKET_OPTION(IPPROTO_IP, IP_TOS, VALUE_INT),
	SOCKET_OPTION(IPPROTO_IP, IP_TTL, VALUE_INT),
	SOCKET_OPTION(IPPROTO_IPV6, IPV6_V6ONLY, VALUE_INT),
	SOCKET_OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS, VALUE_INT),
};

/* The word for a constant, or NULL. */
static const char *descriptor_find(const struct descriptor_word *words, unsigned long value)
{
	for (; words->word != NULL; words++) {
		if (words->value == value)
			return words->word;
	}
	return NULL;
}

/* Appends name=word,word for the bits that are set; nothing where none is. */
static void descriptor_bits(struct text *line, const char *name,
	const struct descriptor_word *words, unsigned long bits)
{
	const char *between = "=";

	for (; words->word != NULL; words++) {
		if ((bits & words->value) != words->value)
			continue;
		text_print(line, "%s%s%s", between[0] == '=' ? name : "", between, words->word);
		between = ",";
	}
}

/* Appends name=word, or the number where no word is known. */
static void descriptor_named(struct text *line, const char *name,
	const struct descriptor_word *words, int number)
{
	const char *word = descriptor_find(words, (unsigned long)number);

	if (word != NULL)
		text_print(line, " %s=%s", name, word);
	else
		text_print(line, " %s=%d", name, number);
}

/* Appends name=2026-11-21T09:00:00Z. */
static void descriptor_time(struct text *line, const char *name, time_t seconds)
{
	char stamp[64];
	struct tm broken;

	if (gmtime_r(&seconds, &broken) != NULL &&
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &broken) > 0)
		text_print(line, " %s=%s", name, stamp);
}

/* The inode: whose it is, how large, and of what age. */
static void descriptor_inode(const struct stat *status, struct text *line)
{
	text_print(line, " device=%u:%u inode=%ju mode=%04o links=%ju uid=%u gid=%u",
		(unsigned)major(status->st_dev), (unsigned)minor(status->st_dev),
		(uintmax_t)status->st_ino, (unsigned)status->st_mode & 07777,
		(uintmax_t)status->st_nlink, (unsigned)status->st_uid, (unsigned)status->st_gid);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		text_print(line, " rdev=%u:%u", (unsigned)major(status->st_rdev),
			(unsigned)minor(status->st_rdev));
	if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)) {
		text_print(line, " size=%jd blocks=%jd", (intmax_t)status->st_size,
			(intmax_t)status->st_blocks);
		descriptor_time(line, "atime", status->st_atime);
		descriptor_time(line, "mtime", status->st_mtime);
		descriptor_time(line, "ctime", status->st_ctime);
	}
}

/* How it was opened, and what poll and the kernel's queues say of it now. */
static void descriptor_state(int fd, struct text *line)
{
	static const char *const access[] = { "r", "w", "rw", "none" };
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT };
	int flags = fcntl(fd, F_GETFL), number;
	off_t offset = lseek(fd, 0, SEEK_CUR);

	text_print(line, " access=%s flags=0%o", access[flags & O_ACCMODE], (unsigned)flags);
	descriptor_bits(line, " status", descriptor_status, (unsigned long)flags);
	text_print(line, " cloexec=%d", (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	if (offset >= 0)
		text_print(line, " offset=%jd", (intmax_t)offset);
	number = fcntl(fd, F_GETPIPE_SZ);
	if (number >= 0)
		text_print(line, " pipesize=%d", number);
	if (ioctl(fd, FIONREAD, &number) == 0)
		text_print(line, " readable=%d", number);
	if (ioctl(fd, TIOCOUTQ, &number) == 0)
		text_print(line, " unsent=%d", number);
	if (poll(&poll_fd, 1, 0) > 0)
		descriptor_bits(line, " poll", descriptor_events, (unsigned short)poll_fd.revents);
}

/* A terminal: its name, size, speed, settings, and whose it is. */
static void descriptor_terminal(int fd, struct text *line)
{
	struct termios settings;
	struct winsize size;
	const char *name;

	if (tcgetattr(fd, &settings) < 0)
		return;
	name = ttyname(fd);
	text_print(line, " tty=%s", name != NULL ? name : "?");
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		text_print(line, " rows=%u columns=%u", size.ws_row, size.ws_col);
	text_print(line, " iflag=0%jo oflag=0%jo cflag=0%jo lflag=0%jo",
		(uintmax_t)settings.c_iflag, (uintmax_t)settings.c_oflag,
		(uintmax_t)settings.c_cflag, (uintmax_t)settings.c_lflag);
	text_print(line, " icanon=%d echo=%d isig=%d vmin=%u vtime=%u",
		(settings.c_lflag & ICANON) != 0, (settings.c_lflag & ECHO) != 0,
		(settings.c_lflag & ISIG) != 0, settings.c_cc[VMIN], settings.c_cc[VTIME]);
	text_print(line, " session=%ld foreground=%ld", (long)tcgetsid(fd), (long)tcgetpgrp(fd));
}

/* Appends one option of a socket, if the socket has it. */
static void descriptor_option(int fd, const struct descriptor_option *option, struct text *line)
{
	union {
		int number;
		struct linger linger;
		struct timeval time;
		char text[64];
	} value;
	socklen_t length = sizeof(value) - 1;

	memset(&value, 0, sizeof(value));
	if (getsockopt(fd, option->level, option->number, &value, &length) < 0)
		return;
	switch (option->value) {
	case VALUE_INT:
		text_print(line, " %s=%d", option->name, value.number);
		break;
	case VALUE_LINGER:
		text_print(line, " %s=%d:%d", option->name, value.linger.l_onoff,
			value.linger.l_linger);
		break;
	case VALUE_TIME:
		text_print(line, " %s=%jd.%06ld", option->name, (intmax_t)value.time.tv_sec,
			(long)value.time.tv_usec);
		break;
	case VALUE_TEXT:
		text_print(line, " %s=", option->name);
		escape_terminal(line, value.text, strnlen(value.text, sizeof(value.text)));
		break;
	}
}

/* A socket: its kind, both its addresses, its options. */
static void descriptor_socket(int fd, struct text *line)
{
	struct sockaddr_any address;
	char text[SOCKADDR_TEXT];
	int type = 0;
	socklen_t length = sizeof(type);

	if (sockaddr_local(fd, &address) == 0)
		descriptor_named(line, "domain", descriptor_domains, address.any.sa_family);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0)
		descriptor_named(line, "type", descriptor_types, type);
	if (sockaddr_local(fd, &address) == 0)
		text_print(line, " local=%s", sockaddr_plain(&address, text));
	if (sockaddr_peer(fd, &address) == 0)
		text_print(line, " peer=%s", sockaddr_plain(&address, text));
	for (size_t i = 0; i < sizeof(descriptor_options) / sizeof(*descriptor_options); i++)
		descriptor_option(fd, &descriptor_options[i], line);
}

/* What the system calls it, to the end of the line. */
static void descriptor_name(int fd, struct text *line)
{
	char link[64], name[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof(name));
	if (length <= 0)
		return;
	text_add_string(line, " name=");
	escape_terminal(line, name, (size_t)length);
}

/* Appends a line without its end that says what a descriptor is; false where it isn't open. */
bool descriptor_describe(int fd, struct text *line)
{
	const char *kind;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	kind = descriptor_find(descriptor_kinds, status.st_mode & S_IFMT);
	text_print(line, "%4d %-7s", fd, kind != NULL ? kind : "other");
	descriptor_inode(&status, line);
	descriptor_state(fd, line);
	if (S_ISSOCK(status.st_mode))
		descriptor_socket(fd, line);
	if (S_ISCHR(status.st_mode))
		descriptor_terminal(fd, line);
	descriptor_name(fd, line);
	return true;
}
