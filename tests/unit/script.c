#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/memory.h"

static const struct {
	const char *word;
	int number;
} script_errors[] = {
	{ "AGAIN", EAGAIN },
	{ "WOULDBLOCK", EWOULDBLOCK },
	{ "ECONNRESET", ECONNRESET },
	{ "EPIPE", EPIPE },
	{ "EIO", EIO },
	{ "ENOSPC", ENOSPC },
	{ "EMSGSIZE", EMSGSIZE },
	{ "ENOTCONN", ENOTCONN },
};

/* The step that comes next, without its prefix; NULL when the script is over. Freed by the caller. */
static char *script_peek(const struct script *script, const char **behind)
{
	const char *start = script->at;
	const char *end;

	if (*start == '\0')
		return NULL;
	if (strncmp(start, "R:", 2) == 0 || strncmp(start, "W:", 2) == 0)
		start += 2;
	end = strchrnul(start, ',');
	*behind = *end == ',' ? end + 1 : end;
	return memory_copy(start, (size_t)(end - start));
}

/* The errno that a step stands for, or 0. */
static int script_error(const char *step)
{
	for (size_t i = 0; i < sizeof(script_errors) / sizeof(script_errors[0]); i++) {
		if (strcmp(step, script_errors[i].word) == 0)
			return script_errors[i].number;
	}
	return 0;
}

/* Hands out data; what doesn't fit is kept for the next read, unless it is a message. */
static ssize_t script_give(struct script *script, const char *step, const char *behind, void *data,
	size_t size)
{
	size_t whole = step[0] == '*' ? strtoul(step + 1, NULL, 10) : strlen(step);
	size_t length = whole < size ? whole : size;

	if (step[0] == '*')
		memset(data, 'x', length);
	else
		memcpy(data, step, length);
	if (length == whole || (script->stream.traits & STREAM_DATAGRAM))
		script->at = behind;
	else if (step[0] == '*')
		fail_msg("*%zu is larger than the block of %zu", whole, size);
	else
		script->at += (script->at[0] == 'R' && script->at[1] == ':' ? 2 : 0) + length;
	return (ssize_t)length;
}

static ssize_t script_read(struct stream *stream, void *data, size_t size)
{
	struct script *script = (struct script *)stream;
	const char *behind = NULL;
	char *step = script_peek(script, &behind);
	ssize_t n = -1;
	int number;

	script->reads++;
	if (step == NULL) {
		errno = EAGAIN;
		return -1;
	}
	number = script_error(step);
	if (number != 0) {
		script->at = behind;
	} else if (strcmp(step, "EOF") == 0) {
		n = STREAM_END; /* again and again, as with a real one */
		if (*behind != '\0')
			script->at = behind;
	} else if (strcmp(step, "EMPTY") == 0) {
		script->at = behind;
		n = 0;
	} else {
		n = script_give(script, step, behind, data, size);
	}
	free(step);
	errno = number;
	return n;
}

static ssize_t script_write(struct stream *stream, const void *data, size_t size)
{
	struct script *script = (struct script *)stream;
	const char *behind = NULL;
	char *step = script_peek(script, &behind);
	int number = step != NULL ? script_error(step) : 0;

	script->writes++;
	if (stream->traits & STREAM_UNSENT)
		fail_msg("a write of %zu bytes while others wait to be sent", size);
	if (step != NULL && number == 0 && (strcmp(step, "END") == 0 || strcmp(step, "NOEND") == 0))
		fail_msg("a write of %zu bytes instead of the half-close", size);
	if (step != NULL)
		script->at = behind;
	if (step != NULL && strcmp(step, "HOLD") == 0)
		stream->traits |= STREAM_UNSENT;
	else if (step != NULL && number == 0 && strcmp(step, "ALL") != 0 &&
		strtoul(step, NULL, 10) < size)
		size = strtoul(step, NULL, 10);
	free(step);
	if (number != 0) {
		errno = number;
		return -1;
	}
	text_add(&script->met, data, size);
	text_add_char(&script->met, '|');
	return (ssize_t)size;
}

/* Sends what waits, unless the next step has something against it. */
static int script_flush(struct stream *stream)
{
	struct script *script = (struct script *)stream;
	const char *behind = NULL;
	char *step = script_peek(script, &behind);
	int number = step != NULL ? script_error(step) : 0;

	if (step != NULL && (number != 0 || strcmp(step, "SENT") == 0))
		script->at = behind;
	free(step);
	if (number == EAGAIN)
		return 0;
	if (number == 0)
		text_add_char(&script->met, '~');
	stream->traits &= ~(unsigned)STREAM_UNSENT;
	errno = number;
	return number != 0 ? -1 : 0;
}

static int script_end_write(struct stream *stream)
{
	struct script *script = (struct script *)stream;
	const char *behind = NULL;
	char *step = script_peek(script, &behind);
	int result = step != NULL && strcmp(step, "NOEND") == 0 ? -1 : 0;

	script->ends++;
	if (step != NULL && strcmp(step, "HOLDEND") == 0)
		stream->traits |= STREAM_UNSENT;
	if (step != NULL &&
		(result < 0 || strcmp(step, "END") == 0 || strcmp(step, "HOLDEND") == 0))
		script->at = behind;
	free(step);
	text_add_char(&script->met, '.');
	errno = ENOTCONN;
	return result;
}

static bool script_pending(const struct stream *stream)
{
	return !script_is_over((const struct script *)stream);
}

/* Starts a script with traits of the stream that it plays. */
void script_open(struct script *script, const char *steps, unsigned traits)
{
	static const struct stream_ops ops = {
		.read = script_read,
		.write = script_write,
		.flush = script_flush,
		.end_write = script_end_write,
		.pending = script_pending,
	};

	*script = (struct script){
		.stream = { .ops = &ops, .rfd = -1, .wfd = -1, .traits = traits },
		.at = steps,
	};
	text_add_string(&script->met, "");
}

/* Whether every step was taken; a last EOF may stay. */
bool script_is_over(const struct script *script)
{
	return *script->at == '\0' || strcmp(script->at, "EOF") == 0 ||
		strcmp(script->at, "R:EOF") == 0;
}

void script_free(struct script *script)
{
	text_free(&script->met);
}
