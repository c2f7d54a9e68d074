#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "filter/lines.h"
#include "filter/stop.h"
#include "relay/flow.h"
#include "script.h"

#define TURNS 50 /* more than any script here has steps */

static const struct flow_policy plain = { .block = 64, .limit = -1 };
static const struct flow_policy messages = { .block = 64, .limit = -1, .messages = true };

/* A direction between two scripts. */
struct bench {
	struct script from, to;
	struct flow flow;
	struct pollset set;
};

static void bench_open(struct bench *bench, const struct flow_policy *policy,
	struct filter *filters, const char *from, const char *to, unsigned traits)
{
	*bench = (struct bench){ 0 };
	script_open(&bench->from, from, traits);
	script_open(&bench->to, to, traits);
	flow_init(&bench->flow, &bench->from.stream, &bench->to.stream, policy, filters);
}

static void bench_step(struct bench *bench)
{
	pollset_clear(&bench->set);
	flow_prepare(&bench->flow, &bench->set);
	flow_step(&bench->flow, &bench->set);
}

/* Steps until nothing moves any more. */
static void bench_run(struct bench *bench)
{
	for (int turn = 0; turn < TURNS && bench->flow.state != FLOW_DONE; turn++)
		bench_step(bench);
}

static void bench_free(struct bench *bench)
{
	flow_free(&bench->flow);
	script_free(&bench->from);
	script_free(&bench->to);
	pollset_free(&bench->set);
}

/* Expects what the sink has met, how the flow stands, and the errno it failed with (0: it didn't). */
static void bench_expect(struct bench *bench, const char *met, enum flow_state state, int number)
{
	uint64_t bytes = 0;

	assert_string_equal(bench->to.met.data, met);
	assert_int_equal(bench->flow.state, state);
	assert_int_equal(bench->flow.error.number, number);
	assert_int_equal(bench->flow.error.kind, number != 0 ? ERROR_FAILED : ERROR_NONE);
	for (size_t i = 0; i < bench->to.met.length; i++)
		bytes += strchr("|.~", met[i]) == NULL;
	assert_int_equal(bench->flow.count.bytes, bytes);
	assert_true(bench->to.ends <= 1);
}

static void flow_test_with(const struct flow_policy *policy, struct filter *filters,
	unsigned traits, const char *from, const char *to, const char *met, enum flow_state state,
	int number)
{
	struct bench bench;

	bench_open(&bench, policy, filters, from, to, traits);
	bench_run(&bench);
	bench_expect(&bench, met, state, number);
	bench_free(&bench);
}

/* A transfer of bytes that comes to its end. */
static void flow_test(const char *from, const char *to, const char *met)
{
	flow_test_with(&plain, NULL, STREAM_ENDS, from, to, met, FLOW_DONE, 0);
}

static void test_plain(void **state)
{
	(void)state;
	flow_test("R:hello,EOF", "", "hello|.");
	flow_test("R:hello,R:world,EOF", "W:ALL,ALL,END", "hello|world|.");
	flow_test("R:EOF", "W:END", ".");
	flow_test("R:AGAIN,AGAIN,x,AGAIN,EOF", "", "x|.");
	flow_test("R:x,WOULDBLOCK,EOF", "W:WOULDBLOCK,1,END", "x|.");
}

static void test_partial_writes(void **state)
{
	(void)state;
	flow_test("R:hello,EOF", "W:3,AGAIN,W:2,END", "hel|lo|.");
	flow_test("R:hello,EOF", "W:1,1,1,1,1,END", "h|e|l|l|o|.");
	flow_test("R:hello,EOF", "W:AGAIN,AGAIN,AGAIN,ALL,END", "hello|.");
	flow_test("R:hello,AGAIN,world,EOF", "W:2,AGAIN,AGAIN,ALL,END", "he|lloworld|.");
}

