#include "tutorial/tutorial.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/signals.h"
#include "tutorial/lesson.h"
#include "tutorial/stage.h"
#include "tutorial/teller.h"

/* How the tutorial goes on after a question to the person. */
enum tutorial_next {
	TUTORIAL_FAILED = -1,
	TUTORIAL_LEAVE,
	TUTORIAL_ON,
};

/* Whether the answer is one of the ways to leave. */
static bool tutorial_leaves(const char *answer)
{
	return strcmp(answer, "q") == 0 || strcmp(answer, "Q") == 0;
}

/* The lesson's number as in a book: chapter and place in it. */
static char *tutorial_heading(const struct lesson *lesson)
{
	int number = 1;

	for (const struct lesson *other = lessons; other < lesson; other++)
		number += other->chapter == lesson->chapter;
	return memory_print("\n%d.%d  %s", lesson->chapter, number, _(lesson->title));
}

/* Tells a text of a lesson, with the port of this stage. */
static int tutorial_line(const struct stage *stage, enum teller_look look, const char *label,
	const char *text, struct error *error)
{
	char *local = stage_local(stage, _(text));
	char *line = memory_print("%s%s", label, local);
	int result = teller_line(look, line, error);

	free(local);
	free(line);
	return result;
}

/* Shows a question and the answers to choose from. */
static int tutorial_show_question(const struct stage *stage, const struct lesson *lesson,
	struct error *error)
{
	int result = tutorial_line(stage, TELLER_TITLE, "\n", lesson->question, error);
	char label[] = "  a) ";

	for (int i = 0; i < LESSON_CHOICES && result == 0; i++) {
		label[2] = (char)('a' + i);
		result = tutorial_line(stage, TELLER_PLAIN, label, lesson->choices[i], error);
	}
	return result;
}

/* Which answer was given: its number, -1 for none, -2 for one that isn't there. */
static int tutorial_choice(const char *answer)
{
	int choice;

	if (answer[0] == '\0')
		return -1;
	choice = (answer[0] | 0x20) - 'a';
	return answer[1] == '\0' && choice >= 0 && choice < LESSON_CHOICES ? choice : -2;
}

/* Says what to think of an answer, and why. */
static int tutorial_judge(const struct stage *stage, const struct lesson *lesson, int choice,
	struct error *error)
{
	const char *right = _(lesson->choices[lesson->right]);
	struct text text = TEXT_EMPTY;
	char *local;
	int result;

	if (choice == lesson->right)
		text_print(&text, _("Yes: %s."), right);
	else if (choice >= 0)
		text_print(&text, _("Not quite. It is: %s."), right);
	else
		text_print(&text, _("It is: %s."), right);
	text_add_char(&text, ' ');
	text_add_string(&text, _(lesson->because));
	local = stage_local(stage, text.data);
	result = teller_paragraph(local, error);
	free(local);
	text_free(&text);
	return result;
}

/* Asks the question of a lesson until there is an answer. */
static enum tutorial_next tutorial_question(const struct stage *stage, const struct lesson *lesson,
	struct error *error)
{
	if (tutorial_show_question(stage, lesson, error) < 0)
		return TUTORIAL_FAILED;
	for (;;) {
		char *answer = NULL;
		int result = teller_ask(_("a, b or c? "), &answer, error), choice;

		if (result <= 0)
			return result < 0 ? TUTORIAL_FAILED : TUTORIAL_LEAVE;
		choice = tutorial_leaves(answer) ? -3 : tutorial_choice(answer);
		free(answer);
		if (choice == -3)
			return TUTORIAL_LEAVE;
		if (choice != -2)
			return tutorial_judge(stage, lesson, choice, error) < 0 ? TUTORIAL_FAILED
										: TUTORIAL_ON;
	}
}

/* Waits until the person wants to go on. */
static enum tutorial_next tutorial_pause(struct error *error)
{
	char *answer = NULL;
	int result = teller_ask(_("\n[Enter: go on, q: leave] "), &answer, error);
	enum tutorial_next next = TUTORIAL_ON;

	if (result <= 0)
		return result < 0 ? TUTORIAL_FAILED : TUTORIAL_LEAVE;
	if (tutorial_leaves(answer))
		next = TUTORIAL_LEAVE;
	free(answer);
	return next;
}

/* Plays a lesson and asks its question. */
static enum tutorial_next tutorial_lesson(struct stage *stage, const struct lesson *lesson,
	struct error *error)
{
	char *heading = tutorial_heading(lesson);
	int result = teller_line(TELLER_TITLE, heading, error);
	enum tutorial_next next;

	free(heading);
	for (int i = 0; i < LESSON_ACTS && result == 0; i++)
		result = stage_play(stage, &lesson->acts[i], error);
	next = result < 0 ? TUTORIAL_FAILED : tutorial_question(stage, lesson, error);
	stage_clear(stage);
	return next;
}

/* Walks through the lessons from a chapter on. */
static enum tutorial_next tutorial_walk(struct stage *stage, int chapter, struct error *error)
{
	enum tutorial_next next = TUTORIAL_ON;
	int i = 0;

	while (lessons[i].chapter < chapter)
		i++;
	for (; i < lesson_count && next == TUTORIAL_ON; i++) {
		next = tutorial_lesson(stage, &lessons[i], error);
		if (next == TUTORIAL_ON && i + 1 < lesson_count)
			next = tutorial_pause(error);
	}
	if (next == TUTORIAL_FAILED)
		return next;
	if (teller_line(TELLER_PLAIN, "", error) < 0)
		return TUTORIAL_FAILED;
	return teller_paragraph(next == TUTORIAL_ON
			? _("That was all. The cookbook (doc/cookbook.md) goes on from here; nettool --help "
			    "and man nettool know the rest.")
			: _("Goodbye."),
		error);
}

/*
 * Runs the tutorial from a chapter on. Leaving it is no failure. Returns the exit status, or -1 with the error
 * filled; nothing that it has started runs on.
 */
int tutorial_run(int chapter, uint64_t ending, struct error *error)
{
	static const char *const greeting = N_(
		"This is nettool's tutorial. Everything below really happens on this machine, between "
		"programs that call each other at 127.0.0.1. Answer a question with a letter, or with "
		"Enter to be told; q leaves.");
	struct stage stage = { .ready = -1 };
	int result = 0;

	umask(077);
	if (teller_paragraph(_(greeting), error) < 0)
		return -1;
	if (signals_open(ending) < 0)
		return error_system(error, errno, _("cannot catch signals"));
	if (stage_open(&stage, error) < 0 ||
		tutorial_walk(&stage, chapter, error) == TUTORIAL_FAILED)
		result = -1;
	stage_close(&stage);
	if (result < 0 && error->kind == ERROR_SIGNAL) {
		log_error_value(LOG_LEVEL_NOTICE, error);
		result = EXIT_STATUS_SIGNAL + error->number;
	}
	return result;
}
