/*
 * The line that a person types at a terminal, and the text that comes in above it. The line is edited by GNU
 * readline, a character at a time whenever there is one, so that nobody ever waits for Enter.
 */
#ifndef CHAT_EDITOR_H
#define CHAT_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Who is told what happens at the keyboard. */
struct editor_events {
	void *context;
	/* a line was typed; NULL: the end of input was typed. The text stays the editor's. */
	void (*line)(void *context, const char *line);
	/* Ctrl-C was typed on an empty line */
	void (*interrupt)(void *context);
	/* one of the words that might be meant, each a new string; NULL: no more. state is 0 for the first. */
	char *(*complete)(const char *word, int state);
	/* whether the word that begins at start is the name of a file */
	bool (*names_file)(const char *line, int start);
};

struct editor;

struct editor *editor_open(const struct editor_events *events, struct error *error);
void editor_start(struct editor *editor, const char *prompt);
bool editor_read(struct editor *editor);
void editor_show(struct editor *editor, const char *text, size_t length);
void editor_hold(struct editor *editor);
void editor_release(struct editor *editor);
void editor_prompt(struct editor *editor, const char *prompt);
void editor_hide(struct editor *editor, bool hidden);
void editor_remember(struct editor *editor, const char *line);
void editor_resize(struct editor *editor);
size_t editor_columns(const struct editor *editor);
void editor_close(struct editor *editor);

#endif
