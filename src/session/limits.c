/*
 * What the process is and what the system allows it: a line "name: value" for each fact. Names of limits and
 * constants are C's, so the lines are the same in every language.
 */
#include "session/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LIMIT(name) \
	{ \
#name, name \
	}

/* The limits of resources that this system has. */
static const struct limits_resource {
	const char *name;
	int resource;
} limits_resources[] = {
	LIMIT(RLIMIT_CPU),
	LIMIT(RLIMIT_FSIZE),
	LIMIT(RLIMIT_DATA),
	LIMIT(RLIMIT_STACK),
	LIMIT(RLIMIT_CORE),
	LIMIT(RLIMIT_NOFILE),
	LIMIT(RLIMIT_AS),
#ifdef RLIMIT_RSS
	LIMIT(RLIMIT_RSS),
#endif
#ifdef RLIMIT_NPROC
	LIMIT(RLIMIT_NPROC),
#endif
#ifdef RLIMIT_MEMLOCK
	LIMIT(RLIMIT_MEMLOCK),
#endif
#ifdef RLIMIT_LOCKS
	LIMIT(RLIMIT_LOCKS),
#endif
#ifdef RLIMIT_SIGPENDING
	LIMIT(RLIMIT_SIGPENDING),
#endif
#ifdef RLIMIT_MSGQUEUE
	LIMIT(RLIMIT_MSGQUEUE),
#endif
#ifdef RLIMIT_NICE
	LIMIT(RLIMIT_NICE),
#endif
#ifdef RLIMIT_RTPRIO
	LIMIT(RLIMIT_RTPRIO),
#endif
#ifdef RLIMIT_RTTIME
	LIMIT(RLIMIT_RTTIME),
#endif
};

/* Constants of the compiler and the C library. */
static const struct limits_constant {
	const char *name;
	intmax_t value;
} limits_constants[] = {
	LIMIT(CHAR_BIT),
	LIMIT(SHRT_MAX),
	LIMIT(INT_MAX),
	LIMIT(LONG_MAX),
	LIMIT(SSIZE_MAX),
	LIMIT(PATH_MAX),
	LIMIT(NAME_MAX),
	LIMIT(PIPE_BUF),
	LIMIT(BUFSIZ),
	LIMIT(FOPEN_MAX),
	LIMIT(FD_SETSIZE),
	LIMIT(SOMAXCONN),
	LIMIT(AF_UNIX),
	LIMIT(AF_INET),
	LIMIT(AF_INET6),
	LIMIT(SOCK_STREAM),
	LIMIT(SOCK_DGRAM),
	LIMIT(SOCK_RAW),
	LIMIT(SOCK_SEQPACKET),
	LIMIT(SOL_SOCKET),
	LIMIT(SO_REUSEADDR),
	LIMIT(IPPROTO_TCP),
	LIMIT(IPPROTO_UDP),
	LIMIT(O_APPEND),
	LIMIT(O_CREAT),
	LIMIT(O_NONBLOCK),
	LIMIT(O_TRUNC),
	LIMIT(CLOCKS_PER_SEC),
};

/* What sysconf says. */
static const struct limits_constant limits_questions[] = {
	LIMIT(_SC_ARG_MAX),
	LIMIT(_SC_CHILD_MAX),
	LIMIT(_SC_OPEN_MAX),
	LIMIT(_SC_CLK_TCK),
	LIMIT(_SC_PAGESIZE),
	LIMIT(_SC_NPROCESSORS_ONLN),
	LIMIT(_SC_HOST_NAME_MAX),
	LIMIT(_SC_NGROUPS_MAX),
	LIMIT(_SC_IOV_MAX),
};

#define SIZE(type) \
	{ \
#type, sizeof(type) \
	}

static const struct limits_size {
	const char *name;
	size_t size;
} limits_sizes[] = {
	SIZE(char),
	SIZE(short),
	SIZE(int),
	SIZE(long),
	SIZE(long long),
	SIZE(void *),
	SIZE(size_t),
	SIZE(off_t),
	SIZE(time_t),
	SIZE(pid_t),
	SIZE(uid_t),
	SIZE(mode_t),
	SIZE(dev_t),
	SIZE(ino_t),
	SIZE(socklen_t),
	SIZE(struct timeval),
	SIZE(struct timespec),
	SIZE(struct sockaddr),
	SIZE(struct sockaddr_in),
	SIZE(struct sockaddr_in6),
	SIZE(struct sockaddr_un),
	SIZE(struct sockaddr_storage),
	SIZE(fd_set),
};

