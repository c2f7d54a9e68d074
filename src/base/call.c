#include "base/call.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call_inside.h"

enum call_manner call_manner;

/* Who is told of the calls. */
static void (*call_shown)(const struct call_line *line);

/* From now on calls are made in this manner, and shown to whoever is given. */
void call_watch(enum call_manner manner, void (*show)(const struct call_line *line))
{
	call_manner = manner;
	call_shown = show;
}

/* Whether calls are shown and not made. */
bool call_pretends(void)
{
	return call_manner == CALL_PRETENDED;
}

/* Whether a call has met what is no part of the plan: that something has to wait is one. */
static bool call_went_wrong(const struct call *call)
{
	return call_failed(call) && call->number != EAGAIN && call->number != EINPROGRESS &&
		call->number != EINTR;
}

/* Tells of a call. */
static void call_tell(const struct call *call)
{
	struct text words = TEXT_EMPTY, result = TEXT_EMPTY, remark = TEXT_EMPTY;
	struct call_line line = { .failed = call_went_wrong(call) };

	call_show_arguments(&words, call);
	call_show_result(&result, call);
	line.call = words.data;
	line.result = result.data != NULL ? result.data : "";
	line.remark = call_remark(call, &remark);
	call_shown(&line);
	text_free(&remark);
	text_free(&result);
	text_free(&words);
}

/* Whether a call is to be made now; if not, its answer is there already. */
bool call_begins(struct call *call)
{
	/* a call that succeeds leaves errno as it was */
	call->number = errno;
	/* whoever gets into another program never comes back to tell */
	if (call->name == CALL_EXECVP && (call_manner == CALL_TOLD || call_pretend_runs(call)))
		call_tell(call);
	return call_manner == CALL_TOLD || !call_pretend(call);
}

/* Notes what a call has answered. */
void call_done(struct call *call, intptr_t result)
{
	call->result = result;
	call->number = errno;
}

/* Tells of a call that is over, and returns what it answered, with its errno. */
intptr_t call_ends(struct call *call)
{
	call_tell(call);
	if (call->name == CALL_FORK && call_manner == CALL_PRETENDED)
		call_pretend_child();
	errno = call->number;
	return call->result;
}

/* Tells of a call that was made somewhere else. */
void call_made(intptr_t result, const char *remark, const char *format, ...)
{
	struct text words = TEXT_EMPTY, answer = TEXT_EMPTY;
	struct call call = { .name = CALL_NAME_COUNT, .result = result, .number = errno };
	va_list args;

	va_start(args, format);
	text_vprint(&words, format, args);
	va_end(args);
	call_show_result(&answer, &call);
	call_shown(
		&(struct call_line){ CALL_LINE_CALL, words.data, answer.data, remark, result < 0 });
	text_free(&answer);
	text_free(&words);
	errno = call.number;
}

/* Says something of what would happen. */
void call_note(const char *format, ...)
{
	struct text sentence = TEXT_EMPTY;
	va_list args;

	if (call_manner != CALL_PRETENDED)
		return;
	va_start(args, format);
	text_vprint(&sentence, format, args);
	va_end(args);
	call_shown(&(struct call_line){ .kind = CALL_LINE_NOTE, .remark = sentence.data });
	text_free(&sentence);
}

/* A part of what would happen begins. The summary may be NULL. */
void call_part(const char *title, const char *summary)
{
	if (call_manner == CALL_PRETENDED)
		call_shown(&(struct call_line){ .kind = CALL_LINE_PART,
			.call = title,
			.remark = summary });
}

/* From here it would go back to where it waited first. */
void call_loops(const char *sentence)
{
	if (call_manner == CALL_PRETENDED)
		call_shown(&(struct call_line){ .kind = CALL_LINE_LOOP, .remark = sentence });
}

int call_socket(int family, int type, int protocol)
{
	CALL(int, CALL_SOCKET, socket(family, type, protocol), family, type, protocol);
}

int call_socketpair(int family, int type, int protocol, int ends[2])
{
	CALL(int, CALL_SOCKETPAIR, socketpair(family, type, protocol, ends), family, type, protocol,
		ARGUMENT(ends));
}

int call_bind(int fd, const struct sockaddr *address, socklen_t length)
{
	CALL(int, CALL_BIND, bind(fd, address, length), fd, ARGUMENT(address), ARGUMENT(length));
}

int call_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	CALL(int, CALL_CONNECT, connect(fd, address, length), fd, ARGUMENT(address),
		ARGUMENT(length));
}

