#include "tutorial/stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/system.h"
#include "io/pollset.h"
#include "io/signals.h"
#include "io/sockaddr.h"
#include "tutorial/teller.h"

/* Nothing in a lesson takes so long unless it never comes. */
#define STAGE_PATIENCE INT64_C(20000000000)
#define STAGE_PORT_TRIES 20

/* Whether nobody of this machine has the port, 0: any that is free. Returns the port, or -1. */
static int stage_try_port(int port, int type)
{
	struct sockaddr_any address = { .ip4 = { .sin_family = AF_INET } };
	int fd = system_socket(AF_INET, type, 0), on = 1;

	address.ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.ip4.sin_port = htons((uint16_t)port);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &address.any, sizeof(address.ip4)) < 0 ||
		(type == SOCK_STREAM && listen(fd, 1) < 0) || sockaddr_local(fd, &address) < 0)
		port = -1;
	else
		port = sockaddr_port(&address);
	fd_close(&fd);
	return port;
}

/* Finds a port for the lessons, the usual one if it is free. */
static int stage_find_port(struct stage *stage, struct error *error)
{
	int port = LESSON_PORT_NUMBER;

	for (int i = 0; i < STAGE_PORT_TRIES; i++) {
		port = stage_try_port(i == 0 ? port : 0, SOCK_STREAM);
		if (port < 0 || stage_try_port(port, SOCK_DGRAM) < 0)
			continue;
		snprintf(stage->port, sizeof(stage->port), "%d", port);
		return 0;
	}
	return error_failed(error, _("no free port on 127.0.0.1"));
}

/* Makes the socket that hears of servers that are ready. */
static int stage_hear(struct stage *stage, struct error *error)
{
	struct sockaddr_any address;

	stage->notify = memory_print("%s/ready", stage->directory);
	if (sockaddr_unix(&address, stage->notify, strlen(stage->notify), false, true, error) < 0)
		return -1;
	stage->ready = system_socket(AF_UNIX, SOCK_DGRAM, 0);
	if (stage->ready < 0 || bind(stage->ready, &address.any, address.length) < 0)
		return error_system(error, errno, _("cannot make socket %s"), stage->notify);
	return 0;
}

/* Sets the stage: a folder and a port. On failure it has to be closed all the same. */
int stage_open(struct stage *stage, struct error *error)
{
	const char *folder = getenv("TMPDIR");
	char *directory;

	*stage = (struct stage){ .ready = -1 };
	directory = memory_print("%s/nettool-XXXXXX",
		folder != NULL && folder[0] == '/' ? folder : "/tmp");
	if (mkdtemp(directory) == NULL) {
		error_system(error, errno, _("cannot make folder %s"), directory);
		free(directory);
		return -1;
	}
	stage->directory = directory;
	if (stage_hear(stage, error) < 0)
		return -1;
	return stage_find_port(stage, error);
}

/* The text with the port of this stage. The caller frees it. */
char *stage_local(const struct stage *stage, const char *text)
{
	struct text out = TEXT_EMPTY;
	const char *port;

	while ((port = strstr(text, LESSON_PORT)) != NULL) {
		text_add(&out, text, (size_t)(port - text));
		text_add_string(&out, stage->port);
		text = port + strlen(LESSON_PORT);
	}
	text_add_string(&out, text);
	return text_take(&out);
}

/* Passes on the lines that an actor has shown. */
static int stage_tell(struct actor *actor, struct error *error)
{
	for (;;) {
		const char *line = actor->seen.data + actor->told;
		size_t rest = actor->seen.length - actor->told, length;
		const char *end = rest > 0 ? memchr(line, '\n', rest) : NULL;
		struct text shown = TEXT_EMPTY;
		int result;

		if (rest == 0 || (end == NULL && actor->output >= 0))
			return 0;
		length = end != NULL ? (size_t)(end - line) : rest;
		text_print(&shown, _("%s shows: "), _(actor->name));
		escape_terminal(&shown, line, length);
		result = teller_line(TELLER_SHOWN, shown.data, error);
		text_free(&shown);
		actor->told += length + (end != NULL);
		if (result < 0)
			return -1;
	}
}

/* Waits for the actors, or for the signal that a server is ready. Returns 1 for that one, else 0, -1 on failure. */
static int stage_turn(struct stage *stage, int64_t deadline, struct error *error)
{
	struct pollset set = { 0 };
	size_t slots[STAGE_ACTORS], ready;
	char message[64];
	int number, result = 0;

	pollset_deadline(&set, deadline);
	pollset_add(&set, signals_fd(), POLLIN);
	ready = pollset_add(&set, stage->ready, POLLIN);
	for (int i = 0; i < stage->actor_count; i++)
		slots[i] = stage->actors[i].output < 0
			? POLLSET_NONE
			: pollset_add(&set, stage->actors[i].output, POLLIN);
	if (pollset_wait(&set) < 0)
		result = error_system(error, errno, _("cannot wait for input"));
	else if ((number = signals_ending()) != 0)
		result = error_signal(error, number);
	for (int i = 0; i < stage->actor_count && result == 0; i++) {
		if (pollset_result(&set, slots[i]) == 0)
			continue;
		actor_listen(&stage->actors[i]);
		result = stage_tell(&stage->actors[i], error);
	}
	if (result == 0 && pollset_result(&set, ready) != 0)
		result = recv(stage->ready, message, sizeof(message), MSG_DONTWAIT) > 0;
	pollset_free(&set);
	return result;
}

/* The actor of that name who came last. */
static struct actor *stage_find(struct stage *stage, const char *name)
{
	for (int i = stage->actor_count; i-- > 0;) {
		if (strcmp(stage->actors[i].name, name) == 0)
			return &stage->actors[i];
	}
	return NULL;
}

