/*
 * Calls that are not made, for --explain: they are answered as if they had been, from a table of what stands behind
 * each descriptor. A descriptor of such a call is a real one, of /dev/null, so that the numbers are those of a real
 * run. What a process changes of itself alone (directory, umask) is really changed, and what is only asked about
 * things that are there is really asked. A fork really forks: the child pretends on, while the parent waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call_pretend.h"
#include "base/memory.h"

#define PRETEND_MOST 1024 /* descriptors; nobody opens so many without a crowd */

/* What was pretended so far. */
static struct {
	struct pretended *table; /* by descriptor */
	int gate;		 /* opened when a child may go on; -1 */
	pid_t child;		 /* that goes on then */
	int status;		 /* of the child that went on last */
} pretend = { .gate = -1 };

/* The record of a descriptor, whether it is open or not; NULL where there is none. */
struct pretended *pretend_record(intptr_t fd)
{
	if (pretend.table == NULL)
		pretend.table = memory_zero(PRETEND_MOST, sizeof(*pretend.table));
	return fd >= 0 && fd < PRETEND_MOST ? &pretend.table[fd] : NULL;
}

/* The record of a descriptor that was opened by pretending, or NULL. */
struct pretended *pretend_find(intptr_t fd)
{
	struct pretended *record = pretend_record(fd);

	return record != NULL && record->open ? record : NULL;
}

/* Answers a call. Returns true: it is not made. */
bool pretend_answer(struct call *call, intptr_t result)
{
	call->result = result;
	return true;
}

bool pretend_fail(struct call *call, int number)
{
	call->result = -1;
	call->number = number;
	return true;
}

/* Makes a descriptor that stands for something. Returns -1 with errno if there is none any more. */
int pretend_descriptor(const struct pretended *what)
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
bool pretend_pair(struct call *call, int ends[2], const struct pretended *what)
{
	for (int i = 0; i < 2; i++) {
		ends[i] = pretend_descriptor(what);
		if (ends[i] < 0)
			return pretend_fail(call, errno);
	}
	return pretend_answer(call, 0);
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

/* There is nothing to read: the end of a pipe, or nothing yet. */
static bool pretend_read(struct call *call)
{
	const struct pretended *record = pretend_find(call->values[0]);

	if (call->name == CALL_READ && record != NULL && S_ISFIFO(record->mode) && !record->silent)
		return pretend_answer(call, 0);
	return pretend_fail(call, EAGAIN);
}

/* All the parts are written. */
static bool pretend_write_parts(struct call *call)
{
	const struct iovec *parts = (const void *)call->values[1];
	size_t size = 0;

	for (intptr_t i = 0; i < call->values[2]; i++)
		size += parts[i].iov_len;
	return pretend_answer(call, (intptr_t)size);
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
	case CALL_PWRITEV2:
		return pretend_write_parts(call);
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
