/*
 * Calls that are not made, for --explain: they are answered as if they had been, from a table of what stands behind
 * each descriptor. A descriptor of such a call is a real one, of /dev/null, so that the numbers are those of a real
 * run. What a process changes of itself alone (directory, umask) is really changed, and what is only asked about
 * things that are there is really asked. A fork really forks: the child pretends on, while the parent waits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call_inside.h"
#include "base/memory.h"

#define PRETEND_MOST 1024 /* descriptors; nobody opens so many without a crowd */

/* Addresses and ports of somebody else, from those that are there for documentation. */
#define PRETEND_IP4 "192.0.2.1"
#define PRETEND_IP6 "2001:db8::1"
#define PRETEND_PORT 40000
#define PRETEND_TERMINAL "/dev/pts/N"

/* What stands behind a descriptor. */
struct pretended {
	bool open;
	mode_t mode; /* S_IFSOCK, S_IFIFO ... */
	int family, type, protocol;
	int flags; /* as F_GETFL tells them */
	bool terminal;
	bool listening;
	bool silent; /* nothing ever comes: the pipe of the signals */
	bool heard;  /* a packet has come already */
	struct sockaddr_storage local, peer;
	socklen_t local_length, peer_length;
	struct termios *settings; /* of a terminal that was changed */
};

/* An entry of the file system that was made, or removed (mode 0). The newest is in front. */
struct pretended_path {
	struct pretended_path *next;
	char *path;
	mode_t mode;
};

static struct {
	struct pretended *table;
	struct pretended_path *paths;
	int gate;    /* opened when a child may go on; -1 */
	pid_t child; /* that goes on then */
	int status;  /* of the child that went on last */
} pretend = { .gate = -1 };

/* The record of a descriptor, whether it is open or not; NULL where there is none. */
static struct pretended *pretend_record(intptr_t fd)
{
	if (pretend.table == NULL)
		pretend.table = memory_zero(PRETEND_MOST, sizeof(*pretend.table));
	return fd >= 0 && fd < PRETEND_MOST ? &pretend.table[fd] : NULL;
}

/* The record of a descriptor that was opened by pretending, or NULL. */
static struct pretended *pretend_find(intptr_t fd)
{
	struct pretended *record = pretend_record(fd);

	return record != NULL && record->open ? record : NULL;
}

/* Answers a call. Returns true: it is not made. */
static bool pretend_answer(struct call *call, intptr_t result)
{
	call->result = result;
	call->number = 0;
	return true;
}

static bool pretend_fail(struct call *call, int number)
{
	call->result = -1;
	call->number = number;
	return true;
}

/* Makes a descriptor that stands for something. Returns -1 with errno if there is none any more. */
static int pretend_descriptor(const struct pretended *what)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct pretended *record = pretend_record(fd);

	if (record != NULL) {
		*record = *what;
		record->open = true;
	}
	return fd;
}

/* Makes two descriptors, and answers with them. */
static bool pretend_pair(struct call *call, int ends[2], const struct pretended *what)
{
	for (int i = 0; i < 2; i++) {
		ends[i] = pretend_descriptor(what);
		if (ends[i] < 0)
			return pretend_fail(call, errno);
	}
	return pretend_answer(call, 0);
}

/* Notes that an entry is there from now on, or no more. */
static void pretend_note_path(const char *path, mode_t mode)
{
	struct pretended_path *entry = memory_zero(1, sizeof(*entry));

	*entry = (struct pretended_path){ pretend.paths, memory_string(path), mode };
	pretend.paths = entry;
}

/* As stat or lstat, with what was pretended before. */
static int pretend_stat(const char *path, struct stat *status,
	int (*look)(const char *restrict path, struct stat *restrict status))
{
	for (const struct pretended_path *p = pretend.paths; p != NULL; p = p->next) {
		if (strcmp(p->path, path) != 0)
			continue;
		memset(status, 0, sizeof(*status));
		status->st_mode = p->mode;
		errno = ENOENT;
		return p->mode != 0 ? 0 : -1;
	}
	return look(path, status);
}

static bool pretend_exists(const char *path)
{
	struct stat status;

	return pretend_stat(path, &status, lstat) == 0;
}

