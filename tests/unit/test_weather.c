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
#include "base/number.h"
#include "base/text.h"
#include "relay/flow.h"
#include "relay/weather.h"
#include "script.h"

#define MS (SECOND / 1000)
#define HALF 500000
#define ALWAYS 1000000

/* Takes everything that may be written at a time, each write with a '|' behind it. */
static void take_out(struct weather *weather, int64_t now, struct text *out)
{
	const unsigned char *data;
	size_t length;

	while (weather_next(weather, now, &data, &length)) {
		text_add(out, (const char *)data, length);
		text_add_char(out, '|');
		weather_wrote(weather, length, now);
	}
}

/* Expects what comes out at a time, and when to look again. */
static void expect_at(struct weather *weather, int64_t now, const char *met, int64_t due)
{
	struct text out = TEXT_EMPTY;

	text_add_string(&out, "");
	take_out(weather, now, &out);
	assert_string_equal(out.data, met);
	assert_int_equal(weather_due(weather), due);
	text_free(&out);
}

static void put(struct weather *weather, const char *text, int64_t now)
{
	weather_take(weather, text, strlen(text), now);
}

static void test_fair(void **state)
{
	static const struct weather_settings fair = { .seed = 3 };

	(void)state;
	assert_null(weather_create(&fair, true));
	assert_null(weather_create(NULL, true));
	weather_free(NULL);
}

static void test_delay(void **state)
{
	static const struct weather_settings settings = { .delay = 100 * MS, .seed = -1 };
	struct weather *weather = weather_create(&settings, false);

	(void)state;
	assert_true(weather_is_empty(weather));
	expect_at(weather, 0, "", CLOCK_NEVER);
	put(weather, "one", 0);
	put(weather, "two", 10 * MS);
	assert_false(weather_is_empty(weather));
	expect_at(weather, 100 * MS - 1, "", 100 * MS);
	expect_at(weather, 100 * MS, "one|", 110 * MS);
	put(weather, "three", 105 * MS);
	expect_at(weather, 300 * MS, "two|three|", CLOCK_NEVER);
	assert_true(weather_is_empty(weather));
	weather_free(weather);
}

/* However different the delays are, the order stays, and none is shorter or longer than it may be. */
static void test_jitter(void **state)
{
	static const struct weather_settings settings = { .delay = 50 * MS,
		.jitter = 500 * MS,
		.seed = 7 };
	struct weather *weather = weather_create(&settings, false);
	struct text put_in = TEXT_EMPTY, out = TEXT_EMPTY;
	bool differ = false;
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char word[] = { (char)('!' + i % 90), '\0' };

		put(weather, word, i * MS);
		text_add_string(&put_in, word);
		text_add_char(&put_in, '|');
	}
	while (!weather_is_empty(weather)) {
		int64_t due = weather_due(weather);

		assert_true(due >= 50 * MS && due < 650 * MS && due >= last);
		differ = differ || (last != 0 && due != last);
		last = due;
		take_out(weather, due, &out);
	}
	assert_true(differ);
	assert_string_equal(out.data, put_in.data);
	text_free(&put_in);
	text_free(&out);
	weather_free(weather);
}

static void test_chop(void **state)
{
	static const struct weather_settings settings = { .chop = 3, .seed = 0 };
	struct weather *weather = weather_create(&settings, false);

	(void)state;
	put(weather, "abcdefgh", 0);
	put(weather, "i", 0);
	expect_at(weather, 0, "abc|def|gh|i|", CLOCK_NEVER);
	weather_free(weather);
}

/* A sink may take less than it is offered. */
static void test_partial_write(void **state)
{
	static const struct weather_settings settings = { .chop = 4, .seed = 0 };
	struct weather *weather = weather_create(&settings, false);
	const unsigned char *data;
	size_t length;

	(void)state;
	put(weather, "abcdef", 0);
	assert_true(weather_next(weather, 0, &data, &length));
	assert_int_equal(length, 4);
	weather_wrote(weather, 1, 0);
	expect_at(weather, 0, "bcde|f|", CLOCK_NEVER);
	weather_free(weather);
}

static void test_rate(void **state)
{
	static const struct weather_settings settings = { .rate = 1000, .seed = 0 };
	struct weather *weather = weather_create(&settings, false);
	const unsigned char *data;
	size_t length, total = 0;
	char block[1000];
	int64_t now = 5 * SECOND, start = now;

	(void)state;
	memset(block, 'x', sizeof(block));
	weather_take(weather, block, sizeof(block), now);
	while (!weather_is_empty(weather)) {
		now = weather_due(weather) > now ? weather_due(weather) : now;
		assert_true(weather_next(weather, now, &data, &length));
		assert_in_range(length, 1, 21);
		/* never more than the time allows, but for one write and what poll may oversleep */
		assert_true((int64_t)total * MS <= now - start + 20 * MS);
		weather_wrote(weather, length, now);
		total += length;
	}
	assert_int_equal(total, sizeof(block));
	assert_true(now - start >= 940 * MS && now - start <= SECOND);
	weather_free(weather);
}