int call_listen(int fd, int backlog)
{
	CALL(int, CALL_LISTEN, listen(fd, backlog), fd, backlog);
}

int call_accept(int fd, struct sockaddr *peer, socklen_t *length)
{
	CALL(int, CALL_ACCEPT, accept(fd, peer, length), fd, ARGUMENT(peer), ARGUMENT(length));
}

int call_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	CALL(int, CALL_GETSOCKNAME, getsockname(fd, address, length), fd, ARGUMENT(address),
		ARGUMENT(length));
}

int call_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	CALL(int, CALL_GETPEERNAME, getpeername(fd, address, length), fd, ARGUMENT(address),
		ARGUMENT(length));
}

int call_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	CALL(int, CALL_SETSOCKOPT, setsockopt(fd, level, name, value, length), fd, level, name,
		ARGUMENT(value), ARGUMENT(length));
}

int call_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	CALL(int, CALL_GETSOCKOPT, getsockopt(fd, level, name, value, length), fd, level, name,
		ARGUMENT(value), ARGUMENT(length));
}

int call_shutdown(int fd, int how)
{
	CALL(int, CALL_SHUTDOWN, shutdown(fd, how), fd, how);
}

int call_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
	struct addrinfo **found)
{
	CALL(int, CALL_GETADDRINFO, getaddrinfo(host, service, hints, found), ARGUMENT(host),
		ARGUMENT(service), ARGUMENT(hints), ARGUMENT(found));
}

int call_poll(struct pollfd *slots, nfds_t count, int timeout)
{
	CALL(int, CALL_POLL, poll(slots, count, timeout), ARGUMENT(slots), ARGUMENT(count),
		timeout);
}

ssize_t call_read(int fd, void *data, size_t size)
{
	CALL(ssize_t, CALL_READ, read(fd, data, size), fd, ARGUMENT(data), ARGUMENT(size));
}

ssize_t call_write(int fd, const void *data, size_t size)
{
	CALL(ssize_t, CALL_WRITE, write(fd, data, size), fd, ARGUMENT(data), ARGUMENT(size));
}

ssize_t call_recv(int fd, void *data, size_t size, int flags)
{
	CALL(ssize_t, CALL_RECV, recv(fd, data, size, flags), fd, ARGUMENT(data), ARGUMENT(size),
		flags);
}

ssize_t call_send(int fd, const void *data, size_t size, int flags)
{
	CALL(ssize_t, CALL_SEND, send(fd, data, size, flags), fd, ARGUMENT(data), ARGUMENT(size),
		flags);
}

ssize_t call_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
	socklen_t length)
{
	CALL(ssize_t, CALL_SENDTO, sendto(fd, data, size, flags, to, length), fd, ARGUMENT(data),
		ARGUMENT(size), flags, ARGUMENT(to), ARGUMENT(length));
}

ssize_t call_recvmsg(int fd, struct msghdr *message, int flags)
{
	CALL(ssize_t, CALL_RECVMSG, recvmsg(fd, message, flags), fd, ARGUMENT(message), flags);
}

ssize_t call_sendmsg(int fd, const struct msghdr *message, int flags)
{
	CALL(ssize_t, CALL_SENDMSG, sendmsg(fd, message, flags), fd, ARGUMENT(message), flags);
}

int call_open(const char *path, int flags, mode_t mode)
{
	CALL(int, CALL_OPEN, open(path, flags, mode), ARGUMENT(path), flags, ARGUMENT(mode));
}

int call_close(int fd)
{
	CALL(int, CALL_CLOSE, close(fd), fd);
}

int call_pipe(int ends[2])
{
	CALL(int, CALL_PIPE, pipe(ends), ARGUMENT(ends));
}

int call_dup2(int fd, int number)
{
	CALL(int, CALL_DUP2, dup2(fd, number), fd, number);
}

int call_fcntl(int fd, int command, intptr_t argument)
{
	CALL(int, CALL_FCNTL, fcntl(fd, command, argument), fd, command, argument);
}

int call_ioctl(int fd, unsigned long request, void *argument)
{
	CALL(int, CALL_IOCTL, ioctl(fd, request, argument), fd, ARGUMENT(request),
		ARGUMENT(argument));
}

int call_flock(int fd, int operation)
{
	CALL(int, CALL_FLOCK, flock(fd, operation), fd, operation);
}