/* What a sink has taken and not yet sent is waited for, and so is its farewell. */
static void test_unsent(void **state)
{
	(void)state;
	flow_test("R:hello,EOF", "W:HOLD,AGAIN,AGAIN,SENT,END", "hello|~.");
	flow_test("R:hello,R:world,EOF", "W:HOLD,SENT,HOLD,AGAIN,SENT,END", "hello|~world|~.");
	flow_test("R:hello,EOF", "W:ALL,HOLDEND,AGAIN,SENT", "hello|.~");
	flow_test("R:hello,EOF", "W:HOLD,SENT,HOLDEND,AGAIN,AGAIN,SENT", "hello|~.~");
	/* a farewell that nobody hears any more is no failure; data that is lost is one */
	flow_test("R:hello,EOF", "W:ALL,HOLDEND,AGAIN,EPIPE", "hello|.");
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:hello,EOF", "W:HOLD,AGAIN,EPIPE", "hello|",
		FLOW_DONE, EPIPE);
}

/* The end of input waits for what is still on its way. */
static void test_end_orders(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &plain, NULL, "R:abc,EOF", "W:AGAIN,AGAIN,AGAIN,1,2,END", STREAM_ENDS);
	bench_step(&bench);
	bench_expect(&bench, "", FLOW_OPEN, 0);
	bench_step(&bench);
	bench_expect(&bench, "", FLOW_DRAINING, 0);
	bench_run(&bench);
	bench_expect(&bench, "a|bc|.", FLOW_DONE, 0);
	bench_free(&bench);
	/* a half-close that fails is no failure: the data has arrived */
	flow_test("R:abc,EOF", "W:ALL,NOEND", "abc|.");
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc", "W:ALL", "abc|", FLOW_OPEN, 0);
}

/* Once it is done a flow touches neither side. */
static void test_done_is_done(void **state)
{
	struct bench bench;
	unsigned reads, writes;

	(void)state;
	bench_open(&bench, &plain, NULL, "R:abc,EOF", "", STREAM_ENDS);
	bench_run(&bench);
	reads = bench.from.reads;
	writes = bench.to.writes;
	for (int i = 0; i < 5; i++) {
		bench_step(&bench);
		assert_false(bench.flow.moved);
	}
	assert_int_equal(bench.from.reads, reads);
	assert_int_equal(bench.to.writes, writes);
	bench_expect(&bench, "abc|.", FLOW_DONE, 0);
	bench_free(&bench);
}

/* A full queue stops the reading; nothing is read that has no room. */
static void test_full_queue(void **state)
{
	static const struct flow_policy small = { .block = 4, .limit = -1 };
	struct bench bench;
	unsigned reads;

	(void)state;
	bench_open(&bench, &small, NULL, "R:abcdefgh,EOF", "W:AGAIN,AGAIN,AGAIN,AGAIN,AGAIN,AGAIN",
		STREAM_ENDS);
	bench_step(&bench);
	bench_step(&bench);
	assert_int_equal(queue_length(&bench.flow.queue), 4);
	reads = bench.from.reads;
	bench_step(&bench);
	bench_step(&bench);
	assert_int_equal(bench.from.reads, reads);
	bench_run(&bench);
	bench_expect(&bench, "abcd|efgh|.", FLOW_DONE, 0);
	bench_free(&bench);
	flow_test_with(&small, NULL, STREAM_ENDS, "R:abcdefgh,EOF", "W:AGAIN,1,AGAIN,ALL",
		"a|bcde|fgh|.", FLOW_DONE, 0);
}

static void test_read_errors(void **state)
{
	(void)state;
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:ECONNRESET", "W:END", ".", FLOW_DONE,
		ECONNRESET);
	/* what came before is still delivered */
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,ECONNRESET", "W:2,AGAIN,1,END", "ab|c|.",
		FLOW_DONE, ECONNRESET);
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,EIO", "W:AGAIN,AGAIN,ALL,END", "abc|.",
		FLOW_DONE, EIO);
	/* the first error is the one that counts for the queue: the sink's replaces it */
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,EIO", "W:AGAIN,AGAIN,EPIPE", "", FLOW_DONE,
		EPIPE);
}

