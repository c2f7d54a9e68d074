/*
 * A lane is one connection: the endpoint that came through the door, the second address on its way to being open,
 * then the transfer between the two. Lanes never wait for each other. What goes wrong in one ends that one.
 */
#include "session/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/resolve.h"
#include "session/crowd.h"
#include "session/environment.h"
#include "session/open.h"
#include "session/publish.h"
#include "session/statistics.h"
#include "session/transfer.h"

#define LANE_SLOTS 8		/* more than the descriptors that a transfer waits for */
#define LANE_PAUSE (SECOND / 2) /* so long a lane that was busy stays ready to be that again */

struct lane {
	struct guest guest;
	struct lane *next, **link; /* the list of all */
	struct door *door;
	struct opened sides[2];
	struct opening *opening; /* of the second address */
	int64_t retry_at;	 /* when to try again; CLOCK_NEVER: it is being opened, or open */
	int64_t retries;	 /* that are left */
	bool moving;
	struct transfer *transfer; /* NULL while it rests */
	struct transfer_rest rest;
};

struct lanes {
	struct crowd crowd;
	struct lane *first;
	struct resolve_memory *memory;
	bool changed; /* the process is what the second address wants it to be */
};

static void lane_prepare(struct lane *lane, struct crowd *crowd);

/* The address that every lane opens for itself. */
static const struct address *lanes_second(const struct crowd *crowd)
{
	return crowd->plan->sides[1].reader;
}

/* The transfer of a lane, which may have rested. */
static struct transfer *lane_wake(struct lane *lane, struct crowd *crowd)
{
	if (lane->transfer == NULL) {
		lane->transfer = memory_zero(1, sizeof(*lane->transfer));
		transfer_wake(lane->transfer, crowd->plan, lane->sides, &lane->rest);
	}
	return lane->transfer;
}

/* Ends a lane and frees it. */
static void lane_close(struct lane *lane, struct crowd *crowd)
{
	struct error error = ERROR_EMPTY;
	struct door *door = lane->door;

	watch_remove(crowd->watch, &lane->guest.watcher);
	if (lane->moving)
		transfer_end(lane_wake(lane, crowd), &error);
	error_clear(&error);
	free(lane->transfer);
	opening_free(lane->opening);
	open_close(&lane->sides[1]);
	open_close(&lane->sides[0]);
	*lane->link = lane->next;
	if (lane->next != NULL)
		lane->next->link = lane->link;
	free(lane);
	crowd_leave(crowd, door);
}

/* The second address can't be opened: try again, or give up. */
static void lane_fail(struct lane *lane, struct crowd *crowd, struct error *error)
{
	const struct retry_settings *retry = SETTINGS(lanes_second(crowd)->options, retry);

	opening_free(lane->opening);
	lane->opening = NULL;
	endpoint_close(&lane->sides[1].endpoint);
	if (error->kind == ERROR_FAILED && (retry->forever || lane->retries-- > 0)) {
		log_info("%s; trying again", error->message);
		error_clear(error);
		lane->retry_at = clock_after(retry->interval);
		lane_prepare(lane, crowd);
		return;
	}
	log_error_value(LOG_LEVEL_ERROR, error);
	error_clear(error);
	lane_close(lane, crowd);
}

/* Both sides are open. */
static void lane_begin(struct lane *lane, struct crowd *crowd)
{
	struct lanes *lanes = (struct lanes *)crowd;
	struct error error = ERROR_EMPTY;
	int result = 0;

	opening_free(lane->opening);
	lane->opening = NULL;
	if (!lanes->changed)
		result = environment_change(lanes_second(crowd), &error);
	lanes->changed = true;
	if (result == 0) {
		publish_endpoint(crowd->plan, &lane->sides[0].endpoint);
		lane->transfer = memory_zero(1, sizeof(*lane->transfer));
		result = transfer_begin(lane->transfer, crowd->plan, lane->sides, &error);
		publish_withdraw(crowd->plan, &lane->sides[0].endpoint);
		endpoint_forget(&lane->sides[0].endpoint);
		lane->moving = true;
	}
	if (result == 0) {
		lane_prepare(lane, crowd);
		return;
	}
	log_error_value(LOG_LEVEL_ERROR, &error);
	error_clear(&error);
	lane_close(lane, crowd);
}

/* Goes on with opening the second address. */
static void lane_connect(struct lane *lane, struct crowd *crowd)
{
	struct error error = ERROR_EMPTY;
	int result = lane->opening == NULL
		? 1
		: open_step(lanes_second(crowd), lane->opening, &lane->guest.watcher.set,
			  &lane->sides[1].endpoint, &error);

	if (result < 0)
		lane_fail(lane, crowd, &error);
	else if (result > 0)
		lane_begin(lane, crowd);
	else
		lane_prepare(lane, crowd);
}

/* Starts to open the second address. */
static void lane_open(struct lane *lane, struct crowd *crowd)
{
	struct lanes *lanes = (struct lanes *)crowd;
	struct error error = ERROR_EMPTY;
	int result;

	lane->retry_at = CLOCK_NEVER;
	publish_endpoint(crowd->plan, &lane->sides[0].endpoint);
	result = open_start(crowd->plan, lanes_second(crowd), crowd->plan->sides[1].use,
		lanes->memory, &lane->sides[1].endpoint, &lane->opening, &error);
	publish_withdraw(crowd->plan, &lane->sides[0].endpoint);
	if (result < 0)
		lane_fail(lane, crowd, &error);
	else
		lane_connect(lane, crowd);
}

