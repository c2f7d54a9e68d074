#include "chat/talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "chat/diary.h"
#include "chat/screen.h"
#include "chat/state.h"

#define TALK_PATIENCE (3 * SECOND) /* of one who waits for the other to begin */
#define TALK_FAREWELL (SECOND / 2) /* how long the last words of one who goes may take */

/* Begins once the other side is there; until then the terminal stays as it is, and Ctrl-C what it was. */
static void talk_start(struct talk *talk)
{
	if (talk->started)
		return;
	talk->started = true;
	if (talk->settings.turns == TALK_WAIT)
		talk->patience = clock_after(TALK_PATIENCE);
	editor_start(talk->editor, "");
	show_prompt(talk);
}

static ssize_t talk_write(struct stream *stream, const void *data, size_t size)
{
	struct talk *talk = (struct talk *)stream;

	talk_start(talk);
	hear_bytes(talk, data, size);
	return (ssize_t)size;
}

static int talk_end_write(struct stream *stream)
{
	struct talk *talk = (struct talk *)stream;

	talk_start(talk);
	hear_end(talk);
	return 0;
}

/* Takes of what was typed, a line at most: where messages are sent, each is one. */
static ssize_t talk_read_typed(struct talk *talk, void *data, size_t size)
{
	const char *line = talk->typed.data + talk->sent;
	size_t length = talk->typed.length - talk->sent;
	const char *newline = memchr(line, '\n', length);

	if (newline != NULL)
		length = (size_t)(newline - line) + 1;
	if (length > size)
		length = size;
	memcpy(data, line, length);
	talk->sent += length;
	if (talk->sent == talk->typed.length) {
		text_free(&talk->typed);
		talk->sent = 0;
	}
	return (ssize_t)length;
}

/* Whether a read would give something. */
static bool talk_has_more(const struct talk *talk)
{
	return talk->typed.length > 0 || talk->file >= 0 || talk->leaves || talk->gone ||
		(talk->ends && !talk->told_end);
}

/* Whether it is time to go: all is said, or nobody takes it. */
static bool talk_may_leave(struct talk *talk)
{
	if (talk->leaves && talk->farewell == CLOCK_NEVER)
		talk->farewell = clock_after(TALK_FAREWELL);
	return talk->leaves &&
		((talk->typed.length == 0 && talk->file < 0) || clock_now() >= talk->farewell);
}