/* The type of a socket without its flags; *flags becomes what F_GETFL would say of them. */
static int pretend_type(intptr_t type, int *flags)
{
	*flags = O_RDWR;
	for (const struct call_word *row = call_type_flags; row->word[0] != '\0'; row++) {
		if (!(type & row->value))
			continue;
		if (strcmp(row->word, "SOCK_NONBLOCK") == 0)
			*flags |= O_NONBLOCK;
		type &= ~(intptr_t)row->value;
	}
	return (int)type;
}

static bool pretend_socket(struct call *call)
{
	struct pretended what = { .mode = S_IFSOCK | 0777,
		.family = (int)call->values[0],
		.protocol = (int)call->values[2] };
	int fd;

	what.type = pretend_type(call->values[1], &what.flags);
	if (call->name == CALL_SOCKETPAIR)
		return pretend_pair(call, (int *)call->values[3], &what);
	fd = pretend_descriptor(&what);
	return fd >= 0 ? pretend_answer(call, fd) : pretend_fail(call, errno);
}

/* Whoever connects, or sends a packet, to a socket of that family. */
static socklen_t pretend_somebody(int family, struct sockaddr_storage *address)
{
	struct sockaddr_in *ip4 = (void *)address;
	struct sockaddr_in6 *ip6 = (void *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		ip4->sin_port = htons(PRETEND_PORT);
		inet_pton(AF_INET, PRETEND_IP4, &ip4->sin_addr);
		return sizeof(*ip4);
	}
	if (family == AF_INET6) {
		ip6->sin6_port = htons(PRETEND_PORT);
		inet_pton(AF_INET6, PRETEND_IP6, &ip6->sin6_addr);
		return sizeof(*ip6);
	}
	return sizeof(address->ss_family);
}

/* Hands an address out to whoever has asked for it. */
static void pretend_hand_out(const struct sockaddr_storage *from, socklen_t length, void *to,
	socklen_t *room)
{
	if (to == NULL || room == NULL)
		return;
	memcpy(to, from, length < *room ? length : *room);
	*room = length;
}

static bool pretend_accept(struct call *call)
{
	const struct pretended *listener = pretend_find(call->values[0]);
	struct pretended what = { .mode = S_IFSOCK | 0777,
		.family = AF_INET,
		.type = SOCK_STREAM,
		.flags = O_RDWR | O_NONBLOCK };
	int fd;

	if (listener != NULL) {
		what = *listener;
		what.listening = false;
	}
	what.peer_length = pretend_somebody(what.family, &what.peer);
	fd = pretend_descriptor(&what);
	if (fd < 0)
		return pretend_fail(call, errno);
	pretend_hand_out(&what.peer, what.peer_length, (void *)call->values[1],
		(void *)call->values[2]);
	return pretend_answer(call, fd);
}

/* Takes the address over; the name of a UNIX socket is an entry of the file system. */
static bool pretend_bind(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	const struct sockaddr_un *local = (const void *)call->values[1];
	size_t length = (size_t)call->values[2];
	char path[sizeof(local->sun_path) + 1] = "";

	if (local->sun_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path)) {
		memcpy(path, local->sun_path, length - offsetof(struct sockaddr_un, sun_path));
		if (path[0] != '\0' && pretend_exists(path))
			return pretend_fail(call, EADDRINUSE);
		if (path[0] != '\0')
			pretend_note_path(path, S_IFSOCK | 0777);
	}
	if (record != NULL) {
		memcpy(&record->local, local, length);
		record->local_length = (socklen_t)length;
	}
	return pretend_answer(call, 0);
}

static bool pretend_connect(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	const struct sockaddr *peer = (const void *)call->values[1];

	if (record == NULL)
		return pretend_answer(call, 0);
	memcpy(&record->peer, peer, (size_t)call->values[2]);
	record->peer_length = (socklen_t)call->values[2];
	if (record->type == SOCK_STREAM && record->family != AF_UNIX &&
		(record->flags & O_NONBLOCK))
		return pretend_fail(call, EINPROGRESS);
	return pretend_answer(call, 0);
}