/* The name of the controlling terminal, as far as one of our three streams or the system knows it. */
static const char *limits_terminal(int fd)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
		if (isatty(i) && tcgetpgrp(i) >= 0 && ttyname(i) != NULL)
			return ttyname(i);
	}
	return ttyname(fd) != NULL ? ttyname(fd) : "?";
}

/* The terminal that signals of the keyboard come from. */
static void limits_add_terminal(struct text *out)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		text_add_string(out, "controlling terminal: none\n");
		return;
	}
	text_print(out, "controlling terminal: %s\n", limits_terminal(fd));
	text_print(out, "foreground process group: %ld\n", (long)tcgetpgrp(fd));
	close(fd);
}

/* Who we are. */
static void limits_add_process(struct text *out)
{
	mode_t mask = umask(0);

	umask(mask);
	text_print(out, "process id: %ld\n", (long)getpid());
	text_print(out, "parent process id: %ld\n", (long)getppid());
	text_print(out, "process group id: %ld\n", (long)getpgrp());
	text_print(out, "session id: %ld\n", (long)getsid(0));
	limits_add_terminal(out);
	text_print(out, "user id: %lu\n", (unsigned long)getuid());
	text_print(out, "effective user id: %lu\n", (unsigned long)geteuid());
	text_print(out, "group id: %lu\n", (unsigned long)getgid());
	text_print(out, "effective group id: %lu\n", (unsigned long)getegid());
	text_print(out, "umask: %04o\n", (unsigned)mask);
}

/* Appends one bound of a limit. */
static void limits_add_bound(struct text *out, const char *name, const char *which, rlim_t bound)
{
	if (bound == RLIM_INFINITY)
		text_print(out, "%s %s: unlimited\n", name, which);
	else
		text_print(out, "%s %s: %ju\n", name, which, (uintmax_t)bound);
}

/* How much of everything we may have. */
static void limits_add_resources(struct text *out)
{
	for (size_t i = 0; i < sizeof(limits_resources) / sizeof(*limits_resources); i++) {
		const struct limits_resource *row = &limits_resources[i];
		struct rlimit limit;

		if (getrlimit(row->resource, &limit) < 0)
			continue;
		limits_add_bound(out, row->name, "soft", limit.rlim_cur);
		limits_add_bound(out, row->name, "hard", limit.rlim_max);
	}
}

/* What holds for every process of this system. */
static void limits_add_system(struct text *out)
{
	struct utsname system;

	if (uname(&system) == 0) {
		text_print(out, "system: %s\n", system.sysname);
		text_print(out, "system release: %s\n", system.release);
		text_print(out, "system version: %s\n", system.version);
		text_print(out, "machine: %s\n", system.machine);
		text_print(out, "host name: %s\n", system.nodename);
	}
	for (size_t i = 0; i < sizeof(limits_questions) / sizeof(*limits_questions); i++) {
		long answer = sysconf((int)limits_questions[i].value);

		text_print(out, "sysconf(%s): ", limits_questions[i].name);
		if (answer >= 0)
			text_print(out, "%ld\n", answer);
		else
			text_add_string(out, "unlimited\n");
	}
	for (size_t i = 0; i < sizeof(limits_constants) / sizeof(*limits_constants); i++)
		text_print(out, "%s: %jd\n", limits_constants[i].name, limits_constants[i].value);
	text_print(out, "SIZE_MAX: %zu\n", SIZE_MAX);
}

/* What types of C look like here. */
static void limits_add_types(struct text *out)
{
	for (size_t i = 0; i < sizeof(limits_sizes) / sizeof(*limits_sizes); i++)
		text_print(out, "sizeof(%s): %zu\n", limits_sizes[i].name, limits_sizes[i].size);
	text_print(out, "byte order: %s\n", htons(1) == 1 ? "big endian" : "little endian");
	text_print(out, "char: %s\n", CHAR_MIN < 0 ? "signed" : "unsigned");
}

/* Appends all that is known. */
void limits_describe(struct text *out)
{
	limits_add_process(out);
	limits_add_resources(out);
	limits_add_system(out);
	limits_add_types(out);
}
