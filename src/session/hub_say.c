/* What is said in a hub: who is told it, and in what form. */
#include <stdarg.h>
#include <string.h>

#include "session/hub_state.h"

/* Whether the members hear the second address alone, and it hears them. */
bool hub_is_star(const struct hub *hub)
{
	const struct address *first = hub->crowd.plan->sides[0].reader;

	return strcmp(SETTINGS(first->options, hub)->hub, "star") == 0;
}

/* Whether what one says is for the other: -u lets nobody but the second address hear, -U lets it alone speak. */
static bool hub_is_for(const struct hub *hub, const struct member *from, const struct member *to)
{
	const struct relay_settings *relay = &hub->crowd.plan->relay;

	if (from == to)
		return from != NULL && from->settings->echo;
	if (from != NULL && hub_is_star(hub) && (from->door != NULL) == (to->door != NULL))
		return false;
	if (!relay->one_way || from == NULL)
		return true;
	return relay->way == RELAY_RIGHTWARD ? to->door == NULL : from->door == NULL;
}

/* Tells one member something. */
static void hub_tell(struct hub *hub, struct member *to, const char *data, size_t length)
{
	const char *slow = to->settings->slow;

	hub->touched = true;
	switch (member_tell(to, data, length)) {
	case MEMBER_ROOM:
		break;
	case MEMBER_WAITING:
		hub->waiting += !to->waiting;
		to->waiting = true;
		break;
	case MEMBER_FULL:
		if (slow != NULL && strcmp(slow, "drop") == 0)
			to->dropped++;
		else
			to->lost = to->slow = true;
		break;
	}
}

/* Tells everybody whom it is for. */
static void hub_tell_all(struct hub *hub, const struct member *from, const char *data,
	size_t length)
{
	for (struct member *to = hub->first; to != NULL; to = to->next) {
		if (hub_is_for(hub, from, to))
			hub_tell(hub, to, data, length);
	}
}

/* Tells everybody but one what has happened to that one, if the hub knows names. */
void hub_report(struct hub *hub, const struct member *who, const char *format, ...)
{
	struct text line = TEXT_EMPTY;
	va_list args;

	if (!who->settings->names)
		return;
	va_start(args, format);
	text_vprint(&line, format, args);
	va_end(args);
	text_add_char(&line, '\n');
	for (struct member *to = hub->first; to != NULL; to = to->next) {
		if (to != who)
			hub_tell(hub, to, line.data, line.length);
	}
	text_free(&line);
}

/* Answers one member alone. */
void hub_answer(struct hub *hub, struct member *to, const char *format, ...)
{
	struct text line = TEXT_EMPTY;
	va_list args;

	va_start(args, format);
	text_vprint(&line, format, args);
	va_end(args);
	text_add_char(&line, '\n');
	hub_tell(hub, to, line.data, line.length);
	text_free(&line);
}

static bool hub_lines(const struct member *member)
{
	const char *word = member->settings->hub;

	return word == NULL || (strcmp(word, "bytes") != 0 && strcmp(word, "star") != 0);
}

/* Passes on a piece of what a member has said. */
static void hub_say(struct hub *hub, const struct member *member, const struct piece *piece)
{
	bool named = member->name != NULL;
	bool unfinished = piece->length == 0 || piece->data[piece->length - 1] != '\n';

	/* with names every part is a line: what follows somebody else's line could pass for his otherwise */
	if (named && !piece->starts && piece->length == !unfinished)
		return; /* nothing is left of it but its end */
	text_clear(&hub->line);
	if (named)
		text_print(&hub->line, "<%s> ", member->name);
	text_add(&hub->line, piece->data, piece->length);
	if (unfinished && (named || piece->ends)) /* the next line begins on a line of its own */
		text_add_char(&hub->line, '\n');
	filter_pass(hub->watching[member->door == NULL], &hub->line);
	hub->lines += piece->ends;
	hub->bytes += piece->length;
	hub_tell_all(hub, member, hub->line.data, hub->line.length);
}

/* Tells a member what its own filters have to say to it, whatever else it is told. */
static void hub_reply(struct member *member)
{
	struct text reply = TEXT_EMPTY;

	filter_answer(member->hearing, &reply);
	if (reply.length > 0)
		member_reply(member, reply.data, reply.length);
	text_free(&reply);
}

/* Passes on what has become complete. */
void hub_pass_on(struct hub *hub, struct member *member, const char *data, size_t length)
{
	struct piece piece = { data, length, true, true };

	if (member->hearing != NULL) {
		text_clear(&member->line);
		text_add(&member->line, data, length);
		member->ended = filter_pass(member->hearing, &member->line) || member->ended;
		hub_reply(member);
		piece.data = member->line.data;
		piece.length = member->line.length;
	}
	if (piece.length == 0) /* an empty datagram would mean something else */
		return;
	if (!hub_lines(member)) {
		filter_pass(hub->watching[member->door == NULL],
			&(struct text){ (char *)piece.data, piece.length, piece.length });
		hub->bytes += piece.length;
		hub_tell_all(hub, member, piece.data, piece.length);
		return;
	}
	cutter_add(&member->cutter, piece.data, piece.length);
	while (cutter_next(&member->cutter, &piece)) {
		if (!hub_obey(hub, member, &piece))
			hub_say(hub, member, &piece);
	}
	if (queue_is_empty(&member->cutter.held))
		cutter_free(&member->cutter);
}

/* Hears a member out who says no more. */
void hub_hear_end(struct hub *hub, struct member *member)
{
	struct piece piece;

	if (cutter_rest(&member->cutter, &piece) && !hub_obey(hub, member, &piece))
		hub_say(hub, member, &piece);
	/* the second address has only stopped to speak; who came through a door goes */
	member->leaving = member->door != NULL;
	hub->touched = true;
}