/* Starts an actor; one who listens is ready afterwards. */
static int stage_start(struct stage *stage, const struct act *act, struct error *error)
{
	struct actor_place place = { stage->directory,
		act->kind == ACT_LISTEN ? stage->notify : NULL };
	struct actor *actor = &stage->actors[stage->actor_count];
	char *command = stage_local(stage, act->text);
	char *line = memory_print("\n%s$ %s", _(act->who), command);
	int64_t deadline = clock_after(STAGE_PATIENCE);
	int result = teller_line(TELLER_COMMAND, line, error);

	free(line);
	if (result == 0)
		result = actor_start(actor, act->who, command, &place, error);
	free(command);
	if (result < 0)
		return -1;
	stage->actor_count++;
	while (act->kind == ACT_LISTEN && result == 0) {
		result = stage_turn(stage, deadline, error);
		if (result == 0 && (actor->output < 0 || clock_now() >= deadline))
			return error_failed(error, _("the %s doesn't start"), _(act->who));
	}
	return result < 0 ? -1 : 0;
}

/* Waits until the text is on the screen of an actor, in a whole line. */
static int stage_wait_for(struct stage *stage, struct actor *actor, const char *text,
	struct error *error)
{
	int64_t deadline = clock_after(STAGE_PATIENCE);

	for (;;) {
		const char *seen = actor->seen.data, *place = NULL, *end = NULL;

		if (actor->seen.length > actor->asked)
			place = memmem(seen + actor->asked, actor->seen.length - actor->asked, text,
				strlen(text));
		if (place != NULL)
			end = memchr(place, '\n', actor->seen.length - (size_t)(place - seen));
		if (end != NULL) {
			actor->asked = (size_t)(end - seen) + 1;
			return 0;
		}
		if (actor->output < 0 || clock_now() >= deadline)
			return error_failed(error, _("%s doesn't show \"%s\""), _(actor->name),
				text);
		if (stage_turn(stage, deadline, error) < 0)
			return -1;
	}
}

/* An actor types a line. */
static int stage_type(const struct actor *actor, const char *text, struct error *error)
{
	char *line = memory_print(_("%s types: %s"), _(actor->name), text);
	int result = teller_line(TELLER_PLAIN, line, error);

	free(line);
	line = memory_print("%s\n", text);
	if (result == 0 && fd_write_all(actor->input, line, strlen(line)) < 0)
		result = error_system(error, errno, _("%s doesn't read any more"), _(actor->name));
	free(line);
	return result;
}

/* An actor has nothing more to say. */
static int stage_hush(struct actor *actor, struct error *error)
{
	char *line = memory_print(_("%s presses Ctrl-D"), _(actor->name));
	int result = teller_line(TELLER_PLAIN, line, error);

	free(line);
	fd_close(&actor->input);
	return result;
}

/* Tells of how many processes an actor consists. */
static int stage_count(const struct actor *actor, struct error *error)
{
	int count = actor_count(actor), result;
	char *line;

	if (count == 0)
		return 0;
	line = memory_print(_("\n(processes of %s: %d)"), _(actor->name), count);
	result = teller_line(TELLER_PLAIN, line, error);
	free(line);
	return result;
}

/* Waits for the end of an actor. */
static int stage_see_end(struct stage *stage, struct actor *actor, struct error *error)
{
	int64_t deadline = clock_after(STAGE_PATIENCE);
	char *line;
	int result;

	while (actor->output >= 0) {
		if (stage_turn(stage, deadline, error) < 0)
			return -1;
		if (clock_now() >= deadline)
			return error_failed(error, _("%s doesn't end"), _(actor->name));
	}
	line = memory_print(_("%s ends with status %d"), _(actor->name), actor_end(actor));
	*actor = stage->actors[--stage->actor_count];
	result = teller_line(TELLER_PLAIN, line, error);
	free(line);
	return result;
}

/* Plays one act. */
int stage_play(struct stage *stage, const struct act *act, struct error *error)
{
	struct actor *actor = act->who != NULL ? stage_find(stage, act->who) : NULL;
	char *text;
	int result;

	switch (act->kind) {
	case ACT_NONE:
		return 0;
	case ACT_SAY:
		text = stage_local(stage, _(act->text));
		result = teller_line(TELLER_PLAIN, "", error) < 0 ? -1
								  : teller_paragraph(text, error);
		free(text);
		return result;
	case ACT_LISTEN:
	case ACT_RUN:
		return stage_start(stage, act, error);
	case ACT_TYPE:
		return stage_type(actor, act->text, error);
	case ACT_CLOSE:
		return stage_hush(actor, error);
	case ACT_HEAR:
		return stage_wait_for(stage, actor, act->text, error);
	case ACT_COUNT:
		return stage_count(actor, error);
	case ACT_STATUS:
		return stage_see_end(stage, actor, error);
	}
	return 0;
}

/* Sends the actors home: whoever came last, first. */
void stage_clear(struct stage *stage)
{
	while (stage->actor_count > 0)
		actor_end(&stage->actors[--stage->actor_count]);
}

/* Removes the files of a folder, and the folder. */
static void stage_remove(const char *directory)
{
	DIR *list = opendir(directory);
	const struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(list), entry->d_name, 0);
	}
	if (list != NULL)
		closedir(list);
	rmdir(directory);
}

/* Leaves nothing behind. */
void stage_close(struct stage *stage)
{
	stage_clear(stage);
	fd_close(&stage->ready);
	if (stage->directory != NULL)
		stage_remove(stage->directory);
	free(stage->notify);
	free(stage->directory);
}
