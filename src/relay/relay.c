#include "relay/relay.h"

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"

/* Starts a relay whose flows the caller has set up with flow_init. */
void relay_init(struct relay *relay, const struct relay_settings *settings)
{
	relay->settings = *settings;
	relay->last = clock_now();
	relay->gone = CLOCK_NEVER;
	relay->failed = relay->timed_out = relay->deserted = false;
	if (settings->one_way)
		relay->flows[settings->way == RELAY_RIGHTWARD ? RELAY_LEFTWARD : RELAY_RIGHTWARD]
			.state = FLOW_DONE;
}

static bool relay_flow_done(const struct relay *relay, enum relay_direction way)
{
	return relay->flows[way].state == FLOW_DONE;
}

/* Whether somebody wants to leave, and has said all that he wanted to say. */
static bool relay_is_left(const struct relay *relay, enum relay_direction way)
{
	return relay->flows[way].leaves && relay_flow_done(relay, way);
}

/* Whether both directions have come to their end, or the time is up. */
bool relay_is_done(const struct relay *relay)
{
	return relay->timed_out || relay_is_left(relay, RELAY_RIGHTWARD) ||
		relay_is_left(relay, RELAY_LEFTWARD) ||
		(relay_flow_done(relay, RELAY_RIGHTWARD) && relay_flow_done(relay, RELAY_LEFTWARD));
}

/* The flow that runs on after the other one has ended, or NULL. */
static const struct flow *relay_survivor(const struct relay *relay)
{
	if (relay_flow_done(relay, RELAY_RIGHTWARD) == relay_flow_done(relay, RELAY_LEFTWARD))
		return NULL;
	return &relay->flows[relay_flow_done(relay, RELAY_RIGHTWARD) ? RELAY_LEFTWARD
								     : RELAY_RIGHTWARD];
}

/* Whether the program that a flow reads from has ended, though something it left behind holds the channel open. */
static bool relay_is_deserted(const struct relay *relay, enum relay_direction way)
{
	const struct flow *flow = &relay->flows[way];

	return flow->state == FLOW_OPEN && !flow->policy.ignore_end &&
		(flow->from->traits & STREAM_DESERTED) != 0;
}

/* Whether a side has ended that nobody but a busy one survives. */
static bool relay_winds_down(const struct relay *relay)
{
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		const struct flow *flow = &relay->flows[way];

		if (flow->policy.ends_soon && flow->ended && flow->state == FLOW_DONE)
			return true;
	}
	return false;
}

/*
 * How long the second direction may be silent after the first has ended. A source that is able to signal its
 * end is waited for; one that isn't (a datagram socket, a terminal), one whose program has ended, or a connection
 * that has failed, gets the short time.
 */
int64_t relay_linger(const struct relay *relay)
{
	const struct flow *survivor = relay_survivor(relay);

	if (relay->deserted)
		return relay->settings.linger >= 0 ? relay->settings.linger : RELAY_LINGER;
	if (survivor == NULL || relay->settings.one_way)
		return -1;
	/* what a person might still type isn't waited for */
	if (relay_winds_down(relay))
		return survivor->from->traits & STREAM_TERMINAL ? 0 : RELAY_LINGER;
	if (relay->failed && relay->settings.linger != 0)
		return RELAY_LINGER;
	if (relay->settings.linger >= 0)
		return relay->settings.linger;
	if (relay->failed || !(survivor->from->traits & STREAM_ENDS))
		return RELAY_LINGER;
	return -1;
}

/*
 * Whether the direction that is waited for is silent only because its reader is slow: nothing of what it brings may
 * be lost for that.
 */
static bool relay_is_held_up(const struct relay *relay)
{
	const struct flow *survivor = relay_survivor(relay);

	if (relay->failed)
		return false;
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		const struct flow *flow = &relay->flows[way];

		if ((flow == survivor || relay_is_deserted(relay, (enum relay_direction)way)) &&
			flow_is_held_up(flow))
			return true;
	}
	return false;
}

/* When it ends for somebody who wants all to end: what still comes may never end, nor what waits be taken. */
static int64_t relay_farewell(const struct relay *relay)
{
	int64_t linger = relay->settings.linger >= 0 ? relay->settings.linger : RELAY_LINGER;

	return linger < CLOCK_NEVER - relay->gone ? relay->gone + linger : CLOCK_NEVER;
}