/* Our own address, or that of the other end. */
static bool pretend_name(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);
	bool own = call->name == CALL_GETSOCKNAME;

	if (record == NULL)
		return false;
	if (!S_ISSOCK(record->mode))
		return pretend_fail(call, ENOTSOCK);
	if (!own && record->peer_length == 0)
		return pretend_fail(call, ENOTCONN);
	if (own && record->local_length == 0) {
		/* nothing said: any address, any port */
		record->local.ss_family = (sa_family_t)record->family;
		record->local_length = record->family == AF_INET ? sizeof(struct sockaddr_in)
			: record->family == AF_INET6		 ? sizeof(struct sockaddr_in6)
								 : sizeof(record->local.ss_family);
	}
	pretend_hand_out(own ? &record->local : &record->peer,
		own ? record->local_length : record->peer_length, (void *)call->values[1],
		(void *)call->values[2]);
	return pretend_answer(call, 0);
}

static bool pretend_getsockopt(struct call *call)
{
	const struct pretended *record = pretend_find(call->values[0]);
	socklen_t *length = (void *)call->values[4];
	int value = 0;

	if (record == NULL)
		return false;
	if (!S_ISSOCK(record->mode))
		return pretend_fail(call, ENOTSOCK);
	if (call->values[1] == SOL_SOCKET && call->values[2] == SO_TYPE)
		value = record->type;
	else if (call->values[1] == SOL_SOCKET && call->values[2] == SO_ACCEPTCONN)
		value = record->listening;
#ifdef SO_PROTOCOL
	else if (call->values[1] == SOL_SOCKET && call->values[2] == SO_PROTOCOL)
		value = record->protocol;
#endif
	memset((void *)call->values[3], 0, *length);
	if (*length == sizeof(value))
		memcpy((void *)call->values[3], &value, sizeof(value));
	else
		*length = 0;
	return pretend_answer(call, 0);
}

/* Everything that is waited for has come, but for signals, and for what was there before us. */
static bool pretend_poll(struct call *call)
{
	struct pollfd *slots = (void *)call->values[0];
	intptr_t ready = 0;

	for (size_t i = 0; i < (size_t)call->values[1]; i++) {
		const struct pretended *record = pretend_find(slots[i].fd);

		slots[i].revents = 0;
		if (record == NULL || record->silent)
			continue;
		slots[i].revents = slots[i].events;
		ready += slots[i].revents != 0;
	}
	return pretend_answer(call, ready);
}

/* A packet of somebody comes once on each socket. */
static bool pretend_recvmsg(struct call *call)
{
	static const char data[] = "...";
	struct pretended *record = pretend_find(call->values[0]);
	struct msghdr *message = (void *)call->values[1];
	struct sockaddr_storage from;
	socklen_t length;

	if (record == NULL || record->heard || record->peer_length > 0)
		return pretend_fail(call, EAGAIN);
	record->heard = true;
	length = pretend_somebody(record->family, &from);
	pretend_hand_out(&from, length, message->msg_name, &message->msg_namelen);
	memcpy(message->msg_iov[0].iov_base, data, sizeof(data) - 1);
	message->msg_controllen = 0;
	message->msg_flags = 0;
	return pretend_answer(call, sizeof(data) - 1);
}

/* A name that /etc/hosts knows: its addresses of a family as text, each ending in a NUL. */
static void pretend_read_hosts(const char *host, int family, struct text *found)
{
	FILE *file = fopen("/etc/hosts", "re");
	char line[1024];
	unsigned char address[sizeof(struct in6_addr)];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		const char *blanks = " \t\r\n", *ip = line, *word = line;

		line[strcspn(line, "#")] = '\0';
		for (size_t n = 0; *word != '\0'; n++) {
			size_t length = strcspn(word, blanks);
			const char *next = word + length + strspn(word + length, blanks);

			line[(size_t)(word - line) + length] = '\0';
			if (n == 0 && inet_pton(family, ip, address) != 1)
				break;
			if (n > 0 && text_same_word(word, host)) {
				text_add(found, ip, strlen(ip) + 1);
				break;
			}
			word = next;
		}
	}
	if (file != NULL)
		fclose(file);
}

