#include "session/transfer.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "filter/dump.h"
#include "filter/lines.h"
#include "filter/stop.h"
#include "filter/telnet.h"
#include "io/process.h"
#include "io/signals.h"
#include "io/wait.h"
#include "session/copies.h"
#include "session/describe.h"
#include "session/digests.h"
#include "session/programs.h"
#include "session/progress.h"
#include "session/statistics.h"
#include "session/taps.h"
#include "session/window.h"

#define TRANSFER_BLOCK 65536	     /* the most that is read at once */
#define TRANSFER_DATAGRAM_BLOCK 8192 /* of a stream whose blocks become datagrams */

/* What the flow in one direction is made of. */
struct transfer_half {
	struct stream *from, *to;
	const struct transfer_settings *source, *sink;
	const struct weather_settings *weather; /* on the way to the sink */
};

/* Finds the ends of a direction; false if one of them cannot be read, or written. */
static bool transfer_ends(const struct plan *plan, struct opened sides[2], enum relay_direction way,
	struct transfer_half *half)
{
	int source = way == RELAY_RIGHTWARD ? 0 : 1;

	half->from = sides[source].endpoint.reader;
	half->to = opened_writer(&sides[1 - source]);
	if (half->from == NULL || half->to == NULL)
		return false;
	half->source = SETTINGS(plan->sides[source].reader->options, transfer);
	half->sink = SETTINGS(plan->sides[1 - source].writer->options, transfer);
	half->weather = plan_weather(plan, 1 - source);
	if (plan->relay.one_way && plan->relay.way != way)
		return false;
	return (half->from->rfd >= 0 || half->from->ops != NULL) &&
		(half->to->wfd >= 0 || half->to->ops != NULL);
}

/* How the flow treats its data. */
static void transfer_policy(const struct plan *plan, const struct transfer_half *half,
	bool empty_ends, struct flow_policy *policy)
{
	bool from_messages = (half->from->traits & STREAM_DATAGRAM) != 0;
	bool to_messages = (half->to->traits & STREAM_DATAGRAM) != 0;
	size_t block = plan->block;

	/* whoever looks at the blocks sees them as long as socat makes them */
	if (block == 0 && plan->classic && plan->dump != 0)
		block = TRANSFER_DATAGRAM_BLOCK;
	if (block == 0)
		block = to_messages && !from_messages ? TRANSFER_DATAGRAM_BLOCK : TRANSFER_BLOCK;
	*policy = (struct flow_policy){
		.block = block,
		.limit = half->source->read_bytes,
		.packets = half->source->read_packets,
		.pause = half->source->pause,
		.line_end = half->sink->line_ends == LINE_ENDS_CR ? '\r' : '\n',
		.ends_all = half->source->ends_all,
		.ends_soon = half->source->ends_soon,
		.messages = from_messages || to_messages,
		.pass_empty = to_messages,
		.empty_ends = half->source->null_eof >= 0 ? half->source->null_eof > 0 : empty_ends,
		.ignore_end = half->source->ignore_eof,
		.must_deliver = plan->relay.one_way,
		.cool_write = half->sink->cool_write,
		.weather = half->weather,
	};
}

/* The filters of a direction: end at a byte, line ends, and copies for whoever watches. */
static int transfer_filters(const struct plan *plan, const struct transfer_half *half,
	enum relay_direction way, struct filter **filters, struct error *error)
{
	if (half->source->telnet)
		filter_append(filters, telnet_reading());
	if (half->source->escape >= 0)
		filter_append(filters, stop_at((unsigned char)half->source->escape));
	if (half->source->line_ends != half->sink->line_ends) {
		if (half->source->line_ends != LINE_ENDS_LF)
			filter_append(filters,
				lines_reading((enum line_ends)half->source->line_ends));
		if (half->sink->line_ends != LINE_ENDS_LF)
			filter_append(filters,
				lines_writing((enum line_ends)half->sink->line_ends));
	}
	if (half->sink->crlf_out)
		filter_append(filters, lines_completing());
	if (plan->dump != 0)
		filter_append(filters,
			dump_to(plan->dump_fd, way == RELAY_RIGHTWARD ? '>' : '<', plan->dump));
	if (plan->copies[way] != NULL) {
		int fd = copies_open(plan->copies[way], error);

		if (fd < 0)
			return -1;
		filter_append(filters, dump_raw(fd));
	}
	return 0;
}