static void test_write_errors(void **state)
{
	static const struct flow_policy cool = { .block = 64, .limit = -1, .cool_write = true };

	(void)state;
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,EOF", "W:EPIPE", "", FLOW_DONE, EPIPE);
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,EOF", "W:1,ECONNRESET", "a|", FLOW_DONE,
		ECONNRESET);
	flow_test_with(&plain, NULL, STREAM_ENDS, "R:abc,EOF", "W:ENOSPC", "", FLOW_DONE, ENOSPC);
	flow_test_with(&cool, NULL, STREAM_ENDS, "R:abc,EOF", "W:EPIPE", "", FLOW_DONE, 0);
	flow_test_with(&cool, NULL, STREAM_ENDS, "R:abc,EOF", "W:2,ECONNRESET", "ab|", FLOW_DONE,
		0);
	/* only a reader that goes away is cool */
	flow_test_with(&cool, NULL, STREAM_ENDS, "R:abc,EOF", "W:ENOSPC", "", FLOW_DONE, ENOSPC);
}

/* One read is one write; a second message is not read before the first is gone. */
static void test_messages(void **state)
{
	const unsigned traits = STREAM_DATAGRAM;

	(void)state;
	flow_test_with(&messages, NULL, traits, "R:one,two,three,EOF", "", "one|two|three|.",
		FLOW_DONE, 0);
	flow_test_with(&messages, NULL, traits, "R:one,two,EOF", "W:AGAIN,ALL,AGAIN,ALL,END",
		"one|two|.", FLOW_DONE, 0);
	flow_test_with(&messages, NULL, traits, "R:one", "", "one|", FLOW_OPEN, 0);
	flow_test_with(&messages, NULL, traits, "R:one,two,EOF", "W:EMSGSIZE", "", FLOW_DONE,
		EMSGSIZE);
	/* a datagram leaves in one piece: what the sink didn't take is gone */
	flow_test_with(&messages, NULL, traits, "R:one,two,EOF", "W:1,ALL,END", "o|two|.",
		FLOW_DONE, 0);
	/* a sink of bytes gets the rest of a message before the next one is read */
	flow_test_with(&messages, NULL, STREAM_ENDS, "R:one,two,EOF", "W:1,AGAIN,ALL,ALL,END",
		"o|ne|two|.", FLOW_DONE, 0);
}

static void test_empty_messages(void **state)
{
	static const struct flow_policy pass = { .block = 64,
		.limit = -1,
		.messages = true,
		.pass_empty = true };
	static const struct flow_policy ends = { .block = 64,
		.limit = -1,
		.messages = true,
		.empty_ends = true };
	static const struct flow_policy ends_bytes = { .block = 64,
		.limit = -1,
		.pass_empty = true,
		.empty_ends = true };
	static const struct flow_policy pass_bytes = { .block = 64,
		.limit = -1,
		.pass_empty = true };
	const unsigned traits = STREAM_DATAGRAM;

	(void)state;
	flow_test_with(&messages, NULL, traits, "R:a,EMPTY,b,EOF", "", "a|b|.", FLOW_DONE, 0);
	flow_test_with(&pass, NULL, traits, "R:a,EMPTY,b,EOF", "", "a||b|.", FLOW_DONE, 0);
	flow_test_with(&pass, NULL, traits, "R:EMPTY,EMPTY,EOF", "W:AGAIN,ALL,ALL,END", "||.",
		FLOW_DONE, 0);
	flow_test_with(&ends, NULL, traits, "R:a,EMPTY,b,EOF", "", "a|.", FLOW_DONE, 0);
	flow_test_with(&ends_bytes, NULL, traits, "R:a,EMPTY,b,EOF", "", "a|.", FLOW_DONE, 0);
	/* bytes have no empty pieces to pass on */
	flow_test_with(&pass_bytes, NULL, traits, "R:a,EMPTY,b,EOF", "", "a|b|.", FLOW_DONE, 0);
}

