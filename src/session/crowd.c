#include "session/crowd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/process.h"
#include "io/signals.h"
#include "session/environment.h"
#include "session/open.h"

#define CROWD_BURST 64 /* how many are let in at once, while those inside wait */
#define CROWD_BREATH \
	(SECOND / 10) /* the pause after a failure that may last, such as no descriptors */

/* Tells the loop what a guest waits for from now on, which stands in its set. */
void crowd_update(struct crowd *crowd, struct guest *guest)
{
	watch_update(crowd->watch, &guest->watcher);
}

/* Whether another one may come in. */
static bool door_has_room(const struct door *door)
{
	int most = SETTINGS(door->address->options, child)->max_children;

	return most <= 0 || door->inside < (size_t)most;
}

static bool door_pending(const struct door *door)
{
	const struct acceptor *acceptor = door->acceptor;

	return acceptor->ops->pending != NULL && acceptor->ops->pending(acceptor);
}

/* Asks for the next one, unless there is no room: a door that is full is simply not watched. */
static void door_prepare(struct door *door, struct crowd *crowd)
{
	struct pollset *set = &door->guest.watcher.set;
	bool room = door_has_room(door);

	pollset_clear(set);
	door->slot = POLLSET_NONE;
	if (!room && !door->full)
		log_notice("maxchildren are active, waiting");
	door->full = !room;
	if (room && !crowd->closed) {
		if (door->resting != CLOCK_NEVER)
			pollset_deadline(set, door->resting);
		else
			door->slot = pollset_add(set, door->acceptor->fd, POLLIN);
		if (door->resting == CLOCK_NEVER && door_pending(door))
			pollset_deadline(set, 0);
		pollset_deadline(set, door->deadline);
	}
	crowd_update(crowd, &door->guest);
}

/* Somebody couldn't be let in. It may be for want of descriptors, so those inside go on for a while. */
static void door_fail(struct door *door, struct error *error)
{
	error_name(error, door->address->text);
	log_error_value(door->failing ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, error);
	error_clear(error);
	door->failing = true;
	door->resting = clock_after(CROWD_BREATH);
}

/* Takes a newcomer off the list and frees it; the endpoint is somebody else's, or closed. */
static void newcomer_free(struct newcomer *newcomer, struct crowd *crowd)
{
	watch_remove(crowd->watch, &newcomer->guest.watcher);
	opening_free(newcomer->opening);
	*newcomer->link = newcomer->next;
	if (newcomer->next != NULL)
		newcomer->next->link = newcomer->link;
	free(newcomer);
}

/* Somebody couldn't be greeted: he is sent away. */
static void crowd_reject(struct crowd *crowd, struct door *door, struct endpoint *endpoint,
	struct error *error)
{
	error_name(error, door->address->text);
	log_error_value(LOG_LEVEL_ERROR, error);
	error_clear(error);
	endpoint_close(endpoint);
	crowd_leave(crowd, door);
}

/* Goes on with greeting somebody, and lets him in once that is done. */
static void newcomer_step(struct guest *guest, struct crowd *crowd)
{
	struct newcomer *newcomer = (struct newcomer *)guest;
	struct door *door = newcomer->door;
	struct endpoint endpoint;
	struct error error = ERROR_EMPTY;
	int result = newcomer->opening->ops->step(newcomer->opening, &guest->watcher.set,
		&newcomer->endpoint, &error);

	if (result == 0) {
		pollset_clear(&guest->watcher.set);
		newcomer->opening->ops->prepare(newcomer->opening, &guest->watcher.set);
		crowd_update(crowd, guest);
		return;
	}
	endpoint = newcomer->endpoint;
	newcomer_free(newcomer, crowd);
	if (result < 0)
		crowd_reject(crowd, door, &endpoint, &error);
	else
		crowd->ops->welcome(crowd, door, &endpoint);
}

/* Does what has to be done with somebody before he can be let in, while those inside go on. */
static void crowd_greet(struct crowd *crowd, struct door *door, struct endpoint *endpoint)
{
	struct newcomer *newcomer = memory_zero(1, sizeof(*newcomer));
	struct error error = ERROR_EMPTY;

	newcomer->guest.step = newcomer_step;
	newcomer->door = door;
	newcomer->opening = door->address->type->greet(door->address, endpoint, &error);
	newcomer->endpoint = *endpoint;
	if (newcomer->opening == NULL) {
		free(newcomer);
		crowd_reject(crowd, door, endpoint, &error);
		return;
	}
	newcomer->next = crowd->newcomers;
	newcomer->link = &crowd->newcomers;
	if (newcomer->next != NULL)
		newcomer->next->link = &newcomer->next;
	crowd->newcomers = newcomer;
	newcomer_step(&newcomer->guest, crowd);
}

/* Whether somebody stands before the door. */
static bool door_is_wanted(const struct door *door)
{
	struct pollfd slot = { .fd = door->acceptor->fd, .events = POLLIN };

	return door_pending(door) || call_poll(&slot, 1, 0) > 0;
}