/* Tells the loop what the lane waits for. */
static void lane_prepare(struct lane *lane, struct crowd *crowd)
{
	struct pollset *set = &lane->guest.watcher.set;

	/* a try that has failed may have closed a descriptor whose number the next one has again */
	if (!lane->moving)
		watch_forget(crowd->watch, &lane->guest.watcher);
	pollset_clear(set);
	if (lane->moving)
		transfer_prepare(lane->transfer, set);
	else if (lane->opening != NULL)
		lane->opening->ops->prepare(lane->opening, set);
	else
		pollset_deadline(set, lane->retry_at);
	crowd_update(crowd, &lane->guest);
}

/* Wakes the transfer, which finds in the set what has come for it while it rested. */
static void lane_answer(struct lane *lane, struct crowd *crowd)
{
	struct pollset *set = &lane->guest.watcher.set;
	struct pollfd answers[LANE_SLOTS];
	size_t count = set->count < LANE_SLOTS ? set->count : LANE_SLOTS;

	if (lane->transfer != NULL)
		return;
	memcpy(answers, set->slots, count * sizeof(*answers));
	pollset_clear(set);
	transfer_prepare(lane_wake(lane, crowd), set);
	for (size_t i = 0; i < set->count; i++) {
		for (size_t j = 0; j < count; j++) {
			if (set->slots[i].fd == answers[j].fd)
				set->slots[i].revents = answers[j].revents;
		}
	}
}

/* Moves data. A lane with nothing to move rests, at once if it was never busy. */
static void lane_move(struct lane *lane, struct crowd *crowd)
{
	const struct relay *relay;
	bool busy, moved;

	lane_answer(lane, crowd);
	if (transfer_step(lane->transfer, &lane->guest.watcher.set)) {
		lane_close(lane, crowd);
		return;
	}
	relay = &lane->transfer->relay;
	moved = relay->flows[0].moved || relay->flows[1].moved;
	busy = fast_is_on(&relay->flows[0].fast) || fast_is_on(&relay->flows[1].fast) ||
		relay->flows[0].full_blocks > 0 || relay->flows[1].full_blocks > 0;
	lane_prepare(lane, crowd);
	if (busy && moved) {
		pollset_deadline(&lane->guest.watcher.set, clock_after(LANE_PAUSE));
		crowd_update(crowd, &lane->guest);
	} else if (transfer_rest(lane->transfer, &lane->rest)) {
		free(lane->transfer);
		lane->transfer = NULL;
	}
}

static void lane_step(struct guest *guest, struct crowd *crowd)
{
	struct lane *lane = (struct lane *)guest;

	if (lane->moving)
		lane_move(lane, crowd);
	else if (lane->retry_at != CLOCK_NEVER)
		lane_open(lane, crowd);
	else
		lane_connect(lane, crowd);
}

/* Somebody has come through the door. */
static void lanes_welcome(struct crowd *crowd, struct door *door, struct endpoint *endpoint)
{
	struct lanes *lanes = (struct lanes *)crowd;
	struct lane *lane = memory_zero(1, sizeof(*lane));

	lane->guest.step = lane_step;
	lane->door = door;
	lane->sides[0].endpoint = *endpoint;
	lane->retries = SETTINGS(lanes_second(crowd)->options, retry)->retry;
	lane->next = lanes->first;
	lane->link = &lanes->first;
	if (lane->next != NULL)
		lane->next->link = &lane->next;
	lanes->first = lane;
	lane_open(lane, crowd);
}

/* The program of one of the lanes has ended. */
static void lanes_program_ended(struct crowd *crowd, pid_t pid, int status)
{
	for (struct lane *lane = ((struct lanes *)crowd)->first; lane != NULL; lane = lane->next) {
		if (!open_program_ended(lane->sides, pid, status))
			continue;
		watch_wake(crowd->watch, &lane->guest.watcher);
		return;
	}
}

static void lanes_statistics(struct crowd *crowd)
{
	for (struct lane *lane = ((struct lanes *)crowd)->first; lane != NULL; lane = lane->next) {
		if (lane->moving)
			statistics_print(lane_wake(lane, crowd));
	}
}

/*
 * Serves the connections of the first address of a plan until a signal ends that, or accept-timeout. Returns 0, or
 * -1 with the error filled.
 */
int lanes_run(const struct plan *plan, struct error *error)
{
	static const struct crowd_ops ops = {
		.welcome = lanes_welcome,
		.program_ended = lanes_program_ended,
		.statistics = lanes_statistics,
	};
	struct lanes lanes = { 0 };
	int result = crowd_init(&lanes.crowd, &ops, plan, error);

	lanes.memory = resolve_remember();
	if (result == 0)
		result = open_look_up(plan, plan->sides[1].reader, lanes.memory, error);
	if (result == 0)
		result = crowd_open_door(&lanes.crowd, plan->sides[0].reader, error);
	if (result == 0)
		result = environment_settle(plan->sides[1].reader, error);
	if (result == 0)
		result = crowd_run(&lanes.crowd, error);
	while (lanes.first != NULL)
		lane_close(lanes.first, &lanes.crowd);
	crowd_free(&lanes.crowd);
	resolve_forget(lanes.memory);
	return result;
}