/* A packet goes whole, and the next one waits until the rate has caught up. */
static void test_rate_of_packets(void **state)
{
	static const struct weather_settings settings = { .rate = 10, .seed = 0 };
	struct weather *weather = weather_create(&settings, true);

	(void)state;
	put(weather, "0123456789", 10 * SECOND);
	put(weather, "b", 10 * SECOND);
	expect_at(weather, 10 * SECOND, "0123456789|", 11 * SECOND - 20 * MS);
	expect_at(weather, 11 * SECOND - 20 * MS, "b|", CLOCK_NEVER);
	weather_free(weather);
}

static void test_always(void **state)
{
	static const struct weather_settings drop = { .drop = ALWAYS, .seed = 0 };
	static const struct weather_settings twice = { .duplicate = ALWAYS, .seed = 0 };
	static const struct weather_settings swap = { .reorder = ALWAYS, .seed = 0 };
	struct weather *weather = weather_create(&drop, true);

	(void)state;
	put(weather, "a", 0);
	assert_true(weather_is_empty(weather));
	weather_free(weather);

	weather = weather_create(&twice, true);
	put(weather, "a", 0);
	put(weather, "", 0);
	expect_at(weather, 0, "a|a|||", CLOCK_NEVER);
	weather_free(weather);

	weather = weather_create(&swap, true);
	for (const char *word = "abcdef"; *word != '\0'; word++)
		weather_take(weather, word, 1, 0);
	expect_at(weather, 0, "b|a|d|c|f|e|", CLOCK_NEVER);
	weather_free(weather);
}

/* Nobody waits for ever for somebody to overtake him. */
static void test_late_without_a_next(void **state)
{
	static const struct weather_settings swap = { .reorder = ALWAYS, .seed = 0 };
	struct weather *weather = weather_create(&swap, true);

	(void)state;
	put(weather, "a", SECOND);
	assert_false(weather_is_empty(weather));
	expect_at(weather, SECOND, "", SECOND + SECOND / 5);
	expect_at(weather, 2 * SECOND, "a|", CLOCK_NEVER);
	put(weather, "b", 3 * SECOND);
	weather_end(weather);
	expect_at(weather, 3 * SECOND, "b|", CLOCK_NEVER);
	/* what is on its way is freed with the rest */
	put(weather, "c", 4 * SECOND);
	weather_free(weather);
}

/* What comes out of the same hundred packets. */
static char *fate(int64_t seed, int64_t drop, int64_t duplicate, int64_t reorder)
{
	struct weather_settings settings = { .drop = drop,
		.duplicate = duplicate,
		.reorder = reorder,
		.seed = seed };
	struct weather *weather = weather_create(&settings, true);
	struct text out = TEXT_EMPTY;

	text_add_string(&out, "");
	for (int i = 0; i < 100; i++) {
		char word[8];

		word[0] = (char)('0' + i / 10);
		word[1] = (char)('0' + i % 10);
		weather_take(weather, word, 2, i);
		/* how fast they leave makes no difference */
		if (seed % 2 == 0 && i % 3 == 0)
			take_out(weather, i, &out);
	}
	weather_end(weather);
	take_out(weather, SECOND, &out);
	weather_free(weather);
	return text_take(&out);
}

static void test_seed(void **state)
{
	char *first = fate(42, HALF, HALF, HALF), *again = fate(42, HALF, HALF, HALF);
	char *other = fate(43, HALF, HALF, HALF), *random = fate(-1, HALF, HALF, HALF);
	char *dropped = fate(42, HALF, 0, 0);

	(void)state;
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
	assert_string_not_equal(first, random);
	/* the others change nothing about who is lost */
	for (int i = 0; i < 100; i++) {
		char word[] = { (char)('0' + i / 10), (char)('0' + i % 10), '|', '\0' };

		assert_int_equal(strstr(first, word) == NULL, strstr(dropped, word) == NULL);
	}
	assert_in_range(strlen(dropped), 60, 240);
	free(first);
	free(again);
	free(other);
	free(random);
	free(dropped);
}

static void test_room(void **state)
{
	static const struct weather_settings late = { .delay = SECOND, .seed = 0 };
	static const struct weather_settings early = { .chop = 1, .seed = 0 };
	static char block[4096];
	struct weather *weather = weather_create(&late, false);
	unsigned blocks = 0;

	(void)state;
	for (; weather_has_room(weather); blocks++)
		weather_take(weather, block, sizeof(block), 0);
	assert_in_range(blocks, 240, 256);
	weather_hurry(weather);
	assert_int_equal(weather_due(weather), 0);
	while (!weather_is_empty(weather)) {
		const unsigned char *data;
		size_t length;

		assert_true(weather_next(weather, 0, &data, &length));
		weather_wrote(weather, length, 0);
	}
	assert_true(weather_has_room(weather));
	weather_free(weather);

	weather = weather_create(&early, false);
	for (blocks = 0; weather_has_room(weather); blocks++)
		weather_take(weather, block, sizeof(block), 0);
	assert_in_range(blocks, 15, 16);
	weather_free(weather);
}

