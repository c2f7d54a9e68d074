#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "chat/diary.h"
#include "chat/names.h"
#include "chat/screen.h"
#include "chat/state.h"

#define SPEAK_REMEMBERED 65536 /* a line so long isn't kept for later */

/* Has a line sent as it is; while a file is being sent, behind that. */
void speak_queue(struct talk *talk, const char *line)
{
	struct text *queue = talk->file >= 0 ? &talk->later : &talk->typed;

	text_add_string(queue, line);
	text_add_char(queue, '\n');
}

/* Has a line sent with our name in front, unless the other side puts it there. */
static void speak_named(struct talk *talk, const char *line)
{
	diary_add(talk->transcript, "> ", line, strlen(line));
	if (talk->nick != NULL && !talk->room) {
		char *named = memory_print("<%s> %s", talk->nick, line);

		speak_queue(talk, named);
		free(named);
	} else {
		speak_queue(talk, line);
	}
	if (talk->settings.turns == TALK_FREELY)
		return;
	talk->our_turn = false;
	talk->patience = CLOCK_NEVER;
}

/* Sends a line that waited for our turn, if it is and there is one. */
void speak_held(struct talk *talk)
{
	char *end = talk->our_turn && talk->held.length > 0 ? strchr(talk->held.data, '\n') : NULL;
	struct text rest = TEXT_EMPTY;

	if (end == NULL)
		return;
	*end = '\0';
	speak_named(talk, talk->held.data);
	text_add_string(&rest, end + 1);
	text_free(&talk->held);
	talk->held = rest;
}

/* A line for the other side. */
static void speak_out(struct talk *talk, const char *line)
{
	if (talk->ends) {
		show_say(talk, "%s",
			_("you have ended what you say, and this is not sent; Ctrl-D leaves"));
		return;
	}
	if (talk->settings.turns == TALK_FREELY || talk->our_turn) {
		speak_named(talk, line);
		return;
	}
	text_add_string(&talk->held, line);
	text_add_char(&talk->held, '\n');
	show_say(talk, "%s", _("your line is kept until it is your turn"));
}

/* /nick NAME: the other side is told, if it knows names; else our lines carry it. */
static void speak_rename(struct talk *talk, const char *name)
{
	if (talk->room) {
		char *line = memory_print("/nick %s", name);

		speak_queue(talk, line);
		free(line);
		return;
	}
	if (name[0] == '\0' || name[strcspn(name, "<> \t")] != '\0') {
		show_say(talk, "%s", _("a name without blanks, < and > is needed: /nick NAME"));
		return;
	}
	free(talk->nick);
	talk->nick = memory_string(name);
	show_say(talk, _("you are now %s"), name);
}

/* /who */
static void speak_list(struct talk *talk)
{
	struct text names = TEXT_EMPTY;

	if (talk->room) {
		speak_queue(talk, "/who");
		return;
	}
	names_list(&names);
	show_say(talk, _("names heard so far: %s"), names.length > 0 ? names.data : _("none"));
	text_free(&names);
}

/* /help */
static void speak_help(struct talk *talk)
{
	show_say(talk, "%s",
		_("/help /quit /who /nick NAME /send FILE /time /clear; //x sends /x; Ctrl-D ends what "
		  "you say"));
}

/* /time */
static void speak_time(struct talk *talk)
{
	struct text stamp = TEXT_EMPTY;

	show_stamp(&stamp);
	text_cut(&stamp, stamp.length - 1);
	show_say(talk, _("it is %s"), stamp.data);
	text_free(&stamp);
}

/* /clear */
static void speak_clear(struct talk *talk)
{
	if (!screen_is_dumb())
		editor_show(talk->editor, "\033[H\033[2J", 7);
}

/* /quit */
static void speak_quit(struct talk *talk)
{
	talk->leaves = true;
}