/* Where both directions write to one descriptor, the first that ends leaves it open for the other. */
static void transfer_share_sink(struct relay *relay)
{
	if (relay->flows[0].to->wfd < 0 || relay->flows[0].to->wfd != relay->flows[1].to->wfd)
		return;
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		if (relay->flows[way].to->half_close == HALF_CLOSE_DEFAULT)
			relay->flows[way].to->half_close = HALF_CLOSE_NONE;
	}
}

/*
 * What the sink hears of the end of input. Others may go on with a socket that is only to be closed (end-close), so
 * it is not shut down where closing says the same.
 */
static void transfer_half_close(const struct plan *plan, const struct transfer_half *half)
{
	bool shared = half->sink->end_close && (half->to->traits & STREAM_SOCKET) &&
		!(half->to->traits & STREAM_PROGRAM);

	if (half->sink->half_close != HALF_CLOSE_DEFAULT)
		half->to->half_close = (enum half_close)half->sink->half_close;
	else if (shared && (plan->relay.one_way || plan->classic))
		half->to->half_close = HALF_CLOSE_NONE;
}

/* Packets that are to get lost, or out of order, need a sink that knows packets. */
static int transfer_check_weather(const struct transfer_half *half, const char *name,
	struct error *error)
{
	const struct weather_settings *weather = half->weather;

	if (weather->drop == 0 && weather->duplicate == 0 && weather->reorder == 0)
		return 0;
	if (half->to->traits & STREAM_DATAGRAM)
		return 0;
	error_usage(error,
		_("drop, duplicate and reorder are for addresses that keep packets apart, and this is a stream"));
	error_name(error, name);
	return -1;
}

/* Sets up both flows. Returns -1 with the error filled. */
static int transfer_setup(struct transfer *transfer, struct error *error)
{
	const struct plan *plan = transfer->plan;
	struct opened *sides = transfer->sides;
	struct relay *relay = &transfer->relay;
	struct relay_settings settings = plan->relay;
	bool usable[2];

	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		struct transfer_half half;
		struct flow_policy policy = { .limit = -1 };
		struct filter *filters = NULL;
		int result = 0;

		usable[way] = transfer_ends(plan, sides, (enum relay_direction)way, &half);
		if (usable[way]) {
			int source = way == RELAY_RIGHTWARD ? 0 : 1;

			transfer_policy(plan, &half, sides[source].endpoint.empty_ends, &policy);
			transfer_half_close(plan, &half);
			result = transfer_check_weather(&half, plan->sides[1 - way].writer->text,
				error);
			if (result == 0)
				result = transfer_filters(plan, &half, (enum relay_direction)way,
					&filters, error);
		}
		flow_init(&relay->flows[way], half.from, half.to, &policy, filters);
		relay->flows[way].from_name = plan->sides[way].reader->text;
		relay->flows[way].reply.to = sides[way].endpoint.writer;
		relay->flows[way].to_name = plan->sides[1 - way].writer->text;
		if (result < 0)
			return -1;
	}
	if (!usable[0] && !usable[1])
		return error_failed(error,
			_("neither address can be read while the other is written"));
	if (usable[0] && usable[1])
		transfer_share_sink(relay);
	if (!usable[0] || !usable[1]) {
		settings.one_way = true;
		settings.way = usable[RELAY_RIGHTWARD] ? RELAY_RIGHTWARD : RELAY_LEFTWARD;
	}
	relay_init(relay, &settings);
	return 0;
}

static bool transfer_keeps(const struct plan_side *side)
{
	return SETTINGS(side->reader->options, transfer)->end_close;
}

/* The file for the copies of a direction that isn't used is made all the same. */
static int transfer_make_copy(const struct transfer *transfer, enum relay_direction way,
	struct error *error)
{
	const struct relay_settings *settings = &transfer->relay.settings;
	int fd;

	if (transfer->plan->copies[way] == NULL || !settings->one_way || settings->way == way)
		return 0;
	fd = copies_open(transfer->plan->copies[way], error);
	if (fd < 0)
		return -1;
	fd_close(&fd);
	return 0;
}

