#include "session/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "filter/dump.h"
#include "filter/lines.h"
#include "filter/stop.h"
#include "io/process.h"
#include "io/signals.h"
#include "io/wait.h"
#include "session/copies.h"
#include "session/describe.h"
#include "session/window.h"

#define TRANSFER_BLOCK 65536	     /* the most that is read at once */
#define TRANSFER_DATAGRAM_BLOCK 8192 /* of a stream whose blocks become datagrams */

/* What the flow in one direction is made of. */
struct transfer_half {
	struct stream *from, *to;
	const struct transfer_settings *source, *sink;
};

static struct stream *transfer_writer(struct opened *opened)
{
	return opened->second.writer != NULL ? opened->second.writer : opened->endpoint.writer;
}

/* Finds the ends of a direction; false if one of them cannot be read, or written. */
static bool transfer_ends(const struct plan *plan, struct opened sides[2], enum relay_direction way,
	struct transfer_half *half)
{
	int source = way == RELAY_RIGHTWARD ? 0 : 1;

	half->from = sides[source].endpoint.reader;
	half->to = transfer_writer(&sides[1 - source]);
	if (half->from == NULL || half->to == NULL)
		return false;
	half->source = SETTINGS(plan->sides[source].reader->options, transfer);
	half->sink = SETTINGS(plan->sides[1 - source].writer->options, transfer);
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

	if (block == 0)
		block = to_messages && !from_messages ? TRANSFER_DATAGRAM_BLOCK : TRANSFER_BLOCK;
	*policy = (struct flow_policy){
		.block = block,
		.limit = half->source->read_bytes,
		.messages = from_messages || to_messages,
		.pass_empty = to_messages,
		.empty_ends = half->source->null_eof >= 0 ? half->source->null_eof > 0 : empty_ends,
		.ignore_end = half->source->ignore_eof,
		.must_deliver = plan->relay.one_way,
		.cool_write = half->sink->cool_write,
	};
}

/* The filters of a direction: end at a byte, line ends, and copies for whoever watches. */
static int transfer_filters(const struct plan *plan, const struct transfer_half *half,
	enum relay_direction way, struct filter **filters, struct error *error)
{
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
	if (plan->dump != 0)
		filter_append(filters,
			dump_to(STDERR_FILENO, way == RELAY_RIGHTWARD ? '>' : '<', plan->dump));
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

/* Sets up both flows. Returns -1 with the error filled; the relay has to be freed all the same. */
static int transfer_setup(const struct plan *plan, struct opened sides[2], struct relay *relay,
	struct error *error)
{
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
			if (half.sink->half_close != HALF_CLOSE_DEFAULT)
				half.to->half_close = (enum half_close)half.sink->half_close;
			result = transfer_filters(plan, &half, (enum relay_direction)way, &filters,
				error);
		}
		flow_init(&relay->flows[way], half.from, half.to, &policy, filters);
		relay->flows[way].from_name = plan->sides[way].reader->text;
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

/* Prints how much has passed, in socat's words. */
static void transfer_statistics(const struct relay *relay)
{
	static const char *const words[] = { "left to right", "right to left" };
	char bytes[2][24], blocks[2][24];
	int wide_bytes = 0, wide_blocks = 0;

	for (int way = 0; way < 2; way++) {
		int n = snprintf(bytes[way], sizeof(bytes[way]), "%llu",
			(unsigned long long)relay->flows[way].count.bytes);
		int m = snprintf(blocks[way], sizeof(blocks[way]), "%llu",
			(unsigned long long)relay->flows[way].count.blocks);

		wide_bytes = n > wide_bytes ? n : wide_bytes;
		wide_blocks = m > wide_blocks ? m : wide_blocks;
	}
	for (int way = 0; way < 2; way++) {
		if (relay->settings.one_way && relay->settings.way != (enum relay_direction)way)
			continue;
		log_forced(LOG_LEVEL_INFO, "STATISTICS: %s: %*s packets(s), %*s byte(s)",
			words[way], wide_blocks, blocks[way], wide_bytes, bytes[way]);
	}
}

/* The program of one half of a side, or NULL. */
static struct program *transfer_program(struct opened sides[2], int number)
{
	struct opened *side = &sides[number / 2];

	return number % 2 == 0 ? side->endpoint.program : side->second.program;
}

/* Takes the status of every program that has ended. */
static void transfer_reap(struct opened sides[2])
{
	pid_t pid;
	int status;

	signals_take_child();
	while ((pid = process_reap(&status)) > 0)
		open_program_ended(sides, pid, status);
}

/* Gives a signal that would end us to the programs that want it in our place. Returns whether there are any. */
static bool transfer_pass_on(struct opened sides[2], int number)
{
	bool taken = false;

	for (int i = 0; i < 4; i++) {
		const struct program *program = transfer_program(sides, i);

		if (!program_is_ours(program) || !(program->signals & (uint64_t)1 << number))
			continue;
		program_signal(program, number);
		taken = true;
	}
	if (taken)
		signals_take_ending(number);
	return taken;
}

/* Does what the signals ask for that have arrived. Returns -1 with the error filled when that is to end. */
static int transfer_signals(const struct plan *plan, struct opened sides[2],
	const struct relay *relay, struct error *error)
{
	int number = signals_ending();

	if (number != 0 && !transfer_pass_on(sides, number))
		return error_signal(error, number);
	if (signals_take_statistics())
		transfer_statistics(relay);
	if (signals_take_window())
		window_follow(plan, sides);
	if (signals_take_child())
		transfer_reap(sides);
	return 0;
}

/* Steps the relay until it is done. Returns -1 with the error filled when a signal ends it. */
static int transfer_loop(const struct plan *plan, struct opened sides[2], struct relay *relay,
	struct error *error)
{
	struct pollset set = { 0 };
	int result = 0;