/* Adds the answers for numeric addresses, each ending in a NUL, to a list. */
static void pretend_add_answers(const struct call *call, const struct text *addresses,
	struct addrinfo **end)
{
	struct addrinfo hints = { 0 };

	if (call->values[2] != 0)
		hints = *(const struct addrinfo *)call->values[2];
	hints.ai_family = AF_UNSPEC;
	hints.ai_flags = AI_NUMERICHOST;
	for (size_t at = 0; at < addresses->length; at += strlen(addresses->data + at) + 1) {
		if (getaddrinfo(addresses->data + at, (const char *)call->values[1], &hints, end) !=
			0)
			continue;
		while (*end != NULL)
			end = &(*end)->ai_next;
	}
}

/* Looks a name up without asking anybody: what isn't known has an address for documentation. */
static bool pretend_getaddrinfo(struct call *call)
{
	const struct addrinfo *asked = (const void *)call->values[2];
	const char *host = (const char *)call->values[0];
	int family = asked != NULL ? asked->ai_family : AF_UNSPEC;
	struct addrinfo **found = (void *)call->values[3];
	struct text addresses = TEXT_EMPTY;
	unsigned char address[sizeof(struct in6_addr)];

	if (host == NULL || (asked != NULL && (asked->ai_flags & AI_NUMERICHOST)) ||
		inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return false;
	if (family != AF_INET)
		pretend_read_hosts(host, AF_INET6, &addresses);
	if (family != AF_INET6)
		pretend_read_hosts(host, AF_INET, &addresses);
	if (addresses.length == 0 && family == AF_INET6)
		text_add(&addresses, PRETEND_IP6, sizeof(PRETEND_IP6));
	else if (addresses.length == 0)
		text_add(&addresses, PRETEND_IP4, sizeof(PRETEND_IP4));
	*found = NULL;
	pretend_add_answers(call, &addresses, found);
	text_free(&addresses);
	return pretend_answer(call, *found != NULL ? 0 : EAI_NONAME);
}

/* Whether opening a path would work, as far as one can tell from outside. Returns 0 or an errno. */
static int pretend_may_open(const char *path, int flags, struct stat *status)
{
	int mode = (flags & O_ACCMODE) == O_RDONLY ? R_OK
		: (flags & O_ACCMODE) == O_WRONLY  ? W_OK
						   : R_OK | W_OK;

	if (strcmp(path, PRETEND_TERMINAL) == 0) {
		status->st_mode = S_IFCHR | 0600;
		return 0;
	}
	if (pretend_stat(path, status, stat) < 0) {
		char *folder = memory_string(path), *slash = strrchr(folder, '/');
		int number = errno;

		if (number != ENOENT || !(flags & O_CREAT)) {
			free(folder);
			return number;
		}
		if (slash != NULL)
			slash[slash == folder] = '\0';
		number = access(slash != NULL ? folder : ".", W_OK) < 0 ? errno : 0;
		free(folder);
		pretend_note_path(path, S_IFREG | 0644);
		status->st_mode = S_IFREG | 0644;
		return number;
	}
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return EEXIST;
	if (S_ISDIR(status->st_mode) && (flags & O_ACCMODE) != O_RDONLY)
		return EISDIR;
	if (S_ISSOCK(status->st_mode))
		return ENXIO;
	return access(path, mode) < 0 && errno != ENOENT ? errno : 0;
}

static bool pretend_open(struct call *call)
{
	const char *path = (const char *)call->values[0];
	int flags = (int)call->values[1], fd, number;
	struct pretended what = { .flags = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK) };
	struct stat status = { 0 };

	number = pretend_may_open(path, flags, &status);
	if (number != 0)
		return pretend_fail(call, number);
	what.mode = status.st_mode;
	what.terminal = S_ISCHR(status.st_mode) &&
		(strncmp(path, "/dev/tty", 8) == 0 || strncmp(path, "/dev/pts/", 9) == 0);
	fd = S_ISDIR(status.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : pretend_descriptor(&what);
	if (fd < 0)
		return pretend_fail(call, errno);
	if (S_ISDIR(status.st_mode) && pretend_record(fd) != NULL) {
		*pretend_record(fd) = what;
		pretend_record(fd)->open = true;
	}
	return pretend_answer(call, fd);
}

static bool pretend_close(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);

	if (record != NULL) {
		close((int)call->values[0]);
		free(record->settings);
		*record = (struct pretended){ .open = false };
	}
	return pretend_answer(call, 0);
}

