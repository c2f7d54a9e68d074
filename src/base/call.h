/*
 * The system calls by which a run can be followed: those that concern addresses, programs and the data. Each
 * function here is the call of that name, in one of three manners. Straight: nothing but the call. Told: the call
 * is made, and then shown (--trace). Pretended: the call is shown and not made, and answered as if it had been
 * (--explain); so what is explained is what the very same code does.
 *
 * What has more arguments for some requests than for others (open, fcntl, ioctl) has all of them here.
 */
#ifndef BASE_CALL_H
#define BASE_CALL_H

#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <termios.h>

enum call_manner {
	CALL_STRAIGHT,
	CALL_TOLD,
	CALL_PRETENDED,
};

/* What a line is that somebody is shown. */
enum call_line_kind {
	CALL_LINE_CALL,
	CALL_LINE_NOTE, /* a sentence, in remark; of pretended calls alone, like the two below */
	CALL_LINE_PART, /* what begins here: its title in call, its summary in remark */
	CALL_LINE_LOOP, /* from here it goes back to where it waited first */
};

/* A call that was made, or would have been, in words. */
struct call_line {
	enum call_line_kind kind;
	const char *call; /* socket(AF_INET, ...) */
	const char *
		result; /* "5", "-1 ECONNREFUSED (Connection refused)"; "" where it never returns */
	const char *remark; /* what it is for */
	bool failed;
};

extern enum call_manner call_manner;

/* Who is told of the calls, and how they are made. */
void call_watch(enum call_manner manner, void (*show)(const struct call_line *line));
bool call_pretends(void);
bool call_child_failed(void);
void call_trace(bool colored);

/* Why the calls that follow are made: shown in the place of what such calls are for. NULL: no special reason. */
void call_because(const char *reason);
void call_for_option(const char *name, const char *summary);
void call_name_options(const char *(*symbol)(int level, int number));

/* What else there is to say of pretended calls; nothing is shown where they are made. */
void call_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void call_part(const char *title, const char *summary);
void call_loops(const char *sentence);

/* For calls that have no function here: shows one that was made. The errno is that of the call. */
void call_made(intptr_t result, const char *remark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sockets. */
int call_socket(int family, int type, int protocol);
int call_socketpair(int family, int type, int protocol, int ends[2]);
int call_bind(int fd, const struct sockaddr *address, socklen_t length);
int call_connect(int fd, const struct sockaddr *address, socklen_t length);
int call_listen(int fd, int backlog);
int call_accept(int fd, struct sockaddr *peer, socklen_t *length);
int call_accept4(int fd, struct sockaddr *peer, socklen_t *length, int flags);
int call_getsockname(int fd, struct sockaddr *address, socklen_t *length);
int call_getpeername(int fd, struct sockaddr *address, socklen_t *length);
int call_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int call_getsockopt(int fd, int level, int name, void *value, socklen_t *length);
int call_shutdown(int fd, int how);
int call_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
	struct addrinfo **found);

/* Data. */
int call_poll(struct pollfd *slots, nfds_t count, int timeout);
ssize_t call_read(int fd, void *data, size_t size);
ssize_t call_write(int fd, const void *data, size_t size);
ssize_t call_pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags);
ssize_t call_recv(int fd, void *data, size_t size, int flags);
ssize_t call_send(int fd, const void *data, size_t size, int flags);
ssize_t call_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
	socklen_t length);
ssize_t call_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t call_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t call_splice(int from, off_t *from_offset, int to, off_t *to_offset, size_t size,
	unsigned flags);
ssize_t call_sendfile(int to, int from, off_t *offset, size_t size);
ssize_t call_copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t size,
	unsigned flags);

/* Descriptors. */
int call_open(const char *path, int flags, mode_t mode);
int call_close(int fd);
int call_pipe(int ends[2]);
int call_pipe2(int ends[2], int flags);
int call_dup2(int fd, int number);
int call_fcntl(int fd, int command, intptr_t argument);
int call_ioctl(int fd, unsigned long request, void *argument);
int call_flock(int fd, int operation);
int call_ftruncate(int fd, off_t length);
off_t call_lseek(int fd, off_t offset, int whence);
int call_tcgetattr(int fd, struct termios *settings);
int call_tcsetattr(int fd, int actions, const struct termios *settings);
int call_posix_openpt(int flags);
int call_grantpt(int fd);
int call_unlockpt(int fd);
char *call_ptsname(int fd);

/* Entries of the file system. */
int call_unlink(const char *path);
int call_link(const char *from, const char *to);
int call_symlink(const char *target, const char *path);
int call_mkfifo(const char *path, mode_t mode);
int call_chmod(const char *path, mode_t mode);
int call_fchmod(int fd, mode_t mode);
int call_chown(const char *path, uid_t user, gid_t group);
int call_fchown(int fd, uid_t user, gid_t group);
int call_chdir(const char *path);
int call_fchdir(int fd);
int call_chroot(const char *path);
mode_t call_umask(mode_t mask);

/* Processes. */
pid_t call_fork(void);
int call_execvp(const char *file, char *const argv[]);
pid_t call_waitpid(pid_t pid, int *status, int flags);
int call_kill(pid_t pid, int number);
pid_t call_setsid(void);
int call_setpgid(pid_t pid, pid_t group);
int call_setuid(uid_t user);
int call_setgid(gid_t group);
int call_setgroups(size_t count, const gid_t *groups);
int call_setns(int fd, int kind);

/* Questions about what is there, never shown: but where calls are pretended, they have to fit those. */
int call_stat(const char *path, struct stat *status);
int call_lstat(const char *path, struct stat *status);
int call_fstat(int fd, struct stat *status);
int call_isatty(int fd);

#endif
