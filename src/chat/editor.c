#include "chat/editor.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/intl.h"
#include "base/memory.h"
#include "chat/library.h"

#define EDITOR_CONTROL(letter) ((letter)&0x1f)
#define EDITOR_HISTORY 1000 /* lines that can be called back */

struct editor {
	const struct library *library;
	struct editor_events events;
	char *prompt;
	bool hidden;  /* what is typed isn't shown */
	bool between; /* a line was typed, the next one isn't shown yet */
	struct termios before;
};

/* readline calls back without a context, and knows one line at a time: this is the one. */
static struct editor *editor_only;

/* Ctrl-C and Ctrl-Z come as characters: what they mean is ours to decide. */
static void editor_prepare_terminal(int meta)
{
	struct termios settings;

	editor_only->library->rl_prep_terminal(meta);
	if (tcgetattr(STDIN_FILENO, &settings) < 0)
		return;
	settings.c_cc[VINTR] = _POSIX_VDISABLE;
	settings.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
}

/* Shows the prompt, and as little as nothing of what is typed. */
static void editor_redisplay(void)
{
	const struct library *library = editor_only->library;
	int end = *library->rl_end;
	char first;

	if (!editor_only->hidden) {
		library->rl_redisplay();
		return;
	}
	first = (*library->rl_line_buffer)[0];
	(*library->rl_line_buffer)[0] = '\0';
	*library->rl_end = 0;
	library->rl_redisplay();
	(*library->rl_line_buffer)[0] = first;
	*library->rl_end = end;
}

/* A whole line was typed. */
static void editor_line(char *line)
{
	struct editor *editor = editor_only;

	if (line == NULL) /* the prompt stands alone on its line */
		editor->library->rl_crlf();
	editor->between = true;
	editor->events.line(editor->events.context, line);
	editor->between = false;
	free(line);
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
	library->rl_redisplay();
	return 0;
}

/* Ctrl-Z stops the job with the terminal as it was, and goes on with the line as it was. */
static int editor_suspend(int count, int key)
{
	const struct library *library = editor_only->library;

	(void)count;
	(void)key;
	library->rl_deprep_terminal();
	kill(0, SIGTSTP);
	editor_prepare_terminal(1);
	library->rl_resize_terminal();
	library->rl_on_new_line();
	library->rl_forced_update_display();
	return 0;
}

static char **editor_complete(const char *word, int start, int end)
{
	struct editor *editor = editor_only;

	(void)start;
	(void)end;
	*editor->library->rl_attempted_completion_over = 1; /* no names of files */
	if (editor->events.complete == NULL)
		return NULL;
	return editor->library->rl_completion_matches(word, editor->events.complete);
}

/* Tells readline what it has to know before the first line. */
static void editor_set_up(const struct library *library)
{
	*library->rl_readline_name = PACKAGE_NAME;
	*library->rl_instream = stdin;
	*library->rl_outstream = stdout;
	*library->rl_catch_signals = 0;
	*library->rl_catch_sigwinch = 0;
	*library->rl_prep_term_function = editor_prepare_terminal;
	*library->rl_redisplay_function = editor_redisplay;
	*library->rl_attempted_completion_function = editor_complete;
	library->rl_variable_bind("enable-bracketed-paste", "on");
	library->using_history();
	library->stifle_history(EDITOR_HISTORY);
}

/*
 * Starts to edit a line on standard input and output, which are a terminal. Owned by the caller; NULL with the error
 * filled if there is no library for it. There can be one at a time.
 */
struct editor *editor_open(const struct editor_events *events, const char *prompt,
	struct error *error)
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
	editor->prompt = memory_string(prompt);
	tcgetattr(STDIN_FILENO, &editor->before);
	editor_only = editor;
	editor_set_up(library);
	library->rl_callback_handler_install(editor->prompt, editor_line);
	library->rl_bind_key(EDITOR_CONTROL('C'), editor_interrupt);
	library->rl_bind_key(EDITOR_CONTROL('Z'), editor_suspend);
	return editor;
}

/* Takes what has been typed, as far as it is there. */
void editor_read(struct editor *editor)
{
	struct pollfd slot = { .fd = STDIN_FILENO, .events = POLLIN };

	while (poll(&slot, 1, 0) > 0 && (slot.revents & POLLIN))
		editor->library->rl_callback_read_char();
}

/* Shows whole lines above the one that is being typed, which stays as it is. */
void editor_show(struct editor *editor, const char *text, size_t length)
{
	if (!editor->between)
		editor->library->rl_clear_visible_line();
	fwrite(text, 1, length, stdout);
	fflush(stdout);
	if (editor->between)
		return;
	editor->library->rl_on_new_line();
	editor_redisplay();
}

/* Changes what stands in front of the line. */
void editor_prompt(struct editor *editor, const char *prompt)
{
	if (strcmp(prompt, editor->prompt) == 0)
		return;
	free(editor->prompt);
	editor->prompt = memory_string(prompt);
	if (!editor->between)
		editor->library->rl_clear_visible_line();
	editor->library->rl_set_prompt(editor->prompt);
	if (editor->between)
		return;
	editor->library->rl_on_new_line();
	editor_redisplay();
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

/* The terminal has another size. */
void editor_resize(struct editor *editor)
{
	editor->library->rl_resize_terminal();
}

/* Leaves the terminal as it was found. NULL is allowed. */
void editor_close(struct editor *editor)
{
	if (editor == NULL)
		return;
	editor->library->rl_clear_visible_line();
	editor->library->rl_callback_handler_remove();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &editor->before);
	free(editor->prompt);
	free(editor);
	editor_only = NULL;
}