int call_ftruncate(int fd, off_t length)
{
	CALL(int, CALL_FTRUNCATE, ftruncate(fd, length), fd, ARGUMENT(length));
}

off_t call_lseek(int fd, off_t offset, int whence)
{
	CALL(off_t, CALL_LSEEK, lseek(fd, offset, whence), fd, ARGUMENT(offset), whence);
}

int call_tcgetattr(int fd, struct termios *settings)
{
	CALL(int, CALL_TCGETATTR, tcgetattr(fd, settings), fd, ARGUMENT(settings));
}

int call_tcsetattr(int fd, int actions, const struct termios *settings)
{
	CALL(int, CALL_TCSETATTR, tcsetattr(fd, actions, settings), fd, actions,
		ARGUMENT(settings));
}

int call_posix_openpt(int flags)
{
	CALL(int, CALL_POSIX_OPENPT, posix_openpt(flags), flags);
}

int call_grantpt(int fd)
{
	CALL(int, CALL_GRANTPT, grantpt(fd), fd);
}

int call_unlockpt(int fd)
{
	CALL(int, CALL_UNLOCKPT, unlockpt(fd), fd);
}

char *call_ptsname(int fd)
{
	CALL(char *, CALL_PTSNAME, ptsname(fd), fd);
}

int call_unlink(const char *path)
{
	CALL(int, CALL_UNLINK, unlink(path), ARGUMENT(path));
}

int call_link(const char *from, const char *to)
{
	CALL(int, CALL_LINK, link(from, to), ARGUMENT(from), ARGUMENT(to));
}

int call_symlink(const char *target, const char *path)
{
	CALL(int, CALL_SYMLINK, symlink(target, path), ARGUMENT(target), ARGUMENT(path));
}

int call_mkfifo(const char *path, mode_t mode)
{
	CALL(int, CALL_MKFIFO, mkfifo(path, mode), ARGUMENT(path), ARGUMENT(mode));
}

int call_chmod(const char *path, mode_t mode)
{
	CALL(int, CALL_CHMOD, chmod(path, mode), ARGUMENT(path), ARGUMENT(mode));
}

int call_fchmod(int fd, mode_t mode)
{
	CALL(int, CALL_FCHMOD, fchmod(fd, mode), fd, ARGUMENT(mode));
}

int call_chown(const char *path, uid_t user, gid_t group)
{
	CALL(int, CALL_CHOWN, chown(path, user, group), ARGUMENT(path), (int)user, (int)group);
}

int call_fchown(int fd, uid_t user, gid_t group)
{
	CALL(int, CALL_FCHOWN, fchown(fd, user, group), fd, (int)user, (int)group);
}

int call_chdir(const char *path)
{
	CALL(int, CALL_CHDIR, chdir(path), ARGUMENT(path));
}

int call_fchdir(int fd)
{
	CALL(int, CALL_FCHDIR, fchdir(fd), fd);
}

int call_chroot(const char *path)
{
	CALL(int, CALL_CHROOT, chroot(path), ARGUMENT(path));
}

mode_t call_umask(mode_t mask)
{
	CALL(mode_t, CALL_UMASK, umask(mask), ARGUMENT(mask));
}

pid_t call_fork(void)
{
	CALL(pid_t, CALL_FORK, fork(), 0);
}

int call_execvp(const char *file, char *const argv[])
{
	CALL(int, CALL_EXECVP, execvp(file, argv), ARGUMENT(file), ARGUMENT(argv));
}

pid_t call_waitpid(pid_t pid, int *status, int flags)
{
	CALL(pid_t, CALL_WAITPID, waitpid(pid, status, flags), pid, ARGUMENT(status), flags);
}

int call_kill(pid_t pid, int number)
{
	CALL(int, CALL_KILL, kill(pid, number), pid, number);
}

pid_t call_setsid(void)
{
	CALL(pid_t, CALL_SETSID, setsid(), 0);
}

int call_setpgid(pid_t pid, pid_t group)
{
	CALL(int, CALL_SETPGID, setpgid(pid, group), pid, group);
}

int call_setuid(uid_t user)
{
	CALL(int, CALL_SETUID, setuid(user), ARGUMENT(user));
}

int call_setgid(gid_t group)
{
	CALL(int, CALL_SETGID, setgid(group), ARGUMENT(group));
}

int call_setgroups(size_t count, const gid_t *groups)
{
	CALL(int, CALL_SETGROUPS, setgroups(count, groups), ARGUMENT(count), ARGUMENT(groups));
}
