/* The person at the keyboard. Without a terminal both addresses are plain standard input and output. */
#include "address/chat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/memory.h"
#include "chat/diary.h"
#include "chat/plain.h"
#include "chat/talk.h"

/* Makes a stream of one standard descriptor. */
static struct stream *chat_plain_stream(int rfd, int wfd, struct error *error)
{
	struct stream *stream = memory_zero(1, sizeof(*stream));

	if (stream_open(stream, rfd, wfd, STREAM_KEEP) == 0)
		return stream;
	error_system(error, errno, _("cannot use descriptor %d"), rfd >= 0 ? rfd : wfd);
	free(stream);
	return NULL;
}

/* Lines as they come, for scripts; what comes to a terminal is made fit for it all the same. */
static int chat_open_plain(const struct address_context *context, struct endpoint *endpoint,
	struct error *error)
{
	if (context->use & USE_READ) {
		endpoint->reader = chat_plain_stream(STDIN_FILENO, -1, error);
		if (endpoint->reader == NULL)
			return -1;
	}
	if (context->use & USE_WRITE) {
		endpoint->writer = isatty(STDOUT_FILENO)
			? plain_open()
			: chat_plain_stream(-1, STDOUT_FILENO, error);
		if (endpoint->writer == NULL) {
			endpoint_close(endpoint);
			return -1;
		}
	}
	return 0;
}

/* Opens a talk at the terminal. */
static int chat_open_talk(const struct talk_settings *settings, struct endpoint *endpoint,
	struct error *error)
{
	struct stream *stream = talk_open(settings, error);

	if (stream == NULL)
		return -1;
	endpoint_use(endpoint, stream);
	return 0;
}

/* Has the options change the terminal, if there is one; at the end it is put back. */
static int chat_apply(const struct address *address, struct endpoint *endpoint, struct error *error)
{
	if (options_of_groups(address->options, GROUP_TERMIOS) != NULL)
		endpoint_keep_terminal(endpoint, STDIN_FILENO);
	return address_apply(address, STDIN_FILENO, true, error);
}

static bool chat_has_terminal(const struct address_context *context)
{
	if (call_pretends())
		call_note(_(
			"where both are a terminal, lines are edited there while others are heard"));
	return !call_pretends() && context->use == USE_BOTH && isatty(STDIN_FILENO) &&
		isatty(STDOUT_FILENO);
}

/* Who speaks when. */
static enum talk_turns chat_turns(const struct address_context *context, const char *turns)
{
	if (turns == NULL)
		return TALK_FREELY;
	if (turns[0] != '\0')
		return strcmp(turns, "begin") == 0 ? TALK_BEGIN : TALK_WAIT;
	return context->other_listens ? TALK_WAIT : TALK_BEGIN;
}

static int chat_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	const struct chat_settings *chat = SETTINGS(address->options, chat);
	char *history = chat->history == NULL && !call_pretends() ? diary_history_path() : NULL;
	struct talk_settings settings = {
		.commands = true,
		.prompts = true,
		.prompt = chat->prompt,
		.history = chat->history != NULL ? chat->history : history,
		.nick = chat->nick,
		.transcript = chat->transcript,
		.color = chat->color,
		.timestamps = chat->timestamps,
		.bell = chat->bell,
		.turns = chat_turns(context, chat->turns),
	};
	int result = chat_has_terminal(context) ? chat_open_talk(&settings, endpoint, error)
						: chat_open_plain(context, endpoint, error);

	free(history);
	return result;
}

static int readline_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	const struct chat_settings *chat = SETTINGS(address->options, chat);
	const struct talk_settings settings = {
		.prompts = !chat->no_prompt,
		.prompt = chat->prompt,
		.no_echo = chat->no_echo,
		.history = chat->history,
		.color = 0,
	};

	int result = chat_has_terminal(context) ? chat_open_talk(&settings, endpoint, error)
						: chat_open_plain(context, endpoint, error);

	/* the talk has seen how the terminal was found */
	if (result == 0 && chat_apply(address, endpoint, error) < 0) {
		endpoint_close(endpoint);
		result = -1;
	}
	return result;
}

#define CHAT_ROW \
	.syntax = "", .use = USE_BOTH, .traits = TRAIT_STDIO | TRAIT_TALKS, \
	.phases = PHASES_DESCRIPTOR

const struct address_type address_chat_types[] = {
	{ CHAT_ROW, .name = "CHAT", .groups = GROUP_FD | GROUP_CHAT,
		.summary = N_("talk through a terminal: edit the line while others are heard"),
		.example = "CHAT,nick=ana", .open = chat_open },
	{ CHAT_ROW, .name = "READLINE", .groups = GROUP_FD | GROUP_READLINE | GROUP_TERMIOS,
		.summary = N_("edit lines for a program that reads lines"),
		.example = "READLINE,noecho=assword", .open = readline_open },
	{ .name = NULL },
};