/* The commands of the keyboard; one of the two does it. */
static const struct command {
	const char *name;
	void (*obey)(struct talk *talk);
	void (*obey_with)(struct talk *talk, const char *rest);
} speak_commands[] = {
	{ .name = "/clear", .obey = speak_clear },
	{ .name = "/help", .obey = speak_help },
	{ .name = "/nick", .obey_with = speak_rename },
	{ .name = "/quit", .obey = speak_quit },
	{ .name = "/send", .obey_with = send_start },
	{ .name = "/time", .obey = speak_time },
	{ .name = "/who", .obey = speak_list },
};

#define SPEAK_COMMANDS (sizeof(speak_commands) / sizeof(*speak_commands))

/* Obeys a line that begins with a slash. What is no command is sent to a room, which may know it. */
static void speak_command(struct talk *talk, const char *line)
{
	size_t length = strcspn(line, " ");
	char *rest = memory_string(line + length + strspn(line + length, " "));
	const struct command *found = NULL;

	/* a completion leaves a blank behind the word */
	for (size_t end = strlen(rest); end > 0 && rest[end - 1] == ' '; end--)
		rest[end - 1] = '\0';
	for (size_t i = 0; i < SPEAK_COMMANDS; i++) {
		if (strlen(speak_commands[i].name) == length &&
			memcmp(line, speak_commands[i].name, length) == 0)
			found = &speak_commands[i];
	}
	if (found == NULL)
		show_say(talk,
			_("there is no command %.*s; /help lists them, and a line with // sends "
			  "one /"),
			(int)length, line);
	else if (found->obey != NULL)
		found->obey(talk);
	else
		found->obey_with(talk, rest);
	free(rest);
}

/* Keeps a line for later, but no password, and none that begins with a blank. */
static void speak_remember(struct talk *talk, const char *line)
{
	size_t length = strlen(line);

	if (talk->hiding || length == 0 || line[0] == ' ' || length > SPEAK_REMEMBERED)
		return;
	editor_remember(talk->editor, line);
	diary_append(talk->history, line, length);
}

/* Ctrl-D: the first ends what we say, the second leaves. */
static void speak_end(struct talk *talk)
{
	talk->leaves = talk->ends;
	if (!talk->ends && talk->settings.commands)
		show_say(talk, "%s", _("you have ended what you say; another Ctrl-D leaves"));
	talk->ends = true;
}

/* A line was typed; NULL is the end of input. */
void speak_line(void *context, const char *line)
{
	struct talk *talk = context;

	if (line == NULL) {
		speak_end(talk);
		return;
	}
	speak_remember(talk, line);
	if (!talk->settings.commands)
		text_clear(&talk->heard); /* the prompt has been answered */
	if (!talk->settings.commands || line[0] != '/')
		speak_out(talk, line);
	else if (line[1] == '/')
		speak_out(talk, line + 1);
	else
		speak_command(talk, line);
	show_prompt(talk);
}

/* Ctrl-C on an empty line. */
void speak_interrupt(void *context)
{
	struct talk *talk = context;

	if (talk->file >= 0)
		send_stop(talk);
	else
		talk->leaves = true;
}

/* One of the words that may be meant: a command, or a name that was heard. */
char *speak_complete(const char *word, int state)
{
	static size_t command, name;
	const char *found;

	if (state == 0)
		command = name = 0;
	while (word[0] == '/' && command < SPEAK_COMMANDS) {
		found = speak_commands[command++].name;
		if (strncmp(found, word, strlen(word)) == 0)
			return memory_string(found);
	}
	found = names_next(word, &name);
	return found != NULL ? memory_string(found) : NULL;
}

/* Whether the word that begins there is a file's name. */
bool speak_names_file(const char *line, int start)
{
	return start >= 6 && strncmp(line, "/send ", 6) == 0;
}

/* Says once that nobody has begun, after a time. */
void speak_nobody_began(struct talk *talk)
{
	if (clock_now() < talk->patience)
		return;
	talk->patience = CLOCK_NEVER;
	show_say(talk, "%s",
		_("nothing has come yet: the other side waits too, perhaps; one of you has to begin "
		  "(turns=begin)"));
}