static void test_limit(void **state)
{
	static const struct flow_policy three = { .block = 64, .limit = 3 };
	static const struct flow_policy none = { .block = 64, .limit = 0 };
	struct bench bench;

	(void)state;
	flow_test_with(&three, NULL, STREAM_ENDS, "R:abcdef,EOF", "W:ALL,END", "abc|.", FLOW_DONE,
		0);
	flow_test_with(&three, NULL, STREAM_ENDS, "R:ab,AGAIN,cdef,EOF", "W:1,AGAIN,ALL,ALL,END",
		"a|b|c|.", FLOW_DONE, 0);
	/* reached exactly, and nothing more comes: that is the end all the same */
	flow_test_with(&three, NULL, STREAM_ENDS, "R:abc", "W:ALL,END", "abc|.", FLOW_DONE, 0);
	flow_test_with(&three, NULL, STREAM_ENDS, "R:ab,EOF", "W:ALL,END", "ab|.", FLOW_DONE, 0);
	flow_test_with(&none, NULL, STREAM_ENDS, "R:abc", "W:END", ".", FLOW_DONE, 0);
	/* what lies beyond the limit is left for whoever reads next */
	bench_open(&bench, &three, NULL, "R:abcdef,EOF", "", STREAM_ENDS);
	bench_run(&bench);
	assert_string_equal(bench.from.at, "def,EOF");
	bench_free(&bench);
}

/* As tail -f: the end of input is not believed until ignore_end is taken back. */
static void test_ignore_end(void **state)
{
	static const struct flow_policy ignore = { .block = 64, .limit = -1, .ignore_end = true };
	struct bench bench;
	unsigned reads;

	(void)state;
	bench_open(&bench, &ignore, NULL, "R:abc,EOF,def,EOF", "", STREAM_ENDS);
	bench_run(&bench);
	bench_expect(&bench, "abc|", FLOW_OPEN, 0);
	assert_true(bench.flow.retry_at != CLOCK_NEVER);
	reads = bench.from.reads;
	bench_step(&bench);
	assert_int_equal(bench.from.reads, reads);
	assert_true(bench.set.deadline == bench.flow.retry_at);
	bench.flow.retry_at = 0;
	bench_run(&bench);
	bench_expect(&bench, "abc|def|", FLOW_OPEN, 0);
	bench.flow.policy.ignore_end = false;
	bench.flow.retry_at = 0;
	bench_run(&bench);
	bench_expect(&bench, "abc|def|.", FLOW_DONE, 0);
	bench_free(&bench);
}

/* Sends one text through a filter. */
static void filter_test(struct filter *filter, const char *from, const char *met)
{
	flow_test_with(&plain, filter, STREAM_ENDS, from, "", met, FLOW_DONE, 0);
}

static void test_line_filters(void **state)
{
	(void)state;
	filter_test(lines_reading(LINE_ENDS_CR), "R:a\rb\r\n,EOF", "a\nb\n\n|.");
	filter_test(lines_reading(LINE_ENDS_CRLF), "R:a\r\nb\r,\nc,EOF", "a\nb|\nc|.");
	filter_test(lines_writing(LINE_ENDS_CR), "R:a\nb\n,EOF", "a\rb\r|.");
	filter_test(lines_writing(LINE_ENDS_CRLF), "R:a\nb\n\n,EOF", "a\r\nb\r\n\r\n|.");
	filter_test(lines_writing(LINE_ENDS_CRLF), "R:\n,EOF", "\r\n|.");
	filter_test(lines_writing(LINE_ENDS_CRLF), "R:none,EOF", "none|.");
	filter_test(lines_completing(), "R:a\nb\r\n\n,c\r,\n\rd\n,EOF",
		"a\r\nb\r\n\r\n|c\r|\n\rd\r\n|.");
	/* a block of which nothing is left makes no write */
	filter_test(lines_reading(LINE_ENDS_CRLF), "R:\r\r,a,EOF", "a|.");
}

/* A block may double in size on its way, and the sink may take it in pieces. */
static void test_filter_growth(void **state)
{
	static const struct flow_policy small = { .block = 4, .limit = -1 };

	(void)state;
	flow_test_with(&small, lines_writing(LINE_ENDS_CRLF), STREAM_ENDS, "R:\n\n\n\n,abc,EOF",
		"W:3,AGAIN,3,AGAIN,ALL,ALL,END", "\r\n\r|\n\r\n|\r\nab|c|.", FLOW_DONE, 0);
	flow_test_with(&messages, lines_writing(LINE_ENDS_CRLF), STREAM_DATAGRAM, "R:a\n,b\n,EOF",
		"W:AGAIN", "a\r\n|b\r\n|.", FLOW_DONE, 0);
}

