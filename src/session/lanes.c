/*
 * A lane is one connection: the endpoint that came through the door, the second address on its way to being open,
 * then the transfer between the two. Lanes never wait for each other. What goes wrong in one ends that one.
 */
#include "session/lanes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/resolve.h"
#include "session/crowd.h"
#include "session/environment.h"
#include "session/open.h"
#include "session/publish.h"
#include "session/transfer.h"

struct lane {
	struct guest guest;
	struct lane *next, **link; /* the list of all */
	struct door *door;
	struct opened sides[2];
	struct opening *opening; /* of the second address */
	int64_t retry_at;	 /* when to try again; CLOCK_NEVER: it is being opened, or open */
	int64_t retries;	 /* that are left */
	bool moving;
	struct transfer transfer;
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

/* Ends a lane and frees it. */
static void lane_close(struct lane *lane, struct crowd *crowd)
{
	struct error error = ERROR_EMPTY;
	struct door *door = lane->door;

	watch_remove(crowd->watch, &lane->guest.watcher);
	if (lane->moving)
		transfer_end(&lane->transfer, &error);
	error_clear(&error);
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
		result = transfer_begin(&lane->transfer, crowd->plan, lane->sides, &error);
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
		: lane->opening->ops->step(lane->opening, &lane->guest.watcher.set,
			  &lane->sides[1].endpoint, &error);

	if (result < 0) {
		error_name(&error, lanes_second(crowd)->text);
		lane_fail(lane, crowd, &error);
	} else if (result > 0) {
		lane_begin(lane, crowd);
	} else {
		lane_prepare(lane, crowd);
	}
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
		transfer_prepare(&lane->transfer, set);
	else if (lane->opening != NULL)
		lane->opening->ops->prepare(lane->opening, set);
	else
		pollset_deadline(set, lane->retry_at);
	crowd_update(crowd, &lane->guest);
}

static void lane_step(struct guest *guest, struct crowd *crowd)
{
	struct lane *lane = (struct lane *)guest;

	if (!lane->moving && lane->retry_at != CLOCK_NEVER) {
		lane_open(lane, crowd);
	} else if (!lane->moving) {
		lane_connect(lane, crowd);
	} else if (transfer_step(&lane->transfer, &guest->watcher.set)) {
		lane_close(lane, crowd);
	} else {
		transfer_relax(&lane->transfer);
		lane_prepare(lane, crowd);
	}
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
			transfer_statistics(&lane->transfer);
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
		result = crowd_run(&lanes.crowd, error);
	while (lanes.first != NULL)
		lane_close(lanes.first, &lanes.crowd);
	crowd_free(&lanes.crowd);
	resolve_forget(lanes.memory);
	return result;
}
