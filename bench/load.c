/*
 * load.c - sockets, clock and test bytes for the load generators
 *
 * Every function that can fail ends the program with a message: a load
 * generator that cannot do its work has nothing to measure.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Ends the program with what failed and why, as errno has it. */
_Noreturn void load_die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

/* Ends the program with a reason that errno knows nothing of. */
_Noreturn void load_fail(const char *why)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
	exit(1);
}

/* Gives the program a last moment (SIGALRM ends it) and turns SIGPIPE into EPIPE. */
void load_limit(unsigned int seconds)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(seconds);
}

/* Reads a decimal number up to max; anything else ends the program. */
uint64_t load_number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n > max) {
		errno = EINVAL;
		load_die(text);
	}
	return n;
}

/* The monotonic clock in seconds. */
double load_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Fills *sa from an address and returns its length. */
static socklen_t fill_address(struct sockaddr_storage *sa, const char *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)sa;
	struct sockaddr_un *un = (struct sockaddr_un *)sa;

	memset(sa, 0, sizeof(*sa));
	if (strchr(address, '/')) {
		if (strlen(address) >= sizeof(un->sun_path))
			load_fail("path too long for a UNIX socket");
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, address, strlen(address) + 1);
		return sizeof(*un);
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)load_number(address, 65535));
	return sizeof(*in);
}

/* No delay for small segments; UNIX sockets have no such option and need none. */
static void no_delay(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* Listens and prints "LISTEN port" (0 for a UNIX socket) as soon as it does. */
int load_listen(const char *address)
{
	struct sockaddr_storage sa;
	socklen_t len = fill_address(&sa, address);
	int one = 1;
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		load_die("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, len) < 0)
		load_die("bind");
	if (listen(fd, 1024) < 0)
		load_die("listen");
	len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		load_die("getsockname");
	printf("LISTEN %d\n",
		sa.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&sa)->sin_port) : 0);
	fflush(stdout);
	return fd;
}

/* Accepts one connection. */
int load_accept(int fd)
{
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (conn < 0)
		load_die("accept");
	no_delay(conn);
	return conn;
}

/* Connects. */
int load_connect(const char *address)
{
	struct sockaddr_storage sa;
	socklen_t len = fill_address(&sa, address);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		load_die("socket");
	if (connect(fd, (struct sockaddr *)&sa, len) < 0)
		load_die("connect");
	no_delay(fd);
	return fd;
}

/* Makes a descriptor of our own non-blocking. */
void load_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		load_die("fcntl");
}

/*
 * A memory file with PATTERN_SIZE bytes in which each eight depend on their
 * place; mapped at *map as well. Returns the descriptor.
 */
int load_pattern(unsigned char **map)
{
	int fd = memfd_create("pattern", MFD_CLOEXEC);
	uint64_t *word;

	if (fd < 0 || ftruncate(fd, (off_t)PATTERN_SIZE) < 0)
		load_die("memfd");
	word = mmap(NULL, PATTERN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (word == MAP_FAILED)
		load_die("mmap");
	for (size_t i = 0; i < PATTERN_SIZE / sizeof(*word); i++)
		word[i] = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
	*map = (unsigned char *)word;
	return fd;
}
