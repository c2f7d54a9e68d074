/*
 * One conversation. What a member says goes to all others, line by line, so that half lines never mix; what waits
 * for a slow one waits in its own queue. Members are written to once in a turn of the loop, after everybody has been
 * heard, so that many lines leave in one piece. Here is who is there and what happens when; hub_state.h names the rest.
 */
#include "session/hub.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "filter/dump.h"
#include "filter/lines.h"
#include "filter/telnet.h"
#include "session/copies.h"
#include "session/digests.h"
#include "session/hub_state.h"
#include "session/taps.h"

#define HUB_FAREWELL (SECOND / 2) /* how long the last words may take, unless -t says otherwise */

/* Whether somebody is there who listens. */
static bool hub_has_audience(const struct hub *hub)
{
	for (const struct member *member = hub->first; member != NULL; member = member->next) {
		if (member->door != NULL && !member->leaving && !member->lost)
			return true;
	}
	return false;
}

/* Whether a member may speak now. The middle of a star doesn't, while nobody is there to hear it. */
static bool hub_may_speak(const struct hub *hub, const struct member *member)
{
	return hub->waiting == 0 &&
		(member->door != NULL || !hub_is_star(hub) || hub_has_audience(hub));
}

static void hub_update(struct hub *hub, struct member *member)
{
	member_prepare(member, hub_may_speak(hub, member), hub->crowd.plan->relay.idle);
	crowd_update(&hub->crowd, &member->guest);
}

/* Hears what a member says; while it has to wait for others, only what the person at the keyboard wants. */
static void hub_listen(struct hub *hub, struct member *member)
{
	bool had_ended = member->ended;
	ssize_t n;

	if (!hub_may_speak(hub, member)) {
		member_look_after(member);
	} else {
		n = member_listen(member, hub->buffer, sizeof(hub->buffer));
		if (n > 0)
			hub_pass_on(hub, member, hub->buffer, (size_t)n);
		if (member->ended && !had_ended)
			hub_hear_end(hub, member);
	}
	hub->crowd.over = hub->crowd.over || member->leaves;
}

static void hub_step(struct guest *guest, struct crowd *crowd)
{
	struct hub *hub = (struct hub *)crowd;
	struct member *member = (struct member *)guest;
	const struct pollset *set = &guest->watcher.set;
	int64_t idle = crowd->plan->relay.idle;

	if (pollset_result(set, member->to_slot) != 0)
		member_flush(member);
	if (member_is_heard(member) &&
		(pollset_result(set, member->from_slot) != 0 || stream_pending(member->reader)))
		hub_listen(hub, member);
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
	if (transfer->telnet)
		filter_append(&member->hearing, telnet_reading());
	if (transfer->line_ends != LINE_ENDS_LF) {
		filter_append(&member->hearing, lines_reading((enum line_ends)transfer->line_ends));
		filter_append(&member->speaking,
			lines_writing((enum line_ends)transfer->line_ends));
	}
	if (transfer->crlf_out)
		filter_append(&member->speaking, lines_completing());
	member->next = hub->first;
	member->link = &hub->first;
	if (member->next != NULL)
		member->next->link = &member->next;
	hub->first = member;
	return member;
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
	taps_watch_endpoint(crowd->plan, door == &crowd->doors[0] ? 0 : 1, &member->endpoint);
	if (member->settings->names) {
		member->name = hub_first_name(hub, endpoint);
		hub_report(hub, member, ROOM_JOINED, member->name);
		hub_greet(hub, member);
	}
	hub->touched = hub->touched || hub_is_star(hub);
	hub_update(hub, member);
}

/* What a member has said and was told, as a digest. */
static void hub_tell_digests(const struct hub *hub, const struct member *member)
{
	const struct plan *plan = hub->crowd.plan;
	bool first = member->door == &hub->crowd.doors[0];

	if (plan->digest != NULL)
		digests_tell_member(plan, first ? 0 : 1, member->reader, member->writer);
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
		hub_report(hub, member, ROOM_LEFT_SLOW, member->name);
	else if (member->name != NULL)
		hub_report(hub, member, ROOM_LEFT, member->name);
	if (member->dropped > 0)
		log_notice("%llu lines were left out for a slow member",
			(unsigned long long)member->dropped);
	hub_tell_digests(hub, member);
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
	struct text line = TEXT_EMPTY;

	if (crowd->plan->statistics_json) {
		text_print(&line,
			"{\"hub\": {\"lines\": %llu, \"bytes\": %llu, \"members\": %zu}}\n",
			(unsigned long long)hub->lines, (unsigned long long)hub->bytes,
			crowd->inside);
		log_show(&line);
		return;
	}
	log_forced(LOG_LEVEL_INFO, _("STATISTICS: hub: %llu line(s), %llu byte(s), %zu member(s)"),
		(unsigned long long)hub->lines, (unsigned long long)hub->bytes, crowd->inside);
}

/* Gives who sits at the second address a place in the conversation. */
static void hub_seat_second(struct hub *hub)
{
	const struct plan_side *side = &hub->crowd.plan->sides[1];
	const struct hub_settings *rules = SETTINGS(hub->crowd.plan->sides[0].reader->options, hub);
	const char *user = getenv("LOGNAME") != NULL ? getenv("LOGNAME") : getenv("USER");
	struct member *member = hub_add(hub, NULL, side->reader);

	member->settings = rules;
	member->reader = hub->second.endpoint.reader;
	member->writer = opened_writer(&hub->second);
	member->empty_ends = hub->second.endpoint.empty_ends;
	if (rules->names && (side->reader->type->traits & TRAIT_STDIO) && user != NULL)
		member->name = hub_unique_name(hub, user);
	else if (rules->names)
		member->name = hub_unique_name(hub, side->reader->type->name);
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
				dump_to(plan->dump_fd, way == 0 ? '>' : '<', plan->dump));
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
	taps_watch(plan, (const struct opened[]){ { .more = NULL }, hub->second });
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
			hub_answer(hub, member, ROOM_CLOSES);
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
		hub_tell_digests(hub, member);
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