/* Without room for data this only looks what the person wants. */
static ssize_t talk_read(struct stream *stream, void *data, size_t size)
{
	struct talk *talk = (struct talk *)stream;

	talk_start(talk);
	if (!talk->gone)
		talk->gone = !editor_read(talk->editor);
	speak_nobody_began(talk);
	hear_unfinished(talk);
	if (talk_may_leave(talk))
		return STREAM_LEAVE;
	if (size == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (talk->typed.length > 0)
		return talk_read_typed(talk, data, size);
	if (talk->file >= 0) {
		ssize_t n = send_read(talk, data, size);

		if (n > 0)
			return n;
		if (talk->typed.length > 0)
			return talk_read_typed(talk, data, size);
	}
	if (talk_may_leave(talk))
		return STREAM_LEAVE;
	if (talk->gone) {
		talk->leaves = true;
		errno = EIO;
		return -1;
	}
	if (talk->ends && !talk->told_end) {
		talk->told_end = true;
		return STREAM_END;
	}
	errno = EAGAIN;
	return -1;
}

static bool talk_pending(const struct stream *stream)
{
	const struct talk *talk = (const struct talk *)stream;

	return !talk->started || talk_has_more(talk) || clock_now() >= talk->patience ||
		clock_now() >= talk->unfinished;
}

static int64_t talk_wake(const struct stream *stream)
{
	const struct talk *talk = (const struct talk *)stream;

	return clock_earlier(clock_earlier(talk->patience, talk->unfinished), talk->farewell);
}

static void talk_resize(struct stream *stream)
{
	struct talk *talk = (struct talk *)stream;

	editor_resize(talk->editor);
	show_prompt(talk);
}

static void talk_close(struct stream *stream)
{
	struct talk *talk = (struct talk *)stream;

	/* what it says last may have no end */
	if (talk->started && talk->heard.length > 0)
		show_line(talk, talk->heard.data, talk->heard.length, false);
	editor_close(talk->editor);
	talk->editor = NULL;
	fd_close(&talk->history);
	fd_close(&talk->transcript);
	fd_close(&talk->file);
	if (talk->has_no_echo)
		talk->library->regfree(&talk->no_echo);
	talk->has_no_echo = false;
	text_free(&talk->typed);
	text_free(&talk->later);
	text_free(&talk->held);
	text_free(&talk->heard);
	free(talk->nick);
	free(talk->file_name);
	talk->nick = talk->file_name = NULL;
	/* standard input and output stay open */
	stream->rfd = stream->wfd = -1;
}

static void talk_recall(void *context, const char *line)
{
	editor_remember(context, line);
}

/* Opens the files of a talk. */
static int talk_open_files(struct talk *talk, struct error *error)
{
	const struct talk_settings *settings = &talk->settings;
	struct error ignored = ERROR_EMPTY;

	if (settings->history != NULL) {
		diary_load(settings->history, talk_recall, talk->editor);
		/* a talk is more than its history */
		talk->history = diary_open(settings->history, &ignored);
		error_clear(&ignored);
	}
	if (settings->transcript == NULL)
		return 0;
	talk->transcript = diary_open(settings->transcript, error);
	return talk->transcript >= 0 ? 0 : -1;
}

/* Compiles the expression for prompts that ask for a password. */
static int talk_open_no_echo(struct talk *talk, struct error *error)
{
	char reason[256];
	int result;

	talk->library = library_load(error);
	if (talk->library == NULL)
		return -1;
	if (talk->settings.no_echo == NULL)
		return 0;
	result = talk->library->regcomp(&talk->no_echo, talk->settings.no_echo, REG_NOSUB);
	if (result == 0) {
		talk->has_no_echo = true;
		return 0;
	}
	talk->library->regerror(result, &talk->no_echo, reason, sizeof(reason));
	return error_failed(error, _("noecho=%s: %s"), talk->settings.no_echo, reason);
}

/* Keeps what the settings point to, which the caller may free. */
static void talk_keep_settings(struct talk *talk, const struct talk_settings *settings)
{
	talk->settings = *settings;
	talk->nick = settings->nick != NULL ? memory_string(settings->nick) : NULL;
	talk->colors = screen_has_colors(settings->color);
	talk->our_turn = settings->turns != TALK_WAIT;
}

/*
 * Gets ready for a talk at the terminal of standard input and output, which begins with the transfer. Returns its
 * stream, owned by the caller, or NULL with the error filled. The settings' words, but history, have to stay.
 */
struct stream *talk_open(const struct talk_settings *settings, struct error *error)
{
	static const struct stream_ops ops = {
		.read = talk_read,
		.write = talk_write,
		.end_write = talk_end_write,
		.pending = talk_pending,
		.wake = talk_wake,
		.resize = talk_resize,
		.close = talk_close,
	};
	struct talk *talk = memory_zero(1, sizeof(*talk));
	struct editor_events events = {
		.context = talk,
		.line = speak_line,
		.interrupt = speak_interrupt,
		.complete = settings->commands ? speak_complete : NULL,
		.names_file = speak_names_file,
	};

	*talk = (struct talk){
		.stream = {
			.ops = &ops,
			.rfd = STDIN_FILENO,
			.wfd = STDOUT_FILENO,
			.traits = STREAM_KEEP | STREAM_NOWAIT | STREAM_ATTENDS,
		},
		.patience = CLOCK_NEVER,
		.unfinished = CLOCK_NEVER,
		.farewell = CLOCK_NEVER,
		.history = -1,
		.transcript = -1,
		.file = -1,
	};
	talk_keep_settings(talk, settings);
	if (talk_open_no_echo(talk, error) == 0)
		talk->editor = editor_open(&events, error);
	if (talk->editor != NULL && talk_open_files(talk, error) == 0)
		return &talk->stream;
	talk_close(&talk->stream);
	free(talk);
	return NULL;
}
