/*
 * Somebody who talks through a terminal, as a stream: what he types is read from it by lines, what is written to it he
 * sees. With a terminal there is a line editor; without one there are plain lines.
 */
#ifndef CHAT_TALK_H
#define CHAT_TALK_H

#include <stdbool.h>

#include "base/error.h"
#include "io/stream.h"

/* Who speaks when. */
enum talk_turns {
	TALK_FREELY,
	TALK_BEGIN, /* in turns, and we begin */
	TALK_WAIT,
};

struct talk_settings {
	bool commands; /* /quit and the like: CHAT; READLINE has none */
	bool prompts;  /* the other side's unfinished line is our prompt */
	const char *prompt;
	const char *no_echo; /* a regular expression: prompts behind which nothing typed is shown */
	const char *history; /* a file, NULL: none */
	const char *nick;
	const char *transcript;
	int color; /* -1: as the terminal and NO_COLOR have it */
	bool timestamps, bell;
	enum talk_turns turns;
};

struct stream *talk_open(const struct talk_settings *settings, struct error *error);

#endif
