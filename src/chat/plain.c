#include "chat/plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "chat/screen.h"

/* A line is shown as it comes; of a letter, or of an end of line, that comes in parts, the first part waits. */
struct plain {
	struct stream stream;
	struct text line;
};

/* How much of the line can be shown now. */
static size_t plain_ready(const struct text *line)
{
	size_t length = line->length, start = length;

	if (length > 0 && line->data[length - 1] == '\r')
		return length - 1;
	if (!screen_is_utf8())
		return length;
	while (start > 0 && length - start < 3 && (line->data[start - 1] & 0xc0) == 0x80)
		start--;
	/* the last letter begins here: does it say that more comes? */
	if (start > 0 && (unsigned char)line->data[start - 1] >= 0xc2) {
		unsigned char first = (unsigned char)line->data[start - 1];
		size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

		if (length - (start - 1) < size)
			return start - 1;
	}
	return length;
}

/* Appends so much of the line to what is shown, and takes it away. */
static void plain_take(struct plain *plain, struct text *shown, size_t length)
{
	struct text *line = &plain->line;

	screen_safe(shown, line->data != NULL ? line->data : "", length);
	if (length > 0)
		memmove(line->data, line->data + length, line->length - length);
	text_cut(line, line->length - length);
}

static ssize_t plain_write(struct stream *stream, const void *data, size_t size)
{
	struct plain *plain = (struct plain *)stream;
	const char *p = data, *end = p + size;
	struct text shown = TEXT_EMPTY;
	int result;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((newline != NULL ? newline : end) - p);

		text_add(&plain->line, p, length);
		p += length + (newline != NULL);
		if (newline == NULL)
			break;
		length = plain->line.length;
		if (length > 0 && plain->line.data[length - 1] == '\r')
			text_cut(&plain->line, length - 1);
		plain_take(plain, &shown, plain->line.length);
		text_add_char(&shown, '\n');
	}
	plain_take(plain, &shown, plain_ready(&plain->line));
	result = fd_write_all(stream->wfd, shown.data, shown.length);
	text_free(&shown);
	return result < 0 ? -1 : (ssize_t)size;
}

/* What waited for its second part has none. */
static void plain_close(struct stream *stream)
{
	struct plain *plain = (struct plain *)stream;
	struct text shown = TEXT_EMPTY;

	plain_take(plain, &shown, plain->line.length);
	fd_write_all(stream->wfd, shown.data, shown.length);
	text_free(&shown);
	text_free(&plain->line);
}

/* Makes a stream that shows at standard output, a terminal, what is written to it. Owned by the caller. */
struct stream *plain_open(void)
{
	static const struct stream_ops ops = { .write = plain_write, .close = plain_close };
	struct plain *plain = memory_zero(1, sizeof(*plain));

	plain->stream = (struct stream){
		.ops = &ops,
		.rfd = -1,
		.wfd = STDOUT_FILENO,
		.traits = STREAM_KEEP | STREAM_TERMINAL,
	};
	return &plain->stream;
}