/* A direction between two scripts, stepped until it is over. */
static void flow_test(const struct weather_settings *weather, int64_t pause, bool packets,
	const char *from, const char *to, const char *met, int number)
{
	struct flow_policy policy = { .block = 64,
		.limit = -1,
		.pause = pause,
		.line_end = '\n',
		.messages = packets,
		.pass_empty = packets,
		.weather = weather };
	unsigned traits = packets ? STREAM_DATAGRAM : STREAM_ENDS;
	struct script source, sink;
	struct pollset set = { 0 };
	struct flow flow;

	script_open(&source, from, traits);
	script_open(&sink, to, traits);
	flow_init(&flow, &source.stream, &sink.stream, &policy, NULL);
	for (int turn = 0; turn < 10000 && flow.state != FLOW_DONE; turn++) {
		pollset_clear(&set);
		flow_prepare(&flow, &set);
		flow_step(&flow, &set);
		/* the script has no clock: once all is read the time has come */
		if (flow.state == FLOW_DRAINING)
			weather_hurry(flow.weather);
	}
	assert_int_equal(flow.state, FLOW_DONE);
	assert_string_equal(sink.met.data, met);
	assert_int_equal(flow.error.number, number);
	flow_free(&flow);
	script_free(&source);
	script_free(&sink);
	pollset_free(&set);
}

static void test_flow(void **state)
{
	static const struct weather_settings delay = { .delay = 3600 * SECOND, .seed = 0 };
	static const struct weather_settings chop = { .chop = 2, .seed = 0 };
	static const struct weather_settings drop = { .drop = ALWAYS, .seed = 0 };
	static const struct weather_settings twice = { .duplicate = ALWAYS, .seed = 0 };
	static const struct weather_settings swap = { .reorder = ALWAYS, .seed = 0 };

	(void)state;
	/* the end comes behind the last byte that was late */
	flow_test(&delay, 0, false, "R:hello,world,EOF", "W:3,AGAIN,ALL,ALL,END", "hel|lo|world|.",
		0);
	flow_test(&chop, 0, false, "R:hello,world,EOF", "W:ALL,1,ALL", "he|l|lo|wo|rl|d|.", 0);
	flow_test(&chop, 0, true, "R:hello,EMPTY,a,EOF", "", "he|ll|o||a|.", 0);
	flow_test(&drop, 0, true, "R:a,b,EOF", "", ".", 0);
	flow_test(&twice, 0, true, "R:a,b,EOF", "W:AGAIN", "a|a|b|b|.", 0);
	flow_test(&swap, 0, true, "R:a,b,c,EOF", "", "b|a|c|.", 0);
	flow_test(&delay, 1, false, "R:a\nb\nc,EOF", "", "a\n|b\n|c|.", 0);
	flow_test(&delay, 0, false, "R:a,b,EOF", "W:1,EPIPE", "a|", EPIPE);
	flow_test(&delay, 0, false, "R:a,ECONNRESET", "", "a|.", ECONNRESET);
}

/* While nothing is due the flow asks for that time, and not to be woken for being able to write. */
static void test_flow_waits(void **state)
{
	static const struct weather_settings delay = { .delay = 3600 * SECOND, .seed = 0 };
	static const struct flow_policy policy = { .block = 64, .limit = -1, .weather = &delay };
	struct script source, sink;
	struct pollset set = { 0 };
	struct flow flow;
	int64_t hour = clock_after(3600 * SECOND);

	(void)state;
	script_open(&source, "R:hello,AGAIN,EOF", STREAM_ENDS);
	script_open(&sink, "", STREAM_ENDS);
	flow_init(&flow, &source.stream, &sink.stream, &policy, NULL);
	for (int turn = 0; turn < 5; turn++) {
		pollset_clear(&set);
		flow_prepare(&flow, &set);
		flow_step(&flow, &set);
	}
	assert_int_equal(flow.state, FLOW_DRAINING);
	assert_int_equal(sink.writes, 0);
	assert_int_equal(sink.ends, 0);
	assert_true(flow_is_held_up(&flow));
	assert_true(set.deadline >= hour && set.deadline <= clock_after(3600 * SECOND));
	flow_free(&flow);
	script_free(&source);
	script_free(&sink);
	pollset_free(&set);
}

/* What happens to packets is told, but not to the terminal of the tests. */
static int group_setup(void **state)
{
	static const struct log_settings settings = {
		.program = "test_weather",
		.level = LOG_LEVEL_FATAL,
	};
	struct error error = ERROR_EMPTY;

	(void)state;
	return log_open(&settings, &error);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fair),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_chop),
		cmocka_unit_test(test_partial_write),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_of_packets),
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_late_without_a_next),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_flow_waits),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