/* The limit counts what is read, whatever a filter makes of it. */
static void test_filter_limit(void **state)
{
	static const struct flow_policy two = { .block = 64, .limit = 2 };

	(void)state;
	flow_test_with(&two, lines_writing(LINE_ENDS_CRLF), STREAM_ENDS, "R:\n\n\n", "",
		"\r\n\r\n|.", FLOW_DONE, 0);
}

static void test_stop_filter(void **state)
{
	static const struct flow_policy ignore = { .block = 64, .limit = -1, .ignore_end = true };
	struct filter *chain = NULL;

	(void)state;
	filter_test(stop_at('q'), "R:abcqdef,ghi,EOF", "abc|.");
	filter_test(stop_at('q'), "R:abc,q,ghi,EOF", "abc|.");
	filter_test(stop_at('q'), "R:abc,EOF", "abc|.");
	filter_test(stop_at(0xff),
		"R:a\xff"
		"b,EOF",
		"a|.");
	flow_test_with(&messages, stop_at('q'), STREAM_DATAGRAM, "R:abc,dqe,fgh,EOF", "", "abc|d|.",
		FLOW_DONE, 0);
	flow_test_with(&messages, stop_at('q'), STREAM_DATAGRAM, "R:abc,q,fgh,EOF", "", "abc|.",
		FLOW_DONE, 0);
	/* it ends a source whose end of input isn't believed */
	flow_test_with(&ignore, stop_at('q'), STREAM_ENDS, "R:aqb", "", "a|.", FLOW_DONE, 0);
	/* filters work one behind the other */
	filter_append(&chain, stop_at('q'));
	filter_append(&chain, lines_writing(LINE_ENDS_CRLF));
	filter_test(chain, "R:a\nq\n,b,EOF", "a\r\n|.");
	chain = NULL;
	filter_append(&chain, lines_reading(LINE_ENDS_CR));
	filter_append(&chain, lines_writing(LINE_ENDS_CRLF));
	filter_test(chain, "R:a\rb,EOF", "a\r\nb|.");
}

/* Every way in which ten bytes can be cut into reads and writes delivers the ten bytes. */
static void test_all_cuts(void **state)
{
	(void)state;
	for (unsigned cuts = 0; cuts < 1u << 10; cuts++) {
		struct text from = TEXT_EMPTY, to = TEXT_EMPTY, bytes = TEXT_EMPTY;
		struct bench bench;

		for (unsigned i = 0; i < 10; i++) {
			text_add_char(&from, (char)('a' + i));
			if ((cuts & 1u << i) != 0)
				text_add_string(&from, i % 3 == 0 ? ",AGAIN," : ",");
			text_add_string(&to, (cuts * 7 & 1u << i) != 0 ? "1,AGAIN," : "2,");
		}
		text_add_string(&from, ",EOF");
		text_add_string(&to, "ALL");
		bench_open(&bench, &plain, NULL, from.data, to.data, STREAM_ENDS);
		bench_run(&bench);
		assert_int_equal(bench.flow.state, FLOW_DONE);
		for (size_t i = 0; i < bench.to.met.length; i++) {
			if (strchr("|.", bench.to.met.data[i]) == NULL)
				text_add_char(&bytes, bench.to.met.data[i]);
		}
		assert_string_equal(bytes.data, "abcdefghij");
		bench_free(&bench);
		text_free(&from);
		text_free(&to);
		text_free(&bytes);
	}
}