static bool pretend_pipe(struct call *call)
{
	struct pretended what = { .mode = S_IFIFO | 0600 };
	int *ends = (int *)call->values[0];

	if (call->name == CALL_PIPE2)
		what.silent = (call->values[1] & O_NONBLOCK) != 0;
	what.flags = what.silent ? O_NONBLOCK : 0;
	pretend_pair(call, ends, &what);
	if (call->result == 0 && pretend_find(ends[1]) != NULL)
		pretend_find(ends[1])->flags |= O_WRONLY;
	return true;
}

/* A second number for the same. */
static bool pretend_copy(struct call *call)
{
	int fd = fcntl((int)call->values[0], F_DUPFD_CLOEXEC, (int)call->values[2]);
	const struct pretended *record = pretend_find(call->values[0]);
	struct pretended *copy = pretend_record(fd);

	if (fd < 0)
		return pretend_fail(call, errno);
	if (copy != NULL) {
		*copy = (struct pretended){ .open = true };
		if (record != NULL)
			*copy = *record;
		copy->settings = NULL;
	}
	return pretend_answer(call, fd);
}

static bool pretend_fcntl(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);

	switch (call->values[1]) {
	case F_GETFD:
		return false;
	case F_GETFL:
		return record != NULL && pretend_answer(call, record->flags);
	case F_SETFL:
		if (record != NULL)
			record->flags = (record->flags & O_ACCMODE) | (int)call->values[2];
		return pretend_answer(call, 0);
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return pretend_copy(call);
#ifdef F_GETPIPE_SZ
	case F_GETPIPE_SZ:
		return pretend_answer(call, 65536);
	case F_SETPIPE_SZ:
		return pretend_answer(call, call->values[2]);
#endif
	default:
		return pretend_answer(call, 0);
	}
}

/* A terminal as it is found: for people who type lines. */
static void pretend_sane(struct termios *settings)
{
	memset(settings, 0, sizeof(*settings));
	settings->c_iflag = BRKINT | ICRNL | IXON;
	settings->c_oflag = OPOST | ONLCR;
	settings->c_cflag = CS8 | CREAD;
	settings->c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK;
	cfsetispeed(settings, B38400);
	cfsetospeed(settings, B38400);
}

/* Reads or writes the settings of a terminal; those of one that was there before us are only noted. */
static bool pretend_terminal(struct call *call)
{
	struct pretended *record = pretend_record(call->values[0]);
	bool writes = call->name == CALL_TCSETATTR;
	struct termios *settings = (void *)call->values[writes ? 2 : 1];

	if (record == NULL)
		return pretend_fail(call, EBADF);
	if (record->open ? !record->terminal : !isatty((int)call->values[0]))
		return pretend_fail(call, ENOTTY);
	if (writes) {
		if (record->settings == NULL)
			record->settings = memory_zero(1, sizeof(*record->settings));
		*record->settings = *settings;
	} else if (record->settings != NULL) {
		*settings = *record->settings;
	} else if (record->open) {
		pretend_sane(settings);
	} else {
		return false;
	}
	return pretend_answer(call, 0);
}

/* Makes or removes an entry, or changes whose it is. */
static bool pretend_entry(struct call *call)
{
	bool second = call->name == CALL_LINK || call->name == CALL_SYMLINK;
	const char *path = (const char *)call->values[second];
	bool exists = strcmp(path, PRETEND_TERMINAL) == 0 || pretend_exists(path);

	switch (call->name) {
	case CALL_LINK:
	case CALL_SYMLINK:
	case CALL_MKFIFO:
		if (exists)
			return pretend_fail(call, EEXIST);
		pretend_note_path(path,
			call->name == CALL_MKFIFO	  ? S_IFIFO | 0600
				: call->name == CALL_LINK ? S_IFREG | 0644
							  : S_IFLNK | 0777);
		return pretend_answer(call, 0);
	case CALL_UNLINK:
		if (exists)
			pretend_note_path(path, 0);
		break;
	default:
		break;
	}
	return exists ? pretend_answer(call, 0) : pretend_fail(call, ENOENT);
}

