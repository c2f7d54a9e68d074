#include "chat/diary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "chat/screen.h"

#define DIARY_RECALLED ((off_t)256 * 1024) /* bytes at the end of a file */

/* Makes the directories that a path leads through, for us alone. */
static void diary_make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

/* Where lines are kept when nobody says otherwise; NULL without a home. Owned by the caller. */
char *diary_history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;

	if (state != NULL && state[0] == '/')
		path = memory_print("%s/nettool/history", state);
	else if (home != NULL && home[0] == '/')
		path = memory_print("%s/.local/state/nettool/history", home);
	else
		return NULL;
	diary_make_directories(path);
	return path;
}

/* Opens a file to add to, which only we may read. Returns the descriptor, or -1 with the error filled. */
int diary_open(const char *path, struct error *error)
{
	int fd = fd_above_standard(
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));

	return fd >= 0 ? fd : error_system(error, errno, _("cannot open %s"), path);
}

/* Reads the end of a file, whole lines of it. Empty if it can't be read. Owned by the caller. */
static struct text diary_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	off_t start = fd >= 0 ? lseek(fd, -DIARY_RECALLED, SEEK_END) : -1;
	struct text text = TEXT_EMPTY;
	char block[4096], *newline;
	ssize_t n;

	if (fd < 0)
		return text;
	while ((n = read(fd, block, sizeof(block))) > 0)
		text_add(&text, block, (size_t)n);
	close(fd);
	newline = start > 0 && text.length > 0 ? memchr(text.data, '\n', text.length) : NULL;
	if (newline != NULL) { /* the first line may be a part of one */
		struct text rest = TEXT_EMPTY;

		text_add_string(&rest, newline + 1);
		text_free(&text);
		text = rest;
	}
	return text;
}

/* Calls visit for each line of a file, if it is there; of a long one for those at its end. */
void diary_load(const char *path, void (*visit)(void *context, const char *line), void *context)
{
	struct text text = diary_read(path);
	char *line = text.data, *end = line != NULL ? line + text.length : NULL;

	while (line != end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));

		if (newline != NULL)
			*newline = '\0';
		if (line[0] != '\0')
			visit(context, line);
		line = newline != NULL ? newline + 1 : end;
	}
	text_free(&text);
}

/* Adds a line in one piece, so that many who write to one file never tear each other's lines. */
static void diary_write(int fd, struct text *text)
{
	ssize_t n;

	text_add_char(text, '\n');
	do {
		n = write(fd, text->data, text->length);
	} while (n < 0 && errno == EINTR);
	text_free(text);
}

/* Adds a line as it is, to be loaded again. */
void diary_append(int fd, const char *line, size_t length)
{
	struct text text = TEXT_EMPTY;

	if (fd < 0)
		return;
	text_add(&text, line, length);
	diary_write(fd, &text);
}

/* Adds a line to be looked at, with nothing in it that a terminal would obey. */
void diary_add(int fd, const char *front, const char *line, size_t length)
{
	struct text text = TEXT_EMPTY;

	if (fd < 0)
		return;
	text_add_string(&text, front);
	screen_record(&text, line, length);
	diary_write(fd, &text);
}
