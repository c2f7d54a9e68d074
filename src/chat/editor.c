/*
 * The terminal is taken over when the talk starts and given back when it ends or is stopped; between two lines it
 * stays ours, or what is typed just then would be edited by the system. In between:
 *
 *     keyboard -> editor_read -> readline, or the paste -> events.line
 *     others   -> editor_show -> above the line, which is taken away and drawn again
 *
 * What is pasted between the marks of a terminal (bracketed paste) isn't taken for keys: each line of it is a line,
 * and what is left over goes into the line that is being typed.
 */
#include "chat/editor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "chat/library.h"
#include "chat/paste.h"
#include "chat/screen.h"
#include "chat/seat.h"

#define EDITOR_CONTROL(letter) ((letter)&0x1f)
#define EDITOR_HISTORY 1000 /* lines that can be called back */
#define EDITOR_LONG 2000    /* a line so long isn't drawn for each key that is there already */
#define EDITOR_ROUNDS 16    /* so many times keys are read before others are heard again */

struct editor {
	const struct library *library;
	struct editor_events events;
	char *prompt;
	struct seat seat;
	struct paste paste;
	bool started;
	bool hidden;  /* what is typed isn't shown */
	bool between; /* a line was typed, the next one isn't shown yet */
	bool away;    /* we are in the background, the terminal is somebody else's */
	bool reading; /* keys are being taken */
	bool stale;   /* the line has changed since it was drawn */
	bool lifted;  /* the line is off the screen for a while */
	bool held;    /* and stays so until editor_release */
};

/* readline calls back without a context, and knows one line at a time: this is the one. */
static struct editor *editor_only;

/* ---- the line */

/* readline would give the terminal back after each line: it stays ours. */
static void editor_keep_terminal(void)
{
}

/* Nor need it be taken again. */
static void editor_keep_settings(int meta)
{
	(void)meta;
}

/* Shows the prompt, and as little as nothing of what is typed. */
static void editor_draw_hidden(const struct library *library)
{
	int end = *library->rl_end, point = *library->rl_point;
	char first = (*library->rl_line_buffer)[0];

	(*library->rl_line_buffer)[0] = '\0';
	*library->rl_end = *library->rl_point = 0;
	library->rl_redisplay();
	(*library->rl_line_buffer)[0] = first;
	*library->rl_end = end;
	*library->rl_point = point;
}

/* Shows the line as it is now; a long one only once the keys that are there have been taken. */
static void editor_redisplay(void)
{
	struct editor *editor = editor_only;
	const struct library *library = editor->library;

	editor->stale = editor->reading && *library->rl_end > EDITOR_LONG &&
		seat_has_input(&editor->seat);
	if (editor->stale)
		return;
	if (editor->hidden)
		editor_draw_hidden(library);
	else
		library->rl_redisplay();
}

/* Takes the line off the screen, so that something can be shown in its place. */
static void editor_lift(struct editor *editor)
{
	if (!editor->between && !editor->lifted)
		editor->library->rl_clear_visible_line();
}

/* Shows the line again, below what was shown. */
static void editor_lay(struct editor *editor)
{
	editor->library->fflush(stdout);
	if (editor->between || editor->held)
		return;
	editor->lifted = false;
	editor->library->rl_on_new_line();
	editor_redisplay();
	editor->library->fflush(stdout);
}

/* A whole line was typed. */
static void editor_line(char *line)
{
	struct editor *editor = editor_only;

	if (line == NULL && editor->prompt[0] != '\0') /* it stands alone on its line */
		editor->library->rl_crlf();
	editor->between = true;
	editor->events.line(editor->events.context, line);
	editor->between = false;
	free(line);
}

/* ---- keys */

static int editor_getc(FILE *file)
{
	(void)file;
	return seat_next(&editor_only->seat); /* -1 is EOF */
}

/* readline may take letters in a row; what is none isn't its business. */
static int editor_input_available(void)
{
	return seat_look(&editor_only->seat) == SEAT_KEY;
}

/* Enter, on a line that may not have been drawn yet. */
static int editor_enter(int count, int key)
{
	struct editor *editor = editor_only;

	if (editor->stale && !editor->hidden)
		editor->library->rl_redisplay();
	editor->stale = false;
	return editor->library->rl_newline(count, key);
}

/* Ctrl-C clears the line; where there is none it wants to leave. */
static int editor_interrupt(int count, int key)
{
	const struct library *library = editor_only->library;

	(void)count;
	(void)key;
	if (*library->rl_end == 0) {
		editor_only->events.interrupt(editor_only->events.context);
		return 0;
	}
	library->rl_replace_line("", 1);
	return 0;
}

/* Goes on after a stop, if we have the terminal again. */
static void editor_resume(struct editor *editor)
{
	editor->away = seat_is_behind(editor->library);
	if (editor->away)
		return;
	seat_take(&editor->seat, editor->library);
	editor->library->rl_reset_screen_size();
	editor_lay(editor);
}