/* Forks; the child waits until the parent has told of it, and then the parent for the child. */
static bool pretend_fork(struct call *call)
{
	int gate[2];
	char byte;
	pid_t pid;

	if (pipe(gate) < 0)
		return pretend_fail(call, errno);
	pid = fork();
	if (pid < 0) {
		int number = errno;

		close(gate[0]);
		close(gate[1]);
		return pretend_fail(call, number);
	}
	if (pid == 0) {
		close(gate[1]);
		while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
			;
		close(gate[0]);
		return pretend_answer(call, 0);
	}
	close(gate[0]);
	pretend.gate = gate[1];
	pretend.child = pid;
	return pretend_answer(call, pid);
}

/* Has the child that was forked last go its way, and waits for its end. */
void call_pretend_child(void)
{
	if (pretend.gate < 0)
		return;
	close(pretend.gate);
	pretend.gate = -1;
	while (waitpid(pretend.child, &pretend.status, 0) < 0 && errno == EINTR)
		;
}

/* Whether the child that was pretended last couldn't do what it was for. */
bool call_child_failed(void)
{
	return call_manner == CALL_PRETENDED &&
		!(WIFEXITED(pretend.status) && WEXITSTATUS(pretend.status) == 0);
}

/* The child that was forked last has ended already; nobody knows of another. */
static bool pretend_waitpid(struct call *call)
{
	if (call->values[0] != pretend.child || pretend.child == 0)
		return pretend_fail(call, ECHILD);
	if (call->values[1] != 0)
		*(int *)call->values[1] = pretend.status;
	return pretend_answer(call, pretend.child);
}

/* Whether a program can be run. Returns 0 or an errno. */
static int pretend_may_run(const char *file)
{
	const char *path = getenv("PATH");
	int number = ENOENT;

	if (strchr(file, '/') != NULL)
		return access(file, X_OK) < 0 ? errno : 0;
	while (path != NULL) {
		size_t length = strcspn(path, ":");
		char *place = memory_print("%.*s/%s", length > 0 ? (int)length : 1,
			length > 0 ? path : ".", file);

		if (access(place, X_OK) == 0)
			number = 0;
		else if (errno == EACCES && number != 0)
			number = EACCES;
		free(place);
		path = path[length] == ':' && number != 0 ? path + length + 1 : NULL;
	}
	return number;
}

/* Whether the program of an execvp would take our place. */
bool call_pretend_runs(const struct call *call)
{
	return pretend_may_run((const char *)call->values[0]) == 0;
}

/* Where a program would go on nothing is left to tell. */
static bool pretend_exec(struct call *call)
{
	int number = pretend_may_run((const char *)call->values[0]);

	if (number != 0)
		return pretend_fail(call, number);
	_exit(0);
}

/* A directory of which the process would make something. */
static bool pretend_chroot(struct call *call)
{
	struct stat status;

	if (stat((const char *)call->values[0], &status) < 0)
		return pretend_fail(call, errno);
	return S_ISDIR(status.st_mode) ? pretend_answer(call, 0) : pretend_fail(call, ENOTDIR);
}

/* A pseudo terminal, whose number nobody knows before. */
static bool pretend_posix_openpt(struct call *call)
{
	static const struct pretended what = { .mode = S_IFCHR | 0600,
		.flags = O_RDWR,
		.terminal = true };
	int fd = pretend_descriptor(&what);

	return fd >= 0 ? pretend_answer(call, fd) : pretend_fail(call, errno);
}

static bool pretend_listen(struct call *call)
{
	struct pretended *record = pretend_find(call->values[0]);

	if (record != NULL)
		record->listening = true;
	return pretend_answer(call, 0);
}

