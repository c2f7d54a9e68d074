/*
 * One conversation. What a member says goes to all others, line by line, so that half lines never mix; what waits
 * for a slow one waits in its own queue. Members are written to once in a turn of the loop, after everybody has been
 * heard, so that many lines leave in one piece.
 */
#include "session/hub.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "filter/dump.h"
#include "filter/lines.h"
#include "session/copies.h"
#include "session/member.h"
#include "session/nick.h"
#include "session/open.h"

#define HUB_BLOCK 65536
#define HUB_FAREWELL (SECOND / 2) /* how long the last words may take, unless -t says otherwise */

struct hub {
	struct crowd crowd;
	struct member *first;
	struct opened second; /* the second address, unless it listens too, or is missing */
	struct filter *
		watching[2]; /* -v, -x, -r and -R: of who came through a door, of the second address */
	struct text line;
	size_t waiting; /* for so many members the others wait */
	bool touched;	/* somebody was told something in this turn, or goes */
	uint64_t lines, bytes;
	char buffer[HUB_BLOCK];
};

static bool hub_lines(const struct member *member)
{
	return member->settings->hub == NULL || strcmp(member->settings->hub, "bytes") != 0;
}

/* Whether what one says is for the other: -u lets nobody but the second address hear, -U lets it alone speak. */
static bool hub_is_for(const struct hub *hub, const struct member *from, const struct member *to)
{
	const struct relay_settings *relay = &hub->crowd.plan->relay;

	if (from == to)
		return from != NULL && from->settings->echo;
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
static void hub_report(struct hub *hub, const struct member *who, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void hub_report(struct hub *hub, const struct member *who, const char *format, ...)
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
static void hub_answer(struct hub *hub, struct member *to, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void hub_answer(struct hub *hub, struct member *to, const char *format, ...)
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

/* Who has that name, or NULL. */
static const struct member *hub_find(const struct hub *hub, const char *name)
{
	for (const struct member *member = hub->first; member != NULL; member = member->next) {
		if (member->name != NULL && nick_same(member->name, name))
			return member;
	}
	return NULL;
}

/* A name like the given one that nobody has. Owned by the caller. */
static char *hub_unique(const struct hub *hub, const char *wish)
{
	char *name = nick_clean(wish);

	for (int i = 2; hub_find(hub, name) != NULL; i++) {
		free(name);
		name = nick_numbered(wish, i);
	}
	return name;
}

/* What a peer is called before it says otherwise: its address, or on UNIX sockets its user. */
static char *hub_first_name(const struct hub *hub, const struct endpoint *endpoint)
{
	char text[SOCKADDR_TEXT];
	long user = endpoint_user(endpoint);

	if (endpoint->more == NULL)
		return hub_unique(hub, "");
	if (user >= 0)
		snprintf(text, sizeof(text), "uid%ld", user);
	else
		sockaddr_plain(&endpoint->more->peer, text);
	return hub_unique(hub, text);
}

/* /nick NAME */
static void hub_rename(struct hub *hub, struct member *member, const char *name, size_t length)
{
	const char *reason = nick_check(name, length);
	const struct member *other;
	char *wish;

	if (reason != NULL) {
		hub_answer(hub, member, "* %s", reason);
		return;
	}
	wish = memory_copy(name, length);
	other = hub_find(hub, wish);
	if (other != NULL && other != member) {
		hub_answer(hub, member, _("* the name %s is taken"), wish);
		free(wish);
		return;
	}
	hub_report(hub, member, _("* %s is now %s"), member->name, wish);
	hub_answer(hub, member, _("* you are now %s"), wish);
	free(member->name);
	member->name = wish;
}

/* /who */
static void hub_list(struct hub *hub, struct member *member)
{
	struct text names = TEXT_EMPTY;

	for (const struct member *other = hub->first; other != NULL; other = other->next) {
		if (other->name == NULL)
			continue;
		text_add_string(&names, names.length > 0 ? ", " : "");
		text_add_string(&names, other->name);
	}
	hub_answer(hub, member, _("* here: %s"), names.data);
	text_free(&names);
}

/* Whether the text begins with the word, and nothing or a blank follows; *rest is what does. */
static bool hub_is_command(const char *data, size_t length, const char *word, const char **rest)
{
	size_t size = strlen(word);

	if (length < size || memcmp(data, word, size) != 0 || (length > size && data[size] != ' '))
		return false;
	*rest = data + size;
	return true;
}

/* Obeys a line that is a command, and returns whether it was one. */
static bool hub_obey(struct hub *hub, struct member *member, const struct piece *piece)
{
	const char *data = piece->data, *rest = NULL;
	size_t length = piece->length;

	if (!member->settings->names || !piece->starts || !piece->ends || data[0] != '/')
		return false;
	while (length > 0 && strchr("\r\n ", data[length - 1]) != NULL && data[length - 1] != '\0')
		length--;
	if (hub_is_command(data, length, "/who", &rest)) {
		hub_list(hub, member);
		return true;
	}
	if (!hub_is_command(data, length, "/nick", &rest))
		return false;
	while (rest < data + length && *rest == ' ')
		rest++;
	hub_rename(hub, member, rest, (size_t)(data + length - rest));
	return true;
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

/* Passes on what has become complete. */
static void hub_pass_on(struct hub *hub, struct member *member, const char *data, size_t length)
{
	struct piece piece = { data, length, true, true };

	if (member->hearing != NULL) {
		text_clear(&member->line);
		text_add(&member->line, data, length);
		member->ended = filter_pass(member->hearing, &member->line) || member->ended;
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
static void hub_hear_end(struct hub *hub, struct member *member)
{
	struct piece piece;

	if (cutter_rest(&member->cutter, &piece) && !hub_obey(hub, member, &piece))
		hub_say(hub, member, &piece);
	/* the second address has only stopped to speak; who came through a door goes */
	member->leaving = member->door != NULL;
	hub->touched = true;
}

static void hub_update(struct hub *hub, struct member *member)
{
	member_prepare(member, hub->waiting == 0, hub->crowd.plan->relay.idle);
	crowd_update(&hub->crowd, &member->guest);
}

static void hub_step(struct guest *guest, struct crowd *crowd)
{
	struct hub *hub = (struct hub *)crowd;
	struct member *member = (struct member *)guest;
	const struct pollset *set = &guest->watcher.set;
	int64_t idle = crowd->plan->relay.idle;
	bool had_ended = member->ended;

	if (pollset_result(set, member->to_slot) != 0)
		member_flush(member);
	if (hub->waiting == 0 && member_is_heard(member) &&
		(pollset_result(set, member->from_slot) != 0 || stream_pending(member->reader))) {
		ssize_t n = member_listen(member, hub->buffer, sizeof(hub->buffer));

		if (n > 0)
			hub_pass_on(hub, member, hub->buffer, (size_t)n);
		if (member->ended && !had_ended)
			hub_hear_end(hub, member);
		crowd->over = crowd->over || member->leaves;
	}
	if (idle >= 0 && member->door != NULL && clock_now() - member->heard >= idle) {
		log_notice("inactivity timeout triggered");
		/* what it is still to be told gets as much time again */
		member->lost = member->lost || member->leaving;
		member->leaving = true;
		member->heard = clock_now();
	}
	hub->touched = true;
	hub_update(hub, member);
}

/* Puts somebody among the members. */
static struct member *hub_add(struct hub *hub, struct door *door, const struct address *address)
{
	const struct transfer_settings *transfer = SETTINGS(address->options, transfer);
	struct member *member = memory_zero(1, sizeof(*member));

	member->guest.step = hub_step;
	member->door = door;
	member->settings = SETTINGS(address->options, hub);
	member->heard = clock_now();
	if (transfer->line_ends != LINE_ENDS_LF) {
		filter_append(&member->hearing, lines_reading((enum line_ends)transfer->line_ends));
		filter_append(&member->speaking,
			lines_writing((enum line_ends)transfer->line_ends));
	}
	member->next = hub->first;
	member->link = &hub->first;
	if (member->next != NULL)
		member->next->link = &member->next;
	hub->first = member;
	return member;
}

/* Tells somebody what he is called. */
static void hub_greet(struct hub *hub, struct member *member)
{
	hub_answer(hub, member,
		_("* you are %s; /nick NAME gives you another name, /who says who is here"),
		member->name);
}

/* Somebody has come through a door. */
static void hub_welcome(struct crowd *crowd, struct door *door, struct endpoint *endpoint)
{
	struct hub *hub = (struct hub *)crowd;
	struct member *member = hub_add(hub, door, door->address);

	member->endpoint = *endpoint;
	member->reader = endpoint->reader;
	member->writer = endpoint->writer;
	member->empty_ends = endpoint->empty_ends;
	if (member->settings->names) {
		member->name = hub_first_name(hub, endpoint);
		hub_report(hub, member, _("* %s joined"), member->name);
		hub_greet(hub, member);
	}
	hub_update(hub, member);
}

/* Somebody goes. */
static void hub_remove(struct hub *hub, struct member *member)
{
	*member->link = member->next;
	if (member->next != NULL)
		member->next->link = member->link;
	hub->waiting -= member->waiting;
	if (member->slow)
		log_warning(_("a member that was too slow had to go%s%s"),
			member->name != NULL ? ": " : "", member->name != NULL ? member->name : "");
	if (member->name != NULL && member->slow)
		hub_report(hub, member, _("* %s left: too slow"), member->name);
	else if (member->name != NULL)
		hub_report(hub, member, _("* %s left"), member->name);
	if (member->dropped > 0)
		log_notice("%llu lines were left out for a slow member",
			(unsigned long long)member->dropped);
	watch_remove(hub->crowd.watch, &member->guest.watcher);
	if (member->door != NULL)
		crowd_leave(&hub->crowd, member->door);
	member_free(member);
}

/* One round of telling everybody what waits. Returns whether somebody went, and was talked about. */
static bool hub_settle_once(struct hub *hub)
{
	struct member *next;
	bool gone = false;

	for (struct member *member = hub->first; member != NULL; member = next) {
		bool nowait = member->writer != NULL && (member->writer->traits & STREAM_NOWAIT);

		next = member->next;
		if (member_has_output(member) && nowait)
			member_flush(member);
		if (member->waiting && (member->lost || member_is_relieved(member))) {
			member->waiting = false;
			hub->waiting--;
		}
		if (member->lost || (member->leaving && !member_has_output(member))) {
			hub_remove(hub, member);
			gone = true;
		}
	}
	return gone;
}

/* The end of a turn: what was said goes out. */
static void hub_settle(struct crowd *crowd)
{
	struct hub *hub = (struct hub *)crowd;

	if (!hub->touched)
		return;
	while (hub_settle_once(hub))
		;
	for (struct member *member = hub->first; member != NULL; member = member->next)
		hub_update(hub, member);
	hub->touched = false;
}

static void hub_program_ended(struct crowd *crowd, pid_t pid, int status)
{
	struct opened sides[2] = { { .endpoint = { 0 } }, ((struct hub *)crowd)->second };

	open_program_ended(sides, pid, status);
}

static void hub_resize(struct crowd *crowd)
{
	stream_resize(((struct hub *)crowd)->second.endpoint.reader);
}

static void hub_statistics(struct crowd *crowd)
{
	const struct hub *hub = (const struct hub *)crowd;

	log_forced(LOG_LEVEL_INFO, "STATISTICS: hub: %llu line(s), %llu byte(s), %zu member(s)",
		(unsigned long long)hub->lines, (unsigned long long)hub->bytes, crowd->inside);
}

/* Gives who sits at the second address a place in the conversation. */
static void hub_seat_second(struct hub *hub)
{
	const struct plan_side *side = &hub->crowd.plan->sides[1];
	const struct hub_settings *rules = SETTINGS(hub->crowd.plan->sides[0].reader->options, hub);
	const char *user = getenv("LOGNAME");
	struct member *member = hub_add(hub, NULL, side->reader);

	member->settings = rules;
	member->reader = hub->second.endpoint.reader;
	member->writer = opened_writer(&hub->second);
	member->empty_ends = hub->second.endpoint.empty_ends;
	if (rules->names && (side->reader->type->traits & TRAIT_STDIO) && user != NULL)
		member->name = hub_unique(hub, user);
	else if (rules->names)
		member->name = hub_unique(hub, side->reader->type->name);
	/* a person wants to know, a program would take it for something that was said */
	if (member->name != NULL && member->reader != NULL && member->writer != NULL &&
		(member->reader->traits & STREAM_ATTENDS))
		hub_greet(hub, member);
	hub_update(hub, member);
}

/* What the whole conversation is shown to: -v, -x, -r, -R. */
static int hub_watch(struct hub *hub, struct error *error)
{
	const struct plan *plan = hub->crowd.plan;

	for (int way = 0; way < 2; way++) {
		if (plan->dump != 0)
			filter_append(&hub->watching[way],
				dump_to(STDERR_FILENO, way == 0 ? '>' : '<', plan->dump));
		if (plan->copies[way] != NULL) {
			int fd = copies_open(plan->copies[way], error);

			if (fd < 0)
				return -1;
			filter_append(&hub->watching[way], dump_raw(fd));
		}
	}
	return 0;
}

/* Opens the doors and the second address. */
static int hub_open(struct hub *hub, struct error *error)
{
	const struct plan *plan = hub->crowd.plan;
	const struct address *second = plan->sides[1].reader;

	if (hub_watch(hub, error) < 0 ||
		crowd_open_door(&hub->crowd, plan->sides[0].reader, error) < 0)
		return -1;
	if (plan->alone)
		return 0;
	if (SETTINGS(second->options, hub)->hub != NULL)
		return crowd_open_door(&hub->crowd, second, error);
	if (open_side(plan, 1, &hub->second, error) < 0)
		return -1;
	hub_seat_second(hub);
	return 0;
}

/* Tells the members that it is over, and gives them a short time to hear it and what else waits for them. */
static void hub_say_farewell(struct hub *hub)
{
	int64_t linger = hub->crowd.plan->relay.linger;
	int64_t deadline = clock_after(linger >= 0 ? linger : HUB_FAREWELL);
	struct pollset set = { 0 };

	for (struct member *member = hub->first; member != NULL; member = member->next) {
		if (member->name != NULL)
			hub_answer(hub, member, _("* this room closes"));
		member_flush(member);
	}
	while (clock_now() < deadline) {
		pollset_clear(&set);
		for (struct member *member = hub->first; member != NULL; member = member->next) {
			member->to_slot = POLLSET_NONE;
			if (member_has_output(member))
				member->to_slot = pollset_add(&set, member->writer->wfd, POLLOUT);
		}
		pollset_deadline(&set, deadline);
		if (set.count == 0 || pollset_wait(&set) < 0)
			break;
		for (struct member *member = hub->first; member != NULL; member = member->next) {
			if (pollset_result(&set, member->to_slot) != 0)
				member_flush(member);
		}
	}
	pollset_free(&set);
}

/* Takes everybody out, without a word to the others. */
static void hub_clear(struct hub *hub)
{
	while (hub->first != NULL) {
		struct member *member = hub->first;

		hub->first = member->next;
		watch_remove(hub->crowd.watch, &member->guest.watcher);
		member_free(member);
	}
}

/* Runs a hub until a signal ends it, or accept-timeout when nobody is left. Returns 0, or -1 with the error filled. */
int hub_run(const struct plan *plan, struct error *error)
{
	static const struct crowd_ops ops = {
		.welcome = hub_welcome,
		.program_ended = hub_program_ended,
		.statistics = hub_statistics,
		.resize = hub_resize,
		.settle = hub_settle,
	};
	struct hub *hub = memory_zero(1, sizeof(*hub));
	int result = crowd_init(&hub->crowd, &ops, plan, error);

	if (result == 0)
		result = hub_open(hub, error);
	if (result == 0)
		result = crowd_run(&hub->crowd, error);
	hub_say_farewell(hub);
	if (plan->statistics)
		hub_statistics(&hub->crowd);
	hub_clear(hub);
	open_close(&hub->second);
	crowd_free(&hub->crowd);
	for (int way = 0; way < 2; way++)
		filter_free(hub->watching[way]);
	text_free(&hub->line);
	free(hub);
	return result;
}