/* When the silence gets too long. */
static int64_t relay_deadline(const struct relay *relay)
{
	int64_t linger = relay_linger(relay);
	int64_t deadline = CLOCK_NEVER;

	if (linger >= 0 && linger < CLOCK_NEVER - relay->last && !relay_is_held_up(relay))
		deadline = relay->last + linger;
	if (relay->settings.idle >= 0 && relay->settings.idle < CLOCK_NEVER - relay->last)
		deadline = clock_earlier(deadline, relay->last + relay->settings.idle);
	return clock_earlier(deadline, relay_farewell(relay));
}

/* Asks poll for what both flows want. */
void relay_prepare(struct relay *relay, struct pollset *set)
{
	flow_prepare(&relay->flows[RELAY_RIGHTWARD], set);
	flow_prepare(&relay->flows[RELAY_LEFTWARD], set);
	pollset_deadline(set, relay_deadline(relay));
}

/*
 * Prints the first failure of the two flows; the second is most often its consequence. Whoever goes on sending to a
 * side that has ended may find that it is gone: that is no failure.
 */
static void relay_report(struct relay *relay, struct flow *flow)
{
	bool harmless = relay_winds_down(relay) && !flow->policy.ends_soon;

	if (flow->error.kind == ERROR_NONE)
		return;
	log_error_value(relay->failed || harmless ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, &flow->error);
	error_clear(&flow->error);
	relay->failed = relay->failed || !harmless;
}

/* Steps one flow and says once when it has come to its end. */
static void relay_step_flow(struct relay *relay, enum relay_direction way,
	const struct pollset *set)
{
	struct flow *flow = &relay->flows[way];
	bool was_open = flow->state == FLOW_OPEN;
	bool was_done = flow->state == FLOW_DONE;

	flow_step(flow, set);
	if (was_open && flow->state != FLOW_OPEN)
		log_notice("socket %d (fd %d) is at EOF", way == RELAY_RIGHTWARD ? 1 : 2,
			flow->from->rfd);
	/* an ignored end counts once the other side has ended */
	if (!was_done && flow->state == FLOW_DONE && !relay->settings.one_way)
		relay->flows[way == RELAY_RIGHTWARD ? RELAY_LEFTWARD : RELAY_RIGHTWARD]
			.policy.ignore_end = false;
	if ((flow->hurries || flow->leaves) && relay->gone == CLOCK_NEVER)
		relay->gone = clock_now();
	relay_report(relay, flow);
}

/*
 * A side that ends all has said its last word, and all of it is written: the other side is read no more, and what it
 * has said before gets a short time to be taken.
 */
static void relay_end_all(struct relay *relay)
{
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		const struct flow *flow = &relay->flows[way];

		if (!flow->policy.ends_all || !flow->ended || flow->state != FLOW_DONE)
			continue;
		flow_stop(&relay->flows[way == RELAY_RIGHTWARD ? RELAY_LEFTWARD : RELAY_RIGHTWARD]);
		if (relay->gone == CLOCK_NEVER)
			relay->gone = clock_now();
	}
}

/* Nothing has passed for as long as -T allows. */
static void relay_tell_idle(struct relay *relay)
{
	if (log_style() == LOG_STYLE_NCAT)
		log_error("Idle timeout expired (%lld ms).",
			(long long)(relay->settings.idle / (SECOND / 1000)));
	else
		log_notice("inactivity timeout triggered");
	relay->failed = relay->failed || relay->settings.timeout_fails;
}

/* Moves what can be moved now, and watches the time. */
void relay_step(struct relay *relay, const struct pollset *set)
{
	bool deserted = relay_is_deserted(relay, RELAY_RIGHTWARD) ||
		relay_is_deserted(relay, RELAY_LEFTWARD);

	if (deserted && !relay->deserted)
		relay->last = clock_now();
	relay->deserted = deserted;
	relay_step_flow(relay, RELAY_RIGHTWARD, set);
	relay_step_flow(relay, RELAY_LEFTWARD, set);
	relay_end_all(relay);
	if (relay->flows[RELAY_RIGHTWARD].moved || relay->flows[RELAY_LEFTWARD].moved) {
		relay->last = clock_now();
		relay->timed_out = relay->last >= relay_farewell(relay);
		return;
	}
	if (clock_now() < relay_deadline(relay))
		return;
	if (relay->gone == CLOCK_NEVER && !relay->deserted &&
		(relay_survivor(relay) == NULL || relay_linger(relay) < 0))
		relay_tell_idle(relay);
	relay->timed_out = true;
}

/* Frees what the flows hold. */
void relay_free(struct relay *relay)
{
	flow_free(&relay->flows[RELAY_RIGHTWARD]);
	flow_free(&relay->flows[RELAY_LEFTWARD]);
}