/* With a pause each line is a write of its own; nothing waits behind the last one, or for the rest of a line. */
static void test_pause(void **state)
{
	static const struct flow_policy brief = { .block = 64,
		.limit = -1,
		.pause = 1,
		.line_end = '\n' };
	static const struct flow_policy endless = { .block = 64,
		.limit = -1,
		.pause = CLOCK_NEVER,
		.line_end = '\n' };
	static const struct flow_policy packets = { .block = 64,
		.limit = -1,
		.messages = true,
		.pause = 1,
		.line_end = '\r' };

	(void)state;
	flow_test_with(&brief, NULL, STREAM_ENDS, "R:a\n\nbc,EOF", "", "a\n|\n|bc|.", FLOW_DONE, 0);
	flow_test_with(&brief, NULL, STREAM_ENDS, "R:abc\nd\n,EOF", "W:2,AGAIN,1,1,ALL,END",
		"ab|c|\n|d\n|.", FLOW_DONE, 0);
	flow_test_with(&packets, NULL, STREAM_DATAGRAM, "R:a\rb\n,c,EOF", "", "a\r|b\n|c|.",
		FLOW_DONE, 0);
	flow_test_with(&endless, NULL, STREAM_ENDS, "R:ab,AGAIN,c\n,EOF", "", "ab|c\n|.", FLOW_DONE,
		0);
	flow_test_with(&endless, NULL, STREAM_ENDS, "R:a\nb\n,EOF", "", "a\n|", FLOW_DRAINING, 0);
}

/* Every read counts, and an empty message too. */
static void test_packets(void **state)
{
	static const struct flow_policy two = { .block = 64, .limit = -1, .packets = 2 };
	static const struct flow_policy both = { .block = 64, .limit = 3, .packets = 2 };
	static const struct flow_policy two_messages = { .block = 64,
		.limit = -1,
		.packets = 2,
		.messages = true,
		.pass_empty = true };

	(void)state;
	flow_test_with(&two, NULL, STREAM_ENDS, "R:a,AGAIN,bc,d", "", "a|bc|.", FLOW_DONE, 0);
	flow_test_with(&two, NULL, STREAM_ENDS, "R:a,EOF", "", "a|.", FLOW_DONE, 0);
	flow_test_with(&both, NULL, STREAM_ENDS, "R:abcd,e", "", "abc|.", FLOW_DONE, 0);
	flow_test_with(&two_messages, NULL, STREAM_DATAGRAM, "R:EMPTY,b,c", "", "|b|.", FLOW_DONE,
		0);
}

/* A flow that is stopped reads no more, delivers what it has read, and says the end. */
static void test_stop(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &plain, NULL, "R:abc,def", "W:AGAIN,AGAIN,2,ALL,END", STREAM_ENDS);
	bench_step(&bench);
	flow_stop(&bench.flow);
	assert_false(bench.flow.ended);
	bench_run(&bench);
	assert_int_equal(bench.flow.state, FLOW_DONE);
	assert_string_equal(bench.to.met.data, "ab|c|.");
	bench_free(&bench);
	bench_open(&bench, &plain, NULL, "R:AGAIN,abc", "W:END", STREAM_ENDS);
	bench_step(&bench);
	flow_stop(&bench.flow);
	bench_expect(&bench, ".", FLOW_DONE, 0);
	flow_stop(&bench.flow);
	bench_expect(&bench, ".", FLOW_DONE, 0);
	bench_free(&bench);
}

/* A busy flow between streams of functions stays on the plain path. */
static void test_no_fast_path_for_scripts(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &plain, NULL, "R:*64,*64,*64,*64,EOF", "", STREAM_ENDS);
	bench_run(&bench);
	assert_int_equal(bench.flow.fast.way, FAST_REFUSED);
	assert_int_equal(bench.flow.count.bytes, 256);
	assert_int_equal(bench.flow.count.blocks, 4);
	bench_free(&bench);
}

/* The notices of cool writes are not for the terminal. */
static int group_setup(void **state)
{
	static const struct log_settings settings = {
		.program = "test_flow",
		.level = LOG_LEVEL_FATAL,
	};
	struct error error = ERROR_EMPTY;

	(void)state;
	return log_open(&settings, &error);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_unsent),
		cmocka_unit_test(test_end_orders),
		cmocka_unit_test(test_done_is_done),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_read_errors),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_empty_messages),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_ignore_end),
		cmocka_unit_test(test_line_filters),
		cmocka_unit_test(test_filter_growth),
		cmocka_unit_test(test_filter_limit),
		cmocka_unit_test(test_stop_filter),
		cmocka_unit_test(test_all_cuts),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_no_fast_path_for_scripts),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
