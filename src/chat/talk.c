#include "chat/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "chat/diary.h"
#include "chat/editor.h"
#include "chat/screen.h"

#define TALK_PATIENCE (3 * SECOND) /* of one who waits for the other to begin */
#define TALK_NAMES 512		   /* that are remembered for completion */
#define TALK_PART 8192		   /* of a line without end that is shown at once */

struct talk {
	struct stream stream;
	struct talk_settings settings;
	struct editor *editor; /* NULL without a terminal */
	struct text typed;     /* lines on their way out */
	size_t sent;	       /* so much of them is gone */
	struct text held;      /* lines that wait for our turn */
	struct text heard;     /* a line of the other side that has no end yet */
	struct text shown;     /* room to make a line fit for the screen */
	char *nick;
	bool room; /* the other side knows names itself */
	bool colors;
	bool hiding; /* what is typed isn't shown, and not kept */
	bool our_turn;
	bool met; /* the other side has said something */
	bool ends, leaves;
	bool told_end;	  /* the reader knows that we have ended */
	int64_t patience; /* when to say that nobody has begun */
	int history, transcript;
	regex_t no_echo;
	bool has_no_echo;
	int file; /* that is being sent, -1: none */
	char *file_name;
	uint64_t file_size, file_done;
};

/* Names that were heard, for completion, which has no context. */
static struct {
	char *list[TALK_NAMES];
	size_t count;
} talk_names;

static const char *const talk_commands[] = { "/clear", "/help", "/nick", "/quit", "/send", "/time",
	"/who", NULL };

/* ---- what is seen */

/* The time of day, as it stands in front of a line. */
static void talk_stamp(struct text *out)
{
	time_t now = time(NULL);
	struct tm parts;
	char stamp[16];

	localtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%H:%M:%S ", &parts);
	text_add_string(out, stamp);
}

/* Shows one line, of the other side or of our own. */
static void talk_show_line(struct talk *talk, const char *line, size_t length)
{
	struct text safe = TEXT_EMPTY;

	screen_safe(&safe, line, length);
	text_clear(&talk->shown);
	if (talk->settings.timestamps)
		talk_stamp(&talk->shown);
	if (talk->colors)
		screen_colored(&talk->shown, safe.data != NULL ? safe.data : "", safe.length);
	else
		text_add(&talk->shown, safe.data != NULL ? safe.data : "", safe.length);
	text_add_char(&talk->shown, '\n');
	if (talk->settings.bell)
		text_add_char(&talk->shown, '\a');
	editor_show(talk->editor, talk->shown.data, talk->shown.length);
	text_free(&safe);
}

