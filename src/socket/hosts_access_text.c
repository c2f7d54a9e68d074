/*
 * The text of the tables: pieces of it, their words and lines, the files they are read from, and
 * the reason that grows while they are searched.
 */
#include "socket/hosts_access_search.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTS_TABLE_MAX ((size_t)1024 * 1024) /* bytes; what is larger is no table */

/*
 * Appends to the reason, "; " going between remarks. Without memory the remark is lost, never the
 * verdict.
 */
void hosts_remark(struct hosts_search *s, const char *format, ...)
{
	char remark[512];
	size_t old = s->reason != NULL ? strlen(s->reason) : 0;
	size_t room;
	char *longer;
	va_list args;

	va_start(args, format);
	vsnprintf(remark, sizeof(remark), format, args);
	va_end(args);
	for (char *c = remark; *c != '\0'; c++) {
		if (!isprint((unsigned char)*c))
			*c = '?';
	}
	room = old + strlen(remark) + 3;
	if (old > 2000 || (longer = realloc(s->reason, room)) == NULL)
		return;
	s->reason = longer;
	snprintf(longer + old, room - old, "%s%s", old > 0 ? "; " : "", remark);
}

/* Notes what is wrong with a piece of the current rule, and says that the search is over. */
enum hosts_match hosts_broken(struct hosts_search *s, struct hosts_piece piece, const char *why)
{
	int shown = piece.length < 80 ? (int)piece.length : 80;

	hosts_remark(s, "%s, line %lu: \"%.*s\" %s", s->path, s->line, shown, piece.text, why);
	return HOSTS_BROKEN;
}

/* Whether two pieces of text are the same, letter case aside. */
bool hosts_same(struct hosts_piece piece, const char *word)
{
	return strlen(word) == piece.length && strncasecmp(piece.text, word, piece.length) == 0;
}

/* Whether a piece consists of the given characters only. */
bool hosts_made_of(struct hosts_piece piece, const char *characters)
{
	for (size_t i = 0; i < piece.length; i++) {
		if (piece.text[i] == '\0' || strchr(characters, piece.text[i]) == NULL)
			return false;
	}
	return true;
}

/* Copies a piece into a buffer as a string; false when it doesn't fit. */
bool hosts_copy(char *buffer, size_t size, struct hosts_piece piece)
{
	if (piece.length >= size)
		return false;
	memcpy(buffer, piece.text, piece.length);
	buffer[piece.length] = '\0';
	return true;
}

/* Takes the next word off the front of a list; false at its end. */
bool hosts_next(struct hosts_piece *list, const char *separators, struct hosts_piece *word)
{
	const char *end = list->text + list->length;
	const char *start = list->text;
	const char *stop;

	while (start < end && strchr(separators, *start) != NULL)
		start++;
	for (stop = start; stop < end && strchr(separators, *stop) == NULL;)
		stop++;
	*word = (struct hosts_piece){ start, (size_t)(stop - start) };
	*list = (struct hosts_piece){ stop, (size_t)(end - stop) };
	return stop > start;
}

/* A piece without the blanks around it. */
struct hosts_piece hosts_trim(struct hosts_piece piece)
{
	while (piece.length > 0 && strchr(HOSTS_BLANKS, piece.text[0]) != NULL) {
		piece.text++;
		piece.length--;
	}
	while (piece.length > 0 && strchr(HOSTS_BLANKS, piece.text[piece.length - 1]) != NULL)
		piece.length--;
	return piece;
}

/* Whether a text fits a pattern with * and ?, letter case aside. */
bool hosts_glob(struct hosts_piece pattern, const char *text)
{
	const char *retry = NULL;
	size_t star = 0;
	size_t i = 0;

	while (*text != '\0') {
		char c = i < pattern.length ? pattern.text[i] : '\0';

		if (c == '*') {
			star = ++i;
			retry = text;
		} else if (i < pattern.length &&
			(c == '?' || tolower((unsigned char)c) == tolower((unsigned char)*text))) {
			i++;
			text++;
		} else if (retry != NULL) {
			i = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (i < pattern.length && pattern.text[i] == '*')
		i++;
	return i == pattern.length;
}

/* Reads a decimal number of at most five digits, without sign or leading zero. */
bool hosts_number(struct hosts_piece piece, unsigned int limit, unsigned int *value)
{
	unsigned int number = 0;

	if (piece.length == 0 || piece.length > 5 || (piece.text[0] == '0' && piece.length > 1))
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		if (piece.text[i] < '0' || piece.text[i] > '9')
			return false;
		number = 10 * number + (unsigned int)(piece.text[i] - '0');
	}
	*value = number;
	return number <= limit;
}

/*
 * Reads a table or a pattern file. HOSTS_YES: *data is a new buffer without NULs inside, which the
 * caller frees; HOSTS_NO: there is no such file; HOSTS_BROKEN: it can't be used, as the reason
 * says.
 */
enum hosts_match hosts_load(struct hosts_search *s, const char *path, char **data, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum hosts_match result = HOSTS_BROKEN;
	struct stat status;
	size_t used = 0;
	ssize_t count;

	if (fd < 0 && errno == ENOENT)
		return HOSTS_NO;
	*data = fd >= 0 ? malloc(HOSTS_TABLE_MAX + 1) : NULL;
	if (*data == NULL || fstat(fd, &status) < 0) {
		hosts_remark(s, "unable to read %s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
		hosts_remark(s, "unable to read %s: not a regular file", path);
	} else {
		do {
			count = read(fd, *data + used, HOSTS_TABLE_MAX + 1 - used);
			used += count > 0 ? (size_t)count : 0;
		} while (count > 0 || (count < 0 && errno == EINTR));
		if (count < 0)
			hosts_remark(s, "unable to read %s: %s", path, strerror(errno));
		else if (used > HOSTS_TABLE_MAX)
			hosts_remark(s, "%s is larger than %zu bytes", path, HOSTS_TABLE_MAX);
		else if (memchr(*data, '\0', used) != NULL)
			hosts_remark(s, "%s holds NUL bytes", path);
		else
			result = HOSTS_YES;
	}
	*length = used;
	if (result != HOSTS_YES)
		free(*data);
	if (fd >= 0)
		close(fd);
	return result;
}

/*
 * Takes the next line off the front of a text and joins continued ones in place; false at the end.
 * number counts physical lines. A backslash with nothing to continue with stays at the end of the
 * line.
 */
bool hosts_next_line(char **at, char *end, struct hosts_piece *line, unsigned long *number)
{
	char *start = *at;
	char *row = start;
	char *to = start;
	char *from;

	for (from = start; from < end; from++) {
		if (*from != '\n') {
			*to++ = *from;
			continue;
		}
		++*number;
		if (to > row && to[-1] == '\r')
			to--;
		if (to == row || to[-1] != '\\' || from + 1 == end) {
			from++;
			break;
		}
		row = --to;
	}
	*at = from;
	*line = hosts_trim((struct hosts_piece){ start, (size_t)(to - start) });
	return from > start;
}

/* Whether a line says nothing. */
bool hosts_is_idle(struct hosts_piece line)
{
	return line.length == 0 || line.text[0] == '#';
}