/* There is nothing to read: the end of a pipe, or nothing yet. */
static bool pretend_read(struct call *call)
{
	const struct pretended *record = pretend_find(call->values[0]);

	if (call->name == CALL_READ && record != NULL && S_ISFIFO(record->mode) && !record->silent)
		return pretend_answer(call, 0);
	return pretend_fail(call, EAGAIN);
}

/* Answers a call as if it had been made. Returns false if it may be made. */
bool call_pretend(struct call *call)
{
	switch (call->name) {
	case CALL_SOCKET:
	case CALL_SOCKETPAIR:
		return pretend_socket(call);
	case CALL_ACCEPT:
	case CALL_ACCEPT4:
		return pretend_accept(call);
	case CALL_BIND:
		return pretend_bind(call);
	case CALL_CONNECT:
		return pretend_connect(call);
	case CALL_LISTEN:
		return pretend_listen(call);
	case CALL_GETSOCKNAME:
	case CALL_GETPEERNAME:
		return pretend_name(call);
	case CALL_GETSOCKOPT:
		return pretend_getsockopt(call);
	case CALL_GETADDRINFO:
		return pretend_getaddrinfo(call);
	case CALL_POLL:
		return pretend_poll(call);
	case CALL_READ:
	case CALL_RECV:
		return pretend_read(call);
	case CALL_RECVMSG:
		return pretend_recvmsg(call);
	case CALL_WRITE:
	case CALL_SEND:
	case CALL_SENDTO:
		return pretend_answer(call, call->values[2]);
	case CALL_OPEN:
		return pretend_open(call);
	case CALL_CLOSE:
		return pretend_close(call);
	case CALL_PIPE:
	case CALL_PIPE2:
		return pretend_pipe(call);
	case CALL_DUP2:
		return pretend_answer(call, call->values[1]);
	case CALL_FCNTL:
		return pretend_fcntl(call);
	case CALL_LSEEK:
		return pretend_answer(call, call->values[1]);
	case CALL_TCGETATTR:
	case CALL_TCSETATTR:
		return pretend_terminal(call);
	case CALL_IOCTL:
		if ((unsigned long)call->values[1] == TIOCGWINSZ)
			return pretend_find(call->values[0]) != NULL && pretend_fail(call, ENOTTY);
		return pretend_answer(call, 0);
	case CALL_POSIX_OPENPT:
		return pretend_posix_openpt(call);
	case CALL_PTSNAME:
		return pretend_answer(call, ARGUMENT(PRETEND_TERMINAL));
	case CALL_LINK:
	case CALL_SYMLINK:
	case CALL_MKFIFO:
	case CALL_UNLINK:
	case CALL_CHMOD:
	case CALL_CHOWN:
		return pretend_entry(call);
	case CALL_CHDIR:
	case CALL_FCHDIR:
	case CALL_UMASK:
		return false;
	case CALL_CHROOT:
		return pretend_chroot(call);
	case CALL_FORK:
		return pretend_fork(call);
	case CALL_EXECVP:
		return pretend_exec(call);
	case CALL_WAITPID:
		return pretend_waitpid(call);
	case CALL_SETSID:
		return pretend_answer(call, getpid());
	case CALL_SENDFILE:
	case CALL_SPLICE:
	case CALL_COPY_FILE_RANGE:
		return pretend_fail(call, EINVAL);
	default:
		return pretend_answer(call, 0);
	}
}

int call_stat(const char *path, struct stat *status)
{
	return call_manner == CALL_PRETENDED ? pretend_stat(path, status, stat)
					     : stat(path, status);
}

int call_lstat(const char *path, struct stat *status)
{
	return call_manner == CALL_PRETENDED ? pretend_stat(path, status, lstat)
					     : lstat(path, status);
}

int call_fstat(int fd, struct stat *status)
{
	const struct pretended *record = call_manner == CALL_PRETENDED ? pretend_find(fd) : NULL;

	if (record == NULL)
		return fstat(fd, status);
	memset(status, 0, sizeof(*status));
	status->st_mode = record->mode;
	return 0;
}

int call_isatty(int fd)
{
	const struct pretended *record = call_manner == CALL_PRETENDED ? pretend_find(fd) : NULL;

	return record != NULL ? record->terminal : isatty(fd);
}