/* Ctrl-Z stops the job with the terminal as it was, and goes on with the line as it was. */
static int editor_suspend(int count, int key)
{
	struct editor *editor = editor_only;

	(void)count;
	(void)key;
	editor_lift(editor);
	editor->library->fflush(stdout);
	seat_give(&editor->seat, editor->library);
	kill(0, SIGTSTP);
	editor_resume(editor);
	return 0;
}

/* From here on it isn't keys that come, but text. */
static int editor_begin_paste(int count, int key)
{
	(void)count;
	(void)key;
	paste_begin(&editor_only->paste);
	return 0;
}

/* Puts what was pasted so far into the line. */
static void editor_insert_paste(struct editor *editor)
{
	if (editor->paste.text.length > 0)
		editor->library->rl_insert_text(editor->paste.text.data);
	text_clear(&editor->paste.text);
}

/* A whole line was pasted, or the end of one that had been begun: it is a line like any other. */
static void editor_paste_line(struct editor *editor)
{
	const struct library *library = editor->library;
	char *line;

	editor_insert_paste(editor);
	line = memory_string(*library->rl_line_buffer);
	library->rl_replace_line("", 1);
	editor_lift(editor);
	if (!editor->hidden) {
		struct text shown = TEXT_EMPTY;

		text_add_string(&shown, editor->prompt);
		screen_safe(&shown, line, strlen(line));
		library->fwrite(shown.data, 1, shown.length, stdout);
		text_free(&shown);
	}
	library->fwrite("\n", 1, 1, stdout);
	editor->between = true;
	editor->events.line(editor->events.context, line);
	editor->between = false;
	editor->lifted = true;
	free(line);
}

/* Takes one byte of what is pasted. */
static void editor_take_paste(struct editor *editor)
{
	enum paste_step step = paste_add(&editor->paste, (char)seat_next(&editor->seat));

	if (step == PASTE_LINE)
		editor_paste_line(editor);
	if (step != PASTE_DONE)
		return;
	editor_insert_paste(editor);
	if (editor->lifted)
		editor_lay(editor);
	else
		editor_redisplay();
}

/* ---- completion */

static char **editor_complete(const char *word, int start, int end)
{
	struct editor *editor = editor_only;
	const struct library *library = editor->library;

	(void)end;
	*library->rl_attempted_completion_over = 1; /* no names of files */
	if (editor->events.complete == NULL)
		return NULL;
	if (editor->events.names_file(*library->rl_line_buffer, start)) {
		*library->rl_attempted_completion_over = 0;
		return NULL;
	}
	return library->rl_completion_matches(word, editor->events.complete);
}

/* ---- start and end */

/* Gives keys their meaning, in the way of emacs and in the way of vi. */
static void editor_bind_keys(const struct library *library)
{
	static const char *const maps[] = { "emacs", "vi-insert", "vi-move" };

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		Keymap map = library->rl_get_keymap_by_name(maps[i]);

		library->rl_bind_key_in_map(EDITOR_CONTROL('C'), editor_interrupt, map);
		library->rl_bind_key_in_map(EDITOR_CONTROL('Z'), editor_suspend, map);
		library->rl_bind_key_in_map('\r', editor_enter, map);
		library->rl_bind_key_in_map('\n', editor_enter, map);
	}
	library->rl_bind_keyseq(PASTE_BEGIN, editor_begin_paste);
}

/* Tells readline what it has to know before the first line. */
static void editor_set_up(const struct library *library)
{
	*library->rl_readline_name = PACKAGE_NAME;
	*library->rl_instream = stdin;
	*library->rl_outstream = stdout;
	*library->rl_getc_function = editor_getc;
	*library->rl_input_available_hook = editor_input_available;
	*library->rl_catch_signals = 0;
	*library->rl_catch_sigwinch = 0;
	*library->rl_prep_term_function = editor_keep_settings;
	*library->rl_deprep_term_function = editor_keep_terminal;
	*library->rl_attempted_completion_function = editor_complete;
	*library->rl_completer_word_break_characters = " \t";
	library->using_history();
	library->stifle_history(EDITOR_HISTORY);
}

/* Shows a message of the program's own, if it goes to the same terminal. */
static bool editor_show_message(const char *text, size_t length)
{
	if (!seat_has_messages())
		return false;
	editor_show(editor_only, text, length);
	return true;
}

/*
 * Gets ready to edit a line on standard input and output, which are a terminal and stay as they are for now. Owned by
 * the caller; NULL with the error filled if there is no library for it. There can be one at a time.
 */
struct editor *editor_open(const struct editor_events *events, struct error *error)
{
	const struct library *library;
	struct editor *editor;