/* Says which descriptors there are. A side that goes one way has the same one twice. */
static void transfer_tell_start(const struct opened *sides)
{
	int fds[4];

	if (!log_shows(LOG_LEVEL_NOTICE))
		return;
	for (int i = 0; i < 2; i++) {
		const struct stream *reader = sides[i].endpoint.reader;
		const struct stream *writer = opened_writer(&sides[i]);
		int rfd = reader != NULL ? reader->rfd : -1;
		int wfd = writer != NULL ? writer->wfd : -1;

		fds[2 * i] = rfd >= 0 ? rfd : wfd;
		fds[2 * i + 1] = wfd >= 0 ? wfd : rfd;
	}
	log_notice("starting data transfer loop with FDs [%d,%d] and [%d,%d]", fds[0], fds[1],
		fds[2], fds[3]);
}

/*
 * Starts to move data between two open sides, which stay the caller's. Returns -1 with the error filled on failure;
 * transfer_end has its work in any case.
 */
int transfer_begin(struct transfer *transfer, const struct plan *plan, struct opened *sides,
	struct error *error)
{
	*transfer = (struct transfer){
		.plan = plan,
		.sides = sides,
		.relay = { .flows = { { .fast.pipe = { -1, -1 } }, { .fast.pipe = { -1, -1 } } } },
		.begun = clock_now(),
	};
	taps_watch(plan, sides);
	if (transfer_setup(transfer, error) < 0 ||
		transfer_make_copy(transfer, RELAY_RIGHTWARD, error) < 0 ||
		transfer_make_copy(transfer, RELAY_LEFTWARD, error) < 0)
		return -1;
	if (plan->describe)
		describe_streams(transfer->relay.flows);
	transfer_tell_start(sides);
	window_follow(plan, sides);
	transfer->moving = true;
	return 0;
}

/* Asks poll for what the transfer waits for: data, or the end of its programs. */
void transfer_prepare(struct transfer *transfer, struct pollset *set)
{
	if (transfer->moving)
		relay_prepare(&transfer->relay, set);
	else
		pollset_deadline(set, transfer->deadline);
}

/* No data moves any more: the other ends hear of it, unless they are to be kept. */
static void transfer_shut(struct transfer *transfer)
{
	if (transfer->moving && transfer->plan->statistics)
		statistics_print(transfer);
	if (transfer->moving && transfer->plan->digest != NULL)
		digests_tell(transfer);
	transfer->moving = false;
	for (int i = 0; i < 2; i++) {
		if (transfer_keeps(&transfer->plan->sides[i]))
			continue;
		endpoint_shut(&transfer->sides[i].endpoint);
		if (transfer->sides[i].more != NULL)
			endpoint_shut(&transfer->sides[i].more->second);
	}
}

/*
 * Moves what can be moved now; then gives programs time to end by themselves. Returns whether the transfer is over.
 */
bool transfer_step(struct transfer *transfer, const struct pollset *set)
{
	const struct relay *relay = &transfer->relay;

	if (transfer->moving) {
		relay_step(&transfer->relay, set);
		if (!relay_is_done(relay))
			return false;
		transfer_shut(transfer);
		transfer->deadline = clock_after(programs_patience(transfer->plan, transfer->sides,
			relay->failed, relay->timed_out));
	}
	return !programs_run(transfer->sides) || clock_now() >= transfer->deadline;
}

/*
 * Whether a flow waits for nothing but data. One that is done may have closed what would be looked at again; one that
 * counts packets, pauses or goes through weather would forget it.
 */
static bool transfer_flow_rests(const struct flow *flow, bool one_way)
{
	if (flow->policy.packets > 0 || flow->policy.pause > 0 || flow->weather != NULL)
		return false;
	if (flow->to != NULL && (flow->to->traits & STREAM_UNSENT))
		return false;
	return (flow->state == FLOW_DONE && one_way) ||
		(flow->state == FLOW_OPEN && queue_is_empty(&flow->queue) && !flow->message &&
			flow->filters == NULL && flow->fast.level == 0 &&
			flow->retry_at == CLOCK_NEVER && stream_wake(flow->from) == CLOCK_NEVER);
}

/*
 * Takes an idle transfer down to what can't be found out again, and frees the rest of it. Returns false, and leaves
 * everything as it is, while something waits to be moved. What the transfer waits for stays true.
 */
bool transfer_rest(struct transfer *transfer, struct transfer_rest *rest)
{
	struct relay *relay = &transfer->relay;

	if (!transfer->moving || relay->failed ||
		!transfer_flow_rests(&relay->flows[0], relay->settings.one_way) ||
		!transfer_flow_rests(&relay->flows[1], relay->settings.one_way))
		return false;
	rest->begun = transfer->begun;
	rest->last = relay->last;
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		rest->flows[way].count = relay->flows[way].count;
		rest->flows[way].limit = relay->flows[way].policy.limit;
	}
	relay_free(relay);
	return true;
}

