#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "filter/telnet.h"
#include "relay/flow.h"
#include "script.h"

#define TURNS 50
#define MOST 24 /* bytes of a random text */

/* What a telnet filter makes of a text that comes in pieces; each bit of cuts is a cut. */
static void run(const void *data, size_t length, uint32_t cuts, struct text *left,
	struct text *answer)
{
	struct filter *filter = telnet_reading();
	const char *bytes = data;
	size_t start = 0;

	for (size_t i = 1; i <= length; i++) {
		struct text block = TEXT_EMPTY;

		if (i < length && (cuts & 1u << (i - 1)) == 0)
			continue;
		text_add(&block, bytes + start, i - start);
		assert_false(filter_pass(filter, &block));
		if (block.length > 0)
			text_add(left, block.data, block.length);
		filter_answer(filter, answer);
		text_free(&block);
		start = i;
	}
	filter_answer(filter, answer); /* nothing is said twice */
	filter_free(filter);
}

static void expect(const struct text *text, const void *data, size_t length)
{
	assert_int_equal(text->length, length);
	if (length > 0)
		assert_memory_equal(text->data, data, length);
}

/* Expects a text to be taken apart in one way, however it is cut. */
static void take(const void *data, size_t length, const void *left, size_t left_length,
	const void *answer, size_t answer_length)
{
	assert_true(length <= 12);
	for (uint32_t cuts = 0; cuts < 1u << (length - 1); cuts++) {
		struct text got = TEXT_EMPTY, said = TEXT_EMPTY;

		run(data, length, cuts, &got, &said);
		expect(&got, left, left_length);
		expect(&said, answer, answer_length);
		text_free(&got);
		text_free(&said);
	}
}

#define TAKE(data, left, answer) \
	take(data, sizeof(data) - 1, left, sizeof(left) - 1, answer, sizeof(answer) - 1)

static void test_negotiation(void **state)
{
	(void)state;
	TAKE("plain", "plain", "");
	TAKE("a\xff\xfd\x01"
	     "b",
		"ab", "\xff\xfc\x01");
	TAKE("\xff\xfb\x03"
	     "b",
		"b", "\xff\xfe\x03");
	/* options whose number is a command, a line feed, or nothing */
	TAKE("\xff\xfd\xff\xff\xfb\x0a\xff\xfd\0.", ".", "\xff\xfc\xff\xff\xfe\x0a\xff\xfc\0");
	/* what the peer takes back or forbids needs no answer, so that two of us don't talk for ever */
	TAKE("\xff\xfe\x01"
	     "a\xff\xfc\x03",
		"a", "");
}

static void test_other_commands(void **state)
{
	(void)state;
	TAKE("\xff\xff", "\xff", "");
	TAKE("a\xff\xff\xff\xff\xfd", "a\xff\xff\xfd", "");
	TAKE("a\xff\xf1"
	     "b\xff\xf9",
		"ab", "");
	TAKE("a\xff\xfa\x18\x01\xff\xf0"
	     "b",
		"ab", "");
	/* in a subnegotiation 0xff is doubled, too, and nothing in it is a command */
	TAKE("\xff\xfa\x18\xff\xff\xf0z\xff\xf0"
	     "b",
		"b", "");
	TAKE("\xff\xfa\xff\xfd\x01\xff\xf0"
	     "b",
		"b", "");
	/* the end comes in the middle of something */
	TAKE("a\xff", "a", "");
	TAKE("a\xff\xfd", "a", "");
}

/* Texts made by chance, mostly of bytes that mean something: cut anywhere they give the same as in one piece. */
static void test_by_chance(void **state)
{
	static const unsigned char signs[] = { 255, 255, 255, 240, 241, 250, 251, 252, 253, 254, 0,
		10, 13, 'a', 'b' };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct text whole[2] = { TEXT_EMPTY, TEXT_EMPTY };
		struct text pieces[2] = { TEXT_EMPTY, TEXT_EMPTY };
		unsigned char data[MOST];
		size_t length;

		seed = seed * 1664525 + 1013904223;
		length = 1 + (seed >> 16) % MOST;
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1664525 + 1013904223;
			data[i] = signs[(seed >> 16) % sizeof(signs)];
		}
		run(data, length, 0, &whole[0], &whole[1]);
		run(data, length, seed, &pieces[0], &pieces[1]);
		for (int i = 0; i < 2; i++) {
			expect(&pieces[i], whole[i].data, whole[i].length);
			text_free(&whole[i]);
			text_free(&pieces[i]);
		}
	}
}

/* A flow whose source is told the answers on a stream of its own. */
static void flow_test(const char *from, const char *back, unsigned traits, const char *met,
	const char *said)
{
	static const struct flow_policy plain = { .block = 64, .limit = -1 };
	struct script source, sink, answers;
	struct pollset set = { 0 };
	struct flow flow;

	script_open(&source, from, STREAM_ENDS);
	script_open(&sink, "", STREAM_ENDS);
	script_open(&answers, back, traits);
	flow_init(&flow, &source.stream, &sink.stream, &plain, telnet_reading());
	flow.reply.to = &answers.stream;
	for (int turn = 0; turn < TURNS; turn++) {
		pollset_clear(&set);
		flow_prepare(&flow, &set);
		flow_step(&flow, &set);
	}
	assert_int_equal(flow.state, FLOW_DONE);
	assert_int_equal(flow.error.kind, ERROR_NONE);
	assert_string_equal(sink.met.data, met);
	assert_string_equal(answers.met.length > 0 ? answers.met.data : "", said);
	flow_free(&flow);
	script_free(&source);
	script_free(&sink);
	script_free(&answers);
	pollset_free(&set);
}

static void test_answers(void **state)
{
	(void)state;
	flow_test("R:a\xff\xfd\x01"
		  "b,EOF",
		"", STREAM_ENDS, "ab|.", "\xff\xfc\x01|");
	/* a block of which nothing is left makes no write, but an answer */
	flow_test("R:\xff\xfd\x01,EOF", "W:1,2", STREAM_ENDS, ".", "\xff|\xfc\x01|");
	/* who takes no answers any more may still say something */
	flow_test("R:a\xff\xfd\x01,b\xff\xfd\x02,c,EOF", "W:EPIPE,ECONNRESET", STREAM_ENDS,
		"a|b|c|.", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiation),
		cmocka_unit_test(test_other_commands),
		cmocka_unit_test(test_by_chance),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
