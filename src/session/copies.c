/* The files of -r and -R, whose names may hold variables, so that each session child has its own. */
#include "session/copies.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/path.h"

/* The value of a pseudo variable or of one in the environment; unknown ones are empty. */
static void copies_expand(const char *name, struct text *out)
{
	static struct timespec instant; /* the same for both files of a session */
	static pid_t owner;
	const char *value;

	if (owner != getpid()) {
		owner = getpid();
		clock_gettime(CLOCK_REALTIME, &instant);
	}
	if (strcmp(name, "PROGNAME") == 0) {
		text_add_string(out, log_program());
	} else if (strcmp(name, "TIMESTAMP") == 0) {
		char stamp[32];
		struct tm parts;

		localtime_r(&instant.tv_sec, &parts);
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &parts);
		text_add_string(out, stamp);
	} else if (strcmp(name, "MICROS") == 0) {
		text_print(out, "%06ld", instant.tv_nsec / 1000);
	} else if ((value = getenv(name)) != NULL) {
		text_add_string(out, value);
	}
}

/* Replaces $NAME, ${NAME}, $$ and \$ in a file name. The result is owned by the caller. */
static char *copies_name(const char *pattern)
{
	struct text out = TEXT_EMPTY;

	for (const char *p = pattern; *p != '\0';) {
		bool braced = p[0] == '$' && p[1] == '{';
		size_t length = 0;
		char *name;

		if (p[0] == '\\' && p[1] == '$') {
			text_add_char(&out, '$');
			p += 2;
			continue;
		}
		if (p[0] == '$' && p[1] == '$') {
			text_print(&out, "%ld", (long)getpid());
			p += 2;
			continue;
		}
		if (p[0] == '$') {
			const char *start = p + (braced ? 2 : 1);

			while (isalnum((unsigned char)start[length]) || start[length] == '_')
				length++;
			name = memory_copy(start, length);
			copies_expand(name, &out);
			free(name);
			p = start + length;
			p += braced && *p == '}';
			continue;
		}
		text_add_char(&out, *p++);
	}
	return text_take(&out);
}

/* Opens the file of a pattern for appending. Returns the descriptor, or -1 with the error filled. */
int copies_open(const char *pattern, struct error *error)
{
	char *name = copies_name(pattern);
	int fd = path_open(name, O_CREAT | O_WRONLY | O_APPEND | O_NOCTTY, 0664, error);

	free(name);
	return fd;
}