/* Lets in who is there. */
static void door_step(struct guest *guest, struct crowd *crowd)
{
	struct door *door = (struct door *)guest;
	bool wanted = pollset_result(&guest->watcher.set, door->slot) != 0 || door_pending(door);

	door->resting = CLOCK_NEVER;
	for (int i = 0; i < CROWD_BURST && door_has_room(door); i++) {
		struct endpoint endpoint = { 0 };
		struct error error = ERROR_EMPTY;
		int result;

		if (i > 0 || !wanted)
			wanted = door_is_wanted(door);
		if (!wanted)
			break;
		result = door->acceptor->ops->accept(door->acceptor, &endpoint, &error);
		if (result < 0) {
			door_fail(door, &error);
			break;
		}
		if (result == 0)
			continue;
		door->failing = false;
		door->deadline = clock_after(
			SETTINGS(door->address->options, listen)->accept_timeout);
		door->inside++;
		crowd->inside++;
		if (door->address->type->greet != NULL)
			crowd_greet(crowd, door, &endpoint);
		else
			crowd->ops->welcome(crowd, door, &endpoint);
	}
	if (clock_now() >= door->deadline) {
		log_warning("%s: %s", door->address->text, _("accept: Connection timed out"));
		crowd->closed = true;
		crowd->over = crowd->inside == 0;
	}
	door_prepare(door, crowd);
}

/* Somebody who came through the door has left; door is NULL for who came otherwise. */
void crowd_leave(struct crowd *crowd, struct door *door)
{
	crowd->inside--;
	if (door != NULL) {
		door->inside--;
		/* there may be descriptors again */
		if (door->full || door->resting != CLOCK_NEVER) {
			door->resting = CLOCK_NEVER;
			door_prepare(door, crowd);
		}
	}
	if (crowd->closed && crowd->inside == 0)
		crowd->over = true;
}

/* Takes the status of every program that has ended. */
static void crowd_reap(struct crowd *crowd)
{
	pid_t pid;
	int status;

	while ((pid = process_reap(&status)) > 0)
		crowd->ops->program_ended(crowd, pid, status);
}

/* Does what the signals ask for. */
static void crowd_signals(struct guest *guest, struct crowd *crowd)
{
	struct pollset *set = &guest->watcher.set;
	int number = signals_ending();

	if (number != 0) {
		error_signal(crowd->error, number);
		crowd->over = true;
		return;
	}
	if (signals_take_statistics())
		crowd->ops->statistics(crowd);
	if (signals_take_window() && crowd->ops->resize != NULL)
		crowd->ops->resize(crowd);
	pollset_clear(set);
	pollset_add(set, signals_fd(), POLLIN);
	crowd_update(crowd, guest);
}

/* A crowd with nobody in it. Returns -1 with the error filled on failure; crowd_free has its work in any case. */
int crowd_init(struct crowd *crowd, const struct crowd_ops *ops, const struct plan *plan,
	struct error *error)
{
	*crowd = (struct crowd){ .ops = ops, .plan = plan, .error = error };
	memory_give_back();
	if (fd_allow_many() < 0)
		log_info("the number of descriptors stays limited: %s", strerror(errno));
	crowd->watch = watch_create();
	if (crowd->watch == NULL)
		return error_system(error, errno, _("cannot wait for many connections"));
	crowd->signals.step = crowd_signals;
	pollset_clear(&crowd->signals.watcher.set);
	pollset_add(&crowd->signals.watcher.set, signals_fd(), POLLIN);
	crowd_update(crowd, &crowd->signals);
	return 0;
}

/* Starts to listen on an address, and becomes what it wants those to be who serve its connections. */
int crowd_open_door(struct crowd *crowd, const struct address *address, struct error *error)
{
	struct door *door = &crowd->doors[crowd->door_count];

	*door = (struct door){
		.guest = { .step = door_step },
		.address = address,
		.resting = CLOCK_NEVER,
		.deadline = clock_after(SETTINGS(address->options, listen)->accept_timeout),
	};
	door->acceptor = open_listen(crowd->plan, address, error);
	if (door->acceptor == NULL)
		return -1;
	crowd->door_count++;
	if (environment_change(address, error) < 0) {
		error_name(error, address->text);
		return -1;
	}
	door_prepare(door, crowd);
	return 0;
}

/* Runs the loop until it is over. Returns -1 with the error filled when a signal ends it. */
int crowd_run(struct crowd *crowd, struct error *error)
{
	struct watcher *watcher;

	while (!crowd->over) {
		if (watch_wait(crowd->watch) < 0)
			return error_system(error, errno, _("cannot wait for many connections"));
		while (!crowd->over && (watcher = watch_next(crowd->watch)) != NULL) {
			struct guest *guest = (struct guest *)watcher;

			guest->step(guest, crowd);
		}
		if (signals_take_child())
			crowd_reap(crowd);
		if (crowd->ops->settle != NULL)
			crowd->ops->settle(crowd);
	}
	return error->kind == ERROR_NONE ? 0 : -1;
}

/* Closes the doors and frees the loop, which nobody is in any more. */
void crowd_free(struct crowd *crowd)
{
	if (crowd->watch == NULL)
		return;
	while (crowd->newcomers != NULL) {
		endpoint_close(&crowd->newcomers->endpoint);
		newcomer_free(crowd->newcomers, crowd);
	}
	for (size_t i = 0; i < crowd->door_count; i++) {
		watch_remove(crowd->watch, &crowd->doors[i].guest.watcher);
		acceptor_close(crowd->doors[i].acceptor);
	}
	watch_remove(crowd->watch, &crowd->signals.watcher);
	watch_free(crowd->watch);
}