/* Says something of our own to the person at the keyboard. */
static void talk_say(struct talk *talk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void talk_say(struct talk *talk, const char *format, ...)
{
	struct text line = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_add_string(&line, "* ");
	text_vprint(&line, format, args);
	va_end(args);
	if (talk->editor != NULL)
		talk_show_line(talk, line.data, line.length);
	else
		fprintf(stderr, "%s\n", line.data);
	text_free(&line);
}

/* What stands in front of the line that is typed: the other side's unfinished line, then our own prompt. */
static void talk_prompt(struct talk *talk)
{
	const char *own = talk->settings.prompt != NULL ? talk->settings.prompt : "";
	struct text prompt = TEXT_EMPTY;

	if (talk->editor == NULL)
		return;
	if (talk->settings.turns != TALK_FREELY && talk->settings.prompt == NULL)
		own = talk->our_turn ? _("your turn> ") : _("(not your turn) ");
	if (talk->settings.prompts)
		screen_safe(&prompt, talk->heard.data != NULL ? talk->heard.data : "",
			talk->heard.length);
	text_add_string(&prompt, own);
	talk->hiding = talk->has_no_echo && prompt.length > 0 &&
		regexec(&talk->no_echo, prompt.data, 0, NULL, 0) == 0;
	editor_hide(talk->editor, talk->hiding);
	editor_prompt(talk->editor, prompt.data != NULL ? prompt.data : "");
	text_free(&prompt);
}

/* ---- what is said */

/* Has a line sent as it is. */
static void talk_send(struct talk *talk, const char *line)
{
	text_add_string(&talk->typed, line);
	text_add_char(&talk->typed, '\n');
}

/* Has a line sent with our name in front, unless the other side puts it there. */
static void talk_send_named(struct talk *talk, const char *line)
{
	diary_add(talk->transcript, "> ", line, strlen(line));
	if (talk->nick != NULL && !talk->room)
		text_print(&talk->typed, "<%s> ", talk->nick);
	talk_send(talk, line);
	if (talk->settings.turns == TALK_FREELY)
		return;
	talk->our_turn = false;
	talk->patience = CLOCK_NEVER;
}

/* Sends a line that waited for our turn, if it is and there is one. */
static void talk_send_held(struct talk *talk)
{
	char *end = talk->our_turn && talk->held.length > 0 ? strchr(talk->held.data, '\n') : NULL;
	struct text rest = TEXT_EMPTY;

	if (end == NULL)
		return;
	*end = '\0';
	talk_send_named(talk, talk->held.data);
	text_add_string(&rest, end + 1);
	text_free(&talk->held);
	talk->held = rest;
}

/* A line that is no command. */
static void talk_speak(struct talk *talk, const char *line)
{
	if (talk->settings.turns == TALK_FREELY || talk->our_turn) {
		talk_send_named(talk, line);
		return;
	}
	text_add_string(&talk->held, line);
	text_add_char(&talk->held, '\n');
	talk_say(talk, "%s", _("your line is kept until it is your turn"));
}

/* /nick NAME: the other side is told, if it knows names; else our lines carry it. */
static void talk_rename(struct talk *talk, const char *name)
{
	if (talk->room) {
		text_print(&talk->typed, "/nick %s\n", name);
		return;
	}
	if (name[0] == '\0' || strpbrk(name, "<> \t") != NULL) {
		talk_say(talk, "%s", _("a name without blanks, < and > is needed: /nick NAME"));
		return;
	}
	free(talk->nick);
	talk->nick = memory_string(name);
	talk_say(talk, _("you are now %s"), name);
}

/* /who */
static void talk_list(struct talk *talk)
{
	struct text names = TEXT_EMPTY;

	if (talk->room) {
		talk_send(talk, "/who");
		return;
	}
	for (size_t i = 0; i < talk_names.count; i++) {
		text_add_string(&names, i > 0 ? ", " : "");
		text_add_string(&names, talk_names.list[i]);
	}
	talk_say(talk, _("names heard so far: %s"), names.length > 0 ? names.data : _("none"));
	text_free(&names);
}

/* /send FILE: its bytes go out as they are, behind what was typed before. */
static void talk_send_file(struct talk *talk, const char *name)
{
	struct stat status;

	if (talk->file >= 0) {
		talk_say(talk, _("%s is still being sent"), talk->file_name);
		return;
	}
	talk->file = fd_above_standard(open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	if (talk->file < 0 || fstat(talk->file, &status) < 0 || !S_ISREG(status.st_mode)) {
		talk_say(talk, _("cannot send %s: %s"), name,
			talk->file < 0 ? strerror(errno) : _("it is no regular file"));
		fd_close(&talk->file);
		return;
	}
	free(talk->file_name);
	talk->file_name = memory_string(name);
	talk->file_size = (uint64_t)status.st_size;
	talk->file_done = 0;
}

/* /time */
static void talk_tell_time(struct talk *talk)
{
	struct text stamp = TEXT_EMPTY;

	talk_stamp(&stamp);
	talk_say(talk, "%s", stamp.data);
	text_free(&stamp);
}

/* Obeys a command of the keyboard. Returns false for a line that is none. */
static bool talk_obey(struct talk *talk, const char *line)
{
	size_t length = strcspn(line, " ");
	const char *rest = line + length + strspn(line + length, " ");

	if (!talk->settings.commands || line[0] != '/')
		return false;
	if (length == 5 && memcmp(line, "/quit", 5) == 0)
		talk->leaves = true;
	else if (length == 5 && memcmp(line, "/nick", 5) == 0)
		talk_rename(talk, rest);
	else if (length == 4 && memcmp(line, "/who", 4) == 0)
		talk_list(talk);
	else if (length == 5 && memcmp(line, "/send", 5) == 0)
		talk_send_file(talk, rest);
	else if (length == 5 && memcmp(line, "/time", 5) == 0)
		talk_tell_time(talk);
	else if (length == 6 && memcmp(line, "/clear", 6) == 0 && talk->editor != NULL)
		editor_show(talk->editor, "\033[H\033[2J", 7);
	else if (length == 5 && memcmp(line, "/help", 5) == 0)
		talk_say(talk, "%s",
			_("/help /quit /who /nick NAME /send FILE /time /clear; //x sends /x; Ctrl-D ends "
			  "what you say"));
	else
		return false;
	return true;
}

/* Keeps a line for later, but no password, and none that begins with a blank. */
static void talk_remember(struct talk *talk, const char *line)
{
	if (talk->hiding || line[0] == ' ' || line[0] == '\0' || talk->editor == NULL)
		return;
	editor_remember(talk->editor, line);
	diary_add(talk->history, "", line, strlen(line));
}

/* A line was typed; NULL is the end of input. */
static void talk_line(void *context, const char *line)
{
	struct talk *talk = context;

	if (line == NULL) {
		talk->leaves = talk->ends;
		if (!talk->ends && talk->editor != NULL && talk->settings.commands)
			talk_say(talk, "%s",
				_("you have ended what you say; another Ctrl-D leaves"));
		talk->ends = true;
		return;
	}
	talk_remember(talk, line);
	if (talk->settings.prompts)
		text_clear(&talk->heard); /* the prompt has been answered */
	if (talk->settings.commands && line[0] == '/' && line[1] == '/')
		talk_speak(talk, line + 1);
	else if (!talk_obey(talk, line))
		talk_speak(talk, line);
	talk_prompt(talk);
}

static void talk_interrupt(void *context)
{
	((struct talk *)context)->leaves = true;
}

/* One of the words that may be meant: a command, or a name that was heard. */
static char *talk_complete(const char *word, int state)
{
	static size_t next;
	size_t length = strlen(word), commands = sizeof(talk_commands) / sizeof(*talk_commands) - 1;

	if (state == 0)
		next = 0;
	while (next < commands + talk_names.count) {
		const char *candidate = next < commands ? talk_commands[next]
							: talk_names.list[next - commands];

		next++;
		if (strncmp(candidate, word, length) == 0 && (length > 0 || candidate[0] != '/'))
			return memory_string(candidate);
	}
	return NULL;
}

/* ---- what is heard */

/* Remembers the name that a line begins with. */
static void talk_note_name(const char *line, size_t length)
{
	size_t size = screen_name(line, length);
	char *name;

	if (size == 0 || talk_names.count == TALK_NAMES)
		return;
	name = memory_copy(line + 1, size - 2);
	for (size_t i = 0; i < talk_names.count; i++) {
		if (strcmp(talk_names.list[i], name) == 0) {
			free(name);
			return;
		}
	}
	talk_names.list[talk_names.count++] = name;
}

/* A room greets whoever comes in: it knows names, and shall know ours. */
static void talk_meet_room(struct talk *talk, const char *line, size_t length)
{
	static const char greeting[] = "* you are ";

	if (talk->room || length < sizeof(greeting) - 1 ||
		memcmp(line, greeting, sizeof(greeting) - 1) != 0)
		return;
	talk->room = true;
	if (talk->nick != NULL)
		text_print(&talk->typed, "/nick %s\n", talk->nick);
}

/* The other side has said a whole line. */
static void talk_hear_line(struct talk *talk, const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\r')
		length--;
	talk_note_name(line, length);
	if (talk->settings.commands)
		talk_meet_room(talk, line, length);
	diary_add(talk->transcript, "< ", line, length);
	talk_show_line(talk, line, length);
	talk->met = true;
	if (talk->settings.turns == TALK_FREELY)
		return;
	talk->patience = CLOCK_NEVER;
	if (talk->our_turn)
		talk_say(talk, "%s", _("the other side has spoken out of turn: did both begin?"));
	talk->our_turn = true;
	talk_send_held(talk);
}

/* Shows what the other side says, line by line; what has no end yet stands in front of ours. */
static ssize_t talk_write(struct stream *stream, const void *data, size_t size)
{
	struct talk *talk = (struct talk *)stream;
	const char *p = data, *end = p + size;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t piece = (size_t)((newline != NULL ? newline : end) - p);

		text_add(&talk->heard, p, piece);
		p += piece;
		if (newline == NULL && talk->heard.length < TALK_PART)
			break;
		p += newline != NULL;
		talk_hear_line(talk, talk->heard.data != NULL ? talk->heard.data : "",
			talk->heard.length);
		text_clear(&talk->heard);
	}
	talk_prompt(talk);
	return (ssize_t)size;
}

/* The other side says no more. */
static int talk_end_write(struct stream *stream)
{
	struct talk *talk = (struct talk *)stream;

	if (talk->heard.length > 0 && talk->settings.commands) {
		talk_hear_line(talk, talk->heard.data, talk->heard.length);
		text_clear(&talk->heard);
	}
	if (talk->settings.commands)
		talk_say(talk, "%s", _("the other side has ended"));
	return 0;
}

/* ---- the stream */

/* Takes bytes of the file that is being sent. Returns 0 when it is at its end. */
static ssize_t talk_read_file(struct talk *talk, void *data, size_t size)
{
	ssize_t n = read(talk->file, data, size);

	if (n > 0) {
		talk->file_done += (uint64_t)n;
		if (talk->editor != NULL) {
			char *line = memory_print(_("sending %s: %llu%% "), talk->file_name,
				(unsigned long long)(talk->file_size > 0
						? talk->file_done * 100 / talk->file_size
						: 100));

			editor_prompt(talk->editor, line);
			free(line);
		}
		return n;
	}
	talk_say(talk,
		n < 0 ? _("%s could not be read whole: %llu bytes are sent")
		      : _("%s is sent: %llu bytes"),
		talk->file_name, (unsigned long long)talk->file_done);
	fd_close(&talk->file);
	talk_prompt(talk);
	return 0;
}

/* Takes of what was typed. Returns 0 if that is nothing. */
static ssize_t talk_read_typed(struct talk *talk, void *data, size_t size)
{
	size_t length = talk->typed.length - talk->sent;

	if (length > size)
		length = size;
	memcpy(data, talk->typed.data + talk->sent, length);
	talk->sent += length;
	if (talk->sent == talk->typed.length) {
		text_clear(&talk->typed);
		talk->sent = 0;
	}
	return (ssize_t)length;
}

/* Says once that nobody has begun. */
static void talk_watch_turns(struct talk *talk)
{
	if (talk->patience == CLOCK_NEVER || clock_now() < talk->patience)
		return;
	talk->patience = CLOCK_NEVER;
	talk_say(talk, "%s",
		_("nothing has come yet: the other side waits too, perhaps; one of you has to begin "
		  "(turns=begin)"));
}

static ssize_t talk_read(struct stream *stream, void *data, size_t size)
{
	struct talk *talk = (struct talk *)stream;
	ssize_t n;

	editor_read(talk->editor);
	talk_watch_turns(talk);
	if (talk->typed.length > 0)
		return talk_read_typed(talk, data, size);
	if (talk->file >= 0) {
		n = talk_read_file(talk, data, size);
		if (n > 0)
			return n;
	}
	if (talk->leaves)
		return STREAM_LEAVE;
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

	return talk->typed.length > 0 || talk->file >= 0 || talk->leaves ||
		(talk->ends && !talk->told_end) || clock_now() >= talk->patience;
}

static int64_t talk_wake(const struct stream *stream)
{
	return ((const struct talk *)stream)->patience;
}

static void talk_resize(struct stream *stream)
{
	editor_resize(((struct talk *)stream)->editor);
}

static void talk_close(struct stream *stream)
{
	struct talk *talk = (struct talk *)stream;

	editor_close(talk->editor);
	talk->editor = NULL;
	fd_close(&talk->history);
	fd_close(&talk->transcript);
	fd_close(&talk->file);
	if (talk->has_no_echo)
		regfree(&talk->no_echo);
	talk->has_no_echo = false;
	text_free(&talk->typed);
	text_free(&talk->held);
	text_free(&talk->heard);
	text_free(&talk->shown);
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

	if (talk->settings.no_echo == NULL)
		return 0;
	result = regcomp(&talk->no_echo, talk->settings.no_echo, REG_NOSUB);
	if (result == 0) {
		talk->has_no_echo = true;
		return 0;
	}
	regerror(result, &talk->no_echo, reason, sizeof(reason));
	return error_failed(error, _("noecho=%s: %s"), talk->settings.no_echo, reason);
}

/*
 * Starts a talk at the terminal of standard input and output. Returns its stream, owned by the caller, or NULL with
 * the error filled.
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
		.line = talk_line,
		.interrupt = talk_interrupt,
		.complete = settings->commands ? talk_complete : NULL,
	};

	*talk = (struct talk){
		.stream = {
			.ops = &ops,
			.rfd = STDIN_FILENO,
			.wfd = STDOUT_FILENO,
			.traits = STREAM_KEEP | STREAM_NOWAIT | STREAM_ATTENDS,
		},
		.settings = *settings,
		.nick = memory_string(settings->nick),
		.colors = screen_has_colors(settings->color),
		.our_turn = settings->turns != TALK_WAIT,
		.patience = settings->turns == TALK_WAIT ? clock_after(TALK_PATIENCE)
							 : CLOCK_NEVER,
		.history = -1,
		.transcript = -1,
		.file = -1,
	};
	if (talk_open_no_echo(talk, error) == 0)
		talk->editor = editor_open(&events, "", error);
	if (talk->editor != NULL && talk_open_files(talk, error) == 0) {
		talk_prompt(talk);
		return &talk->stream;
	}
	talk_close(&talk->stream);
	free(talk);
	return NULL;
}
