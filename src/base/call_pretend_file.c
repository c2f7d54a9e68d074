/* Files, terminals and entries of the file system that are only pretended. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call_pretend.h"
#include "base/memory.h"

/* An entry of the file system that was made, or removed (mode 0). The newest is in front. */
struct pretended_path {
	struct pretended_path *next;
	char *path;
	mode_t mode;
};

static struct pretended_path *pretend_paths;

/* Notes that an entry is there from now on, or no more. */
void pretend_note_path(const char *path, mode_t mode)
{
	struct pretended_path *entry = memory_zero(1, sizeof(*entry));

	*entry = (struct pretended_path){ pretend_paths, memory_string(path), mode };
	pretend_paths = entry;
}

/* As stat or lstat, with what was pretended before. */
static int pretend_stat(const char *path, struct stat *status,
	int (*look)(const char *restrict path, struct stat *restrict status))
{
	for (const struct pretended_path *p = pretend_paths; p != NULL; p = p->next) {
		if (strcmp(p->path, path) != 0)
			continue;
		memset(status, 0, sizeof(*status));
		status->st_mode = p->mode;
		errno = ENOENT;
		return p->mode != 0 ? 0 : -1;
	}
	return look(path, status);
}

bool pretend_exists(const char *path)
{
	struct stat status;

	return pretend_stat(path, &status, lstat) == 0;
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

bool pretend_open(struct call *call)
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
bool pretend_terminal(struct call *call)
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
bool pretend_entry(struct call *call)
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

/* A pseudo terminal, whose number nobody knows before. */
bool pretend_posix_openpt(struct call *call)
{
	static const struct pretended what = { .mode = S_IFCHR | 0600,
		.flags = O_RDWR,
		.terminal = true };
	int fd = pretend_descriptor(&what);

	return fd >= 0 ? pretend_answer(call, fd) : pretend_fail(call, errno);
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
