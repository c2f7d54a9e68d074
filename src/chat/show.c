#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "base/intl.h"
#include "base/memory.h"
#include "chat/screen.h"
#include "chat/state.h"

/* Appends the time of day, as it stands in front of a line. */
void show_stamp(struct text *out)
{
	struct timespec now;
	struct tm parts;
	char stamp[16];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &parts);
	strftime(stamp, sizeof(stamp), "%H:%M:%S ", &parts);
	text_add_string(out, stamp);
}

/* Shows one line, of the other side or of our own, above the one that is typed. */
void show_line(struct talk *talk, const char *line, size_t length, bool bell)
{
	struct text safe = TEXT_EMPTY, shown = TEXT_EMPTY;

	text_add_string(&safe, "");
	screen_safe(&safe, line, length);
	if (talk->settings.timestamps)
		show_stamp(&shown);
	if (talk->colors)
		screen_colored(&shown, safe.data, safe.length);
	else
		text_add(&shown, safe.data, safe.length);
	text_add_char(&shown, '\n');
	if (bell)
		text_add_char(&shown, '\a');
	editor_show(talk->editor, shown.data, shown.length);
	text_free(&shown);
	text_free(&safe);
}

/* Says something of our own to the person at the keyboard. */
void show_say(struct talk *talk, const char *format, ...)
{
	struct text line = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_add_string(&line, SCREEN_OWN);
	text_vprint(&line, format, args);
	va_end(args);
	show_line(talk, line.data, line.length, false);
	text_free(&line);
}

/* Our own prompt. */
static const char *show_own_prompt(const struct talk *talk)
{
	if (talk->settings.prompt != NULL)
		return talk->settings.prompt;
	if (talk->settings.turns == TALK_FREELY)
		return "";
	return talk->our_turn ? _("your turn> ") : _("(not your turn) ");
}

/* Appends how far a file has got, always as wide. */
static void show_progress(const struct talk *talk, struct text *out)
{
	unsigned percent = 100;

	if (talk->file_done < talk->file_size)
		percent = (unsigned)(talk->file_done * 100 / talk->file_size);
	text_print(out, _("[sending %s: %3u%%] "), talk->file_name, percent);
}

/* What stands in front of the line that is typed: the other side's unfinished line, then our own prompt. */
void show_prompt(struct talk *talk)
{
	struct text prompt = TEXT_EMPTY;

	if (!talk->started)
		return;
	text_add_string(&prompt, "");
	/* of a long one, as much as leaves room to type */
	if (talk->settings.prompts)
		screen_tail(&prompt, talk->heard.data, talk->heard.length,
			editor_columns(talk->editor) * 3 / 4);
	if (talk->file >= 0)
		show_progress(talk, &prompt);
	text_add_string(&prompt, show_own_prompt(talk));
	talk->hiding = talk->has_no_echo && prompt.length > 0 &&
		talk->library->regexec(&talk->no_echo, prompt.data, 0, NULL, 0) == 0;
	editor_hide(talk->editor, talk->hiding);
	editor_prompt(talk->editor, prompt.data);
	text_free(&prompt);
}
