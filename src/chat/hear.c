#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/room.h"
#include "chat/diary.h"
#include "chat/names.h"
#include "chat/state.h"

#define HEAR_PART ((size_t)4 << 20) /* of a line without end that is shown at once */
#define HEAR_UNFINISHED \
	(SECOND / 10) /* how long an end may take, where the prompt doesn't show the beginning */

/* A room greets whoever comes in: it knows names, and shall know ours. */
static void hear_greeting(struct talk *talk, const char *line, size_t length)
{
	const char *greeting = ROOM_GREETING;
	size_t size = strcspn(greeting, "%");
	char *wish;

	if (talk->room || length <= size || memcmp(line, greeting, size) != 0)
		return;
	talk->room = true;
	if (talk->nick == NULL)
		return;
	wish = memory_print("/nick %s", talk->nick);
	speak_queue(talk, wish);
	free(wish);
}

/* The other side has had its turn. */
static void hear_turn(struct talk *talk)
{
	talk->patience = CLOCK_NEVER;
	if (talk->our_turn)
		show_say(talk, "%s", _("the other side has spoken out of turn: did both begin?"));
	talk->our_turn = true;
	speak_held(talk);
}

/* The other side has said a whole line. */
static void hear_line(struct talk *talk, const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (talk->settings.commands) {
		names_hear(line, length);
		hear_greeting(talk, line, length);
	}
	diary_add(talk->transcript, "< ", line, length);
	show_line(talk, line, length, talk->settings.bell);
	/* what a room itself says is nobody's turn */
	if (talk->settings.turns != TALK_FREELY && !(talk->room && length > 0 && line[0] == '*'))
		hear_turn(talk);
}

/* What has been heard of a line is all there is of it. */
static void hear_out(struct talk *talk)
{
	struct text line = talk->heard;

	talk->heard = (struct text)TEXT_EMPTY;
	hear_line(talk, line.data != NULL ? line.data : "", line.length);
	text_clear(&line);
	talk->heard = line;
}

/* Shows what the other side says, line by line; what has no end yet stands in front of ours. */
void hear_bytes(struct talk *talk, const char *data, size_t size)
{
	const char *end = data + size;

	editor_hold(talk->editor);
	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		size_t piece = (size_t)((newline != NULL ? newline : end) - data);

		text_add(&talk->heard, data, piece);
		data += piece;
		if (newline == NULL && talk->heard.length < HEAR_PART)
			break;
		data += newline != NULL;
		hear_out(talk);
	}
	talk->unfinished = CLOCK_NEVER;
	if (talk->heard.length > 0 && !talk->settings.prompts)
		talk->unfinished = clock_after(HEAR_UNFINISHED);
	if (talk->heard.room > HEAR_PART / 4 && talk->heard.length == 0)
		text_free(&talk->heard);
	show_prompt(talk);
	editor_release(talk->editor);
}

/* A line without end has waited long enough to be seen where it isn't the prompt. */
void hear_unfinished(struct talk *talk)
{
	if (clock_now() < talk->unfinished)
		return;
	talk->unfinished = CLOCK_NEVER;
	hear_out(talk);
}

/* The other side says no more. */
void hear_end(struct talk *talk)
{
	talk->unfinished = CLOCK_NEVER;
	if (talk->heard.length > 0)
		hear_out(talk);
	if (talk->settings.commands)
		show_say(talk, "%s", _("the other side has ended"));
	show_prompt(talk);
}