	while (result == 0 && !relay_is_done(relay)) {
		size_t slot;

		pollset_clear(&set);
		slot = pollset_add(&set, signals_fd(), POLLIN);
		relay_prepare(relay, &set);
		if (pollset_wait(&set) < 0)
			result = error_failed(error, _("cannot wait for data"));
		else if (pollset_result(&set, slot) != 0)
			result = transfer_signals(plan, sides, relay, error);
		if (result == 0)
			relay_step(relay, &set);
	}
	pollset_free(&set);
	return result;
}

/*
 * How long a program may take to end once all data has passed; -1: as long as it likes. One that is only written
 * to is at work until it ends. -t limits both.
 */
static int64_t transfer_patience(const struct plan *plan, const struct relay *relay,
	const struct program *program)
{
	int64_t linger = plan->relay.linger;

	if (relay->timed_out)
		return 0;
	if (!program->write_only || relay->failed)
		return linger >= 0 ? linger : RELAY_LINGER;
	if (linger < 0)
		return -1;
	return linger > SECOND ? linger : SECOND;
}

/* Gives the programs time to end by themselves. Returns -1 with the error filled when a signal ends that. */
static int transfer_await(const struct plan *plan, struct opened sides[2],
	const struct relay *relay, struct error *error)
{
	for (int i = 0; i < 4; i++) {
		const struct program *program = transfer_program(sides, i);
		int64_t deadline;

		transfer_reap(sides);
		if (!program_runs(program) || program->kept)
			continue;
		deadline = clock_after(transfer_patience(plan, relay, program));
		while (program_runs(program) && clock_now() < deadline) {
			int64_t left = deadline == CLOCK_NEVER ? -1 : deadline - clock_now();

			if (wait_pause_or_child(left, error) < 0)
				return -1;
			transfer_reap(sides);
		}
	}
	return 0;
}

/*
 * Says how programs have failed; after a failure of the relay that is most often its consequence. Returns whether
 * one has whose end matters.
 */
static bool transfer_programs_failed(const struct plan *plan, struct opened sides[2],
	const struct relay *relay)
{
	enum log_level level = relay->failed ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
	bool failed = false;

	for (int i = 0; i < 4; i++) {
		const struct program *program = transfer_program(sides, i);
		const struct plan_side *side = &plan->sides[i / 2];
		const struct address *address = i % 2 == 0 ? side->reader : side->writer;

		if (!program_failed(program) || SETTINGS(address->options, transfer)->ignore_eof)
			continue;
		if (WIFEXITED(program->status))
			log_at(level, "%s: waitpid(): child %ld exited with status %d",
				address->text, (long)program->pid, WEXITSTATUS(program->status));
		else
			log_at(level, "%s: waitpid(): child %ld exited on signal %d", address->text,
				(long)program->pid, WTERMSIG(program->status));
		failed = true;
	}
	return failed;
}

static bool transfer_keeps(const struct plan_side *side)
{
	return SETTINGS(side->reader->options, transfer)->end_close;
}

/*
 * Moves data between the two sides until both directions have ended. Returns 0, or -1 with the error filled;
 * what the relay itself complained about is printed already, and is an error without a message.
 */
int transfer_run(const struct plan *plan, struct opened sides[2], struct error *error)
{
	struct relay relay = { .flows = { { .fast.pipe = { -1, -1 } },
				       { .fast.pipe = { -1, -1 } } } };
	int result = wait_variable("SOCAT_TRANSFER_WAIT", error);

	if (result == 0)
		result = transfer_setup(plan, sides, &relay, error);
	if (result == 0) {
		if (plan->describe)
			describe_streams(relay.flows);
		log_notice("starting data transfer loop with FDs [%d,%d] and [%d,%d]",
			sides[0].endpoint.reader != NULL ? sides[0].endpoint.reader->rfd : -1,
			transfer_writer(&sides[0]) != NULL ? transfer_writer(&sides[0])->wfd : -1,
			sides[1].endpoint.reader != NULL ? sides[1].endpoint.reader->rfd : -1,
			transfer_writer(&sides[1]) != NULL ? transfer_writer(&sides[1])->wfd : -1);
		log_transfer_starts();
		window_follow(plan, sides);
		result = transfer_loop(plan, sides, &relay, error);
		if (plan->statistics)
			transfer_statistics(&relay);
	}
	for (int i = 0; i < 2; i++) {
		if (transfer_keeps(&plan->sides[i]))
			continue;
		endpoint_shut(&sides[i].endpoint);
		endpoint_shut(&sides[i].second);
	}
	if (result == 0)
		result = transfer_await(plan, sides, &relay, error);
	if (result == 0 && (transfer_programs_failed(plan, sides, &relay) || relay.failed)) {
		error_clear(error);
		error->kind = ERROR_FAILED;
		result = -1;
	}
	relay_free(&relay);
	return result;
}