/* Makes a transfer again of what was left of it. */
void transfer_wake(struct transfer *transfer, const struct plan *plan, struct opened *sides,
	const struct transfer_rest *rest)
{
	struct error error = ERROR_EMPTY;
	struct relay *relay = &transfer->relay;

	*transfer = (struct transfer){
		.plan = plan,
		.sides = sides,
		.relay = { .flows = { { .fast.pipe = { -1, -1 } }, { .fast.pipe = { -1, -1 } } } },
		.begun = rest->begun,
		.moving = true,
	};
	/* it has worked before, and without filters it opens nothing */
	transfer_setup(transfer, &error);
	error_clear(&error);
	relay->last = rest->last;
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		relay->flows[way].count = rest->flows[way].count;
		relay->flows[way].policy.limit = rest->flows[way].limit;
	}
}

/*
 * Ends the transfer, wherever it stands; the sides stay the caller's. Returns 0 if it went well. If not, what has
 * failed is printed already, and the error has no message.
 */
int transfer_end(struct transfer *transfer, struct error *error)
{
	bool failed = programs_failed(transfer->plan, transfer->sides, transfer->relay.failed) ||
		transfer->relay.failed;

	if (transfer->moving)
		transfer_shut(transfer);
	relay_free(&transfer->relay);
	if (!failed)
		return 0;
	error_clear(error);
	error->kind = ERROR_FAILED;
	return -1;
}

/* Takes the status of every program that has ended. */
static void transfer_reap(struct opened sides[2])
{
	pid_t pid;
	int status;

	while ((pid = process_reap(&status)) > 0)
		open_program_ended(sides, pid, status);
}

/* Does what the signals ask for that have arrived. Returns -1 with the error filled when that is to end. */
static int transfer_signals(struct transfer *transfer, struct progress *progress,
	struct error *error)
{
	int number = signals_ending();

	if (number != 0 && !programs_pass_on(transfer->sides, number))
		return error_signal(error, number);
	if (signals_take_statistics())
		statistics_print(transfer);
	if (signals_take_window()) {
		progress_redraw(progress);
		window_follow(transfer->plan, transfer->sides);
		for (int i = 0; i < 2; i++)
			stream_resize(transfer->sides[i].endpoint.reader);
	}
	if (signals_take_child())
		transfer_reap(transfer->sides);
	return 0;
}

/* Steps the transfer until it is over. Returns -1 with the error filled when a signal ends it. */
static int transfer_loop(struct transfer *transfer, struct error *error)
{
	struct pollset set = { 0 };
	struct progress progress;
	int result = 0;

	progress_start(&progress, transfer->plan, &transfer->relay, transfer->begun);
	/* what ended while the second side was opening was noted there, and wakes nobody any more */
	transfer_reap(transfer->sides);
	while (result == 0) {
		size_t slot;

		pollset_clear(&set);
		slot = pollset_add(&set, signals_fd(), POLLIN);
		transfer_prepare(transfer, &set);
		progress_prepare(&progress, &set);
		if (pollset_wait(&set) < 0)
			result = error_failed(error, _("cannot wait for data"));
		else if (pollset_result(&set, slot) != 0)
			result = transfer_signals(transfer, &progress, error);
		if (result == 0 && transfer_step(transfer, &set))
			break;
		if (transfer->moving)
			progress_step(&progress);
		else
			progress_finish(&progress);
	}
	progress_finish(&progress);
	pollset_free(&set);
	return result;
}

/*
 * Moves data between the two sides until both directions have ended. Returns 0, or -1 with the error filled;
 * what the relay itself complained about is printed already, and is an error without a message.
 */
int transfer_run(const struct plan *plan, struct opened sides[2], struct error *error)
{
	struct transfer transfer;
	struct error failure = ERROR_EMPTY;
	int result = wait_variable("SOCAT_TRANSFER_WAIT", error);

	if (result < 0)
		return -1;
	result = transfer_begin(&transfer, plan, sides, error);
	if (result == 0) {
		log_transfer_starts();
		result = transfer_loop(&transfer, error);
	}
	if (transfer_end(&transfer, &failure) < 0 && result == 0) {
		error_move(error, &failure);
		result = -1;
	}
	error_clear(&failure);
	return result;
}