	if (editor_only != NULL) {
		error_failed(error, _("the keyboard is in use already"));
		return NULL;
	}
	library = library_load(error);
	if (library == NULL)
		return NULL;
	intl_start();
	editor = memory_zero(1, sizeof(*editor));
	editor->library = library;
	editor->events = *events;
	seat_look_around(&editor->seat);
	editor_only = editor;
	return editor;
}

/* Takes the terminal over and shows the prompt. */
void editor_start(struct editor *editor, const char *prompt)
{
	const struct library *library = editor->library;

	editor->prompt = memory_string(prompt);
	editor->started = true;
	editor_set_up(library);
	library->rl_callback_handler_install("", editor_line);
	/* not before: readline wouldn't look what the terminal can */
	*library->rl_redisplay_function = editor_redisplay;
	library_insist(library);
	editor_bind_keys(library);
	log_divert(editor_show_message);
	editor->away = seat_is_behind(editor->library);
	if (!editor->away)
		seat_take(&editor->seat, editor->library);
	library->rl_set_prompt(editor->prompt);
	editor_lay(editor);
}

/* Takes the keys that have been read. */
static void editor_take_keys(struct editor *editor)
{
	enum seat_key next;

	while ((next = seat_look(&editor->seat)) != SEAT_NOTHING ||
		(editor->paste.on && editor->seat.count > 0)) {
		if (editor->paste.on) {
			editor_take_paste(editor);
		} else if (next == SEAT_NO_TEXT) {
			char byte[] = { (char)seat_next(&editor->seat), '\0' };

			editor->library->rl_insert_text(byte);
			editor_redisplay();
		} else {
			editor->library->rl_callback_read_char();
		}
	}
}

/* Takes what has been typed, as far as it is there. Returns false if the terminal is gone. */
bool editor_read(struct editor *editor)
{
	bool there = seat_fill(&editor->seat);

	if (editor->away)
		return there;
	editor->reading = true;
	editor_take_keys(editor);
	for (int i = 0; i < EDITOR_ROUNDS && there; i++) {
		there = seat_fill(&editor->seat);
		editor_take_keys(editor);
	}
	editor->reading = false;
	if (editor->stale)
		editor_redisplay();
	if (editor->lifted)
		editor_lay(editor);
	editor->library->fflush(stdout);
	return there;
}

/* Shows whole lines above the one that is being typed, which stays as it is. */
void editor_show(struct editor *editor, const char *text, size_t length)
{
	if (editor->away) {
		editor->library->fwrite(text, 1, length, stdout);
		editor->library->fflush(stdout);
		return;
	}
	editor_lift(editor);
	editor->library->fwrite(text, 1, length, stdout);
	editor_lay(editor);
}

/* Takes the line off the screen until editor_release, so that it isn't drawn for each of many lines. */
void editor_hold(struct editor *editor)
{
	if (editor->away)
		return;
	editor_lift(editor);
	editor->lifted = editor->held = !editor->between;
}

/* Shows the line again. */
void editor_release(struct editor *editor)
{
	if (!editor->held)
		return;
	editor->held = false;
	editor_lay(editor);
}

/* Changes what stands in front of the line. */
void editor_prompt(struct editor *editor, const char *prompt)
{
	if (strcmp(prompt, editor->prompt) == 0)
		return;
	free(editor->prompt);
	editor->prompt = memory_string(prompt);
	if (!editor->away)
		editor_lift(editor);
	editor->library->rl_set_prompt(editor->prompt);
	if (!editor->away)
		editor_lay(editor);
}

/* Stops showing what is typed, or shows it again. */
void editor_hide(struct editor *editor, bool hidden)
{
	editor->hidden = hidden;
}

/* Lets a line be called back. */
void editor_remember(struct editor *editor, const char *line)
{
	editor->library->add_history(line);
}

/* The terminal has another size, or we have it again. */
void editor_resize(struct editor *editor)
{
	if (!editor->started)
		return;
	if (editor->away || seat_is_behind(editor->library)) {
		editor_resume(editor);
		return;
	}
	seat_keep(&editor->seat);
	editor_lift(editor);
	editor->library->rl_reset_screen_size();
	editor_lay(editor);
}

/* How wide the terminal is. */
size_t editor_columns(const struct editor *editor)
{
	int rows = 0, columns = 0;

	editor->library->rl_get_screen_size(&rows, &columns);
	return columns > 0 ? (size_t)columns : 80;
}

/* Leaves the terminal as it was found. NULL is allowed. */
void editor_close(struct editor *editor)
{
	if (editor == NULL)
		return;
	log_divert(NULL);
	if (editor->started && !editor->away) {
		editor_lift(editor);
		editor->library->fflush(stdout);
		seat_give(&editor->seat, editor->library);
	}
	if (editor->started)
		editor->library->rl_callback_handler_remove();
	text_free(&editor->paste.text);
	free(editor->prompt);
	free(editor);
	editor_only = NULL;
}
