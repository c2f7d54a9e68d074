#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "filter/lines.h"
#include "option/settings.h"
#include "script.h"
#include "session/member.h"

/* A member with scripts instead of sockets. */
struct bench {
	struct script from, to;
	struct hub_settings settings;
	struct member *member;
};

static void bench_open(struct bench *bench, const char *slow, int64_t queue, const char *from,
	const char *to, unsigned traits)
{
	*bench = (struct bench){ .settings = { .queue = queue, .slow = slow } };
	script_open(&bench->from, from, traits);
	script_open(&bench->to, to, traits);
	bench->member = memory_zero(1, sizeof(*bench->member));
	bench->member->settings = &bench->settings;
	bench->member->reader = &bench->from.stream;
	bench->member->writer = &bench->to.stream;
}

/* Expects that the member has met this, and ends it. */
static void bench_free(struct bench *bench, const char *met)
{
	struct pollset *set = &bench->member->guest.watcher.set;

	assert_string_equal(bench->to.met.data, met);
	pollset_free(set);
	member_free(bench->member);
	script_free(&bench->from);
	script_free(&bench->to);
}

static enum member_room tell(struct bench *bench, const char *line)
{
	return member_tell(bench->member, line, strlen(line));
}

/* What was told in several lines leaves in one piece. */
static void test_told(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "ALL", STREAM_NOWAIT);
	assert_false(member_has_output(bench.member));
	assert_int_equal(tell(&bench, "un\n"), MEMBER_ROOM);
	assert_int_equal(tell(&bench, "deux\n"), MEMBER_ROOM);
	assert_true(member_has_output(bench.member));
	member_flush(bench.member);
	assert_false(member_has_output(bench.member));
	member_flush(bench.member);
	bench_free(&bench, "un\ndeux\n|");
}

/* What isn't taken at once is written later, from where it stopped. */
static void test_partial_writes(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "2,1,AGAIN,3,AGAIN", STREAM_NOWAIT);
	tell(&bench, "un\ndeux\n");
	member_flush(bench.member);
	assert_string_equal(bench.to.met.data, "un|");
	member_flush(bench.member);
	assert_string_equal(bench.to.met.data, "un|\n|");
	member_flush(bench.member); /* AGAIN */
	tell(&bench, "trois\n");
	member_flush(bench.member);
	assert_true(member_has_output(bench.member));
	member_flush(bench.member); /* AGAIN */
	member_flush(bench.member);
	assert_false(member_has_output(bench.member));
	bench_free(&bench, "un|\n|deu|x\ntrois\n|");
}

static void test_vanished(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "1,EPIPE", STREAM_NOWAIT);
	tell(&bench, "un\n");
	member_flush(bench.member);
	assert_false(bench.member->lost);
	member_flush(bench.member);
	assert_true(bench.member->lost);
	assert_false(member_has_output(bench.member));
	/* nothing more waits for it */
	assert_int_equal(tell(&bench, "deux\n"), MEMBER_ROOM);
	assert_int_equal(queue_length(&bench.member->queue), 2);
	member_flush(bench.member);
	bench_free(&bench, "u|");
}

/* Nothing is told to who is on his way out, but what he was told before still waits for him. */
static void test_leaving(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "ALL", STREAM_NOWAIT);
	tell(&bench, "un\n");
	bench.member->leaving = true;
	tell(&bench, "deux\n");
	assert_true(member_has_output(bench.member));
	member_flush(bench.member);
	bench_free(&bench, "un\n|");
}

static void test_without_a_way_out(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "block", 1, "", "", STREAM_NOWAIT);
	bench.member->writer = NULL;
	assert_int_equal(tell(&bench, "un\n"), MEMBER_ROOM);
	assert_int_equal(tell(&bench, "deux\n"), MEMBER_ROOM);
	assert_false(member_has_output(bench.member));
	member_flush(bench.member);
	bench_free(&bench, "");
}

/* The queue has room for so much; a line is in it whole or not at all. */
static void expect_full(const char *slow)
{
	struct bench bench;

	bench_open(&bench, slow, 10, "", "", STREAM_NOWAIT);
	assert_int_equal(tell(&bench, "0123\n"), MEMBER_ROOM);
	assert_int_equal(tell(&bench, "5678\n"), MEMBER_ROOM); /* just full */
	assert_int_equal(tell(&bench, "\n"), MEMBER_FULL);
	assert_int_equal(queue_length(&bench.member->queue), 10);
	member_flush(bench.member);
	/* alone, one that is longer than the queue waits too */
	assert_int_equal(tell(&bench, "0123456789abcdef\n"), MEMBER_ROOM);
	assert_int_equal(tell(&bench, "x\n"), MEMBER_FULL);
	member_flush(bench.member);
	bench_free(&bench, "0123\n5678\n|0123456789abcdef\n|");
}

static void test_full(void **state)
{
	(void)state;
	expect_full(NULL);
	expect_full("close");
	expect_full("drop");
}

/* With block nothing is lost: the others are asked to wait, until half of it is gone. */
static void test_block(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "block", 10, "", "9,1,AGAIN,1,1,AGAIN", STREAM_NOWAIT);
	assert_true(member_is_relieved(bench.member));
	assert_int_equal(tell(&bench, "0123456\n"), MEMBER_ROOM);
	assert_int_equal(tell(&bench, "abc\n"), MEMBER_WAITING);
	assert_int_equal(tell(&bench, "def\n"), MEMBER_WAITING);
	assert_false(member_is_relieved(bench.member));
	member_flush(bench.member);
	assert_int_equal(queue_length(&bench.member->queue), 7);
	assert_false(member_is_relieved(bench.member));
	member_flush(bench.member);
	assert_false(member_is_relieved(bench.member));
	member_flush(bench.member); /* AGAIN */
	member_flush(bench.member);
	assert_true(member_is_relieved(bench.member));
	member_flush(bench.member);
	member_flush(bench.member); /* AGAIN */
	member_flush(bench.member);
	assert_false(member_has_output(bench.member));
	bench_free(&bench, "0123456\na|b|c|\n|def\n|");
}

/* Where lines are datagrams each leaves alone, and whole. */
static void test_datagrams(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "ALL,AGAIN,ALL", STREAM_NOWAIT | STREAM_DATAGRAM);
	tell(&bench, "un\n");
	tell(&bench, "deux\n");
	tell(&bench, "trois\n");
	member_flush(bench.member);
	assert_string_equal(bench.to.met.data, "un\n|");
	member_flush(bench.member);
	assert_false(member_has_output(bench.member));
	bench_free(&bench, "un\n|deux\n|trois\n|");
}

/* A datagram that can't be sent is lost alone. */
static void test_lost_datagram(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "EMSGSIZE,ALL", STREAM_NOWAIT | STREAM_DATAGRAM);
	tell(&bench, "too long\n");
	tell(&bench, "un\n");
	member_flush(bench.member);
	assert_false(bench.member->lost);
	assert_false(member_has_output(bench.member));
	bench_free(&bench, "un\n|");
}

/* What others share is written to once for each time that poll says so. */
static void test_shared(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "ALL", STREAM_DATAGRAM);
	tell(&bench, "un\n");
	tell(&bench, "deux\n");
	member_flush(bench.member);
	assert_string_equal(bench.to.met.data, "un\n|");
	member_flush(bench.member);
	bench_free(&bench, "un\n|deux\n|");
}

static void test_line_ends(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 1000, "", "ALL", STREAM_NOWAIT);
	filter_append(&bench.member->speaking, lines_writing(LINE_ENDS_CRLF));
	tell(&bench, "un\n");
	tell(&bench, "deux\n");
	member_flush(bench.member);
	bench_free(&bench, "un\r\ndeux\r\n|");
}

/* A large queue is given back once it is empty. */
static void test_memory(void **state)
{
	struct bench bench;
	char *line = memory_zero(1, 100000);

	(void)state;
	bench_open(&bench, NULL, 1 << 20, "", "ALL", STREAM_NOWAIT);
	memset(line, 'x', 99999);
	tell(&bench, line);
	member_flush(bench.member);
	assert_int_equal(bench.member->queue.room, 0);
	assert_int_equal(bench.to.met.length, 100000);
	free(line);
	bench_free(&bench, bench.to.met.data);
}

static void test_listening(void **state)
{
	struct bench bench;
	char buffer[16];
	int64_t before = clock_now();

	(void)state;
	bench_open(&bench, NULL, 10, "bonjour,AGAIN,EMPTY,au revoir,EOF", "", STREAM_NOWAIT);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 7);
	assert_memory_equal(buffer, "bonjour", 7);
	assert_true(bench.member->heard >= before);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_false(bench.member->ended);
	assert_int_equal(member_listen(bench.member, buffer, 2), 2);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 7);
	assert_memory_equal(buffer, " revoir", 7);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_true(bench.member->ended);
	assert_false(bench.member->lost);
	bench_free(&bench, "");
}

static void test_listening_to_nobody(void **state)
{
	struct bench bench;
	char buffer[16];

	(void)state;
	bench_open(&bench, NULL, 10, "ECONNRESET", "", STREAM_NOWAIT);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_true(bench.member->ended && bench.member->lost);
	bench_free(&bench, "");
}

/* Where it was agreed, an empty datagram is the end. */
static void test_empty_datagram(void **state)
{
	struct bench bench;
	char buffer[16];

	(void)state;
	bench_open(&bench, NULL, 10, "EMPTY,x,EMPTY", "", STREAM_NOWAIT | STREAM_DATAGRAM);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_false(bench.member->ended);
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 1);
	bench.member->empty_ends = true;
	assert_int_equal(member_listen(bench.member, buffer, sizeof(buffer)), 0);
	assert_true(bench.member->ended && !bench.member->lost);
	bench_free(&bench, "");
}

/* What the member asks of poll follows from what it waits for. */
static void test_prepare(void **state)
{
	struct hub_settings settings = { .queue = 100 };
	struct member *member = memory_zero(1, sizeof(*member));
	struct pollset *set = &member->guest.watcher.set;
	struct stream stream;
	struct door door;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	stream_open_socket(&stream, pair[0], SOCK_STREAM);
	member->settings = &settings;
	member->reader = member->writer = &stream;
	member->heard = 1000;

	member_prepare(member, true, -1);
	assert_int_equal(set->count, 1);
	assert_int_equal(set->slots[0].fd, pair[0]);
	assert_int_equal(set->slots[0].events, POLLIN);
	assert_true(set->deadline == CLOCK_NEVER);
	member_prepare(member, false, -1);
	assert_int_equal(set->count, 0);

	member_tell(member, "x", 1);
	member_prepare(member, false, -1);
	assert_int_equal(set->slots[0].events, POLLOUT);
	member_prepare(member, true, -1);
	assert_int_equal(set->count, 1);
	assert_int_equal(set->slots[0].events, POLLIN | POLLOUT);
	member->ended = true;
	member_prepare(member, true, -1);
	assert_int_equal(set->slots[0].events, POLLOUT);
	member_flush(member);
	member_prepare(member, true, -1);
	assert_int_equal(set->count, 0);

	/* who sits at the second address may be silent for ever */
	member_prepare(member, true, SECOND);
	assert_true(set->deadline == CLOCK_NEVER);
	member->door = &door;
	member_prepare(member, true, SECOND);
	assert_true(set->deadline == 1000 + SECOND);
	member_prepare(member, true, CLOCK_NEVER - 10);
	assert_true(set->deadline == CLOCK_NEVER);

	pollset_free(set);
	member_free(member);
	stream_close(&stream);
	close(pair[1]);
}

/* A stream that has something without poll is looked at at once. */
static void test_prepare_pending(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, 10, "x", "", STREAM_NOWAIT);
	member_prepare(bench.member, true, -1);
	assert_true(bench.member->guest.watcher.set.deadline == 0);
	member_prepare(bench.member, false, -1);
	assert_true(bench.member->guest.watcher.set.deadline == CLOCK_NEVER);
	bench_free(&bench, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_vanished),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_without_a_way_out),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_lost_datagram),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_listening),
		cmocka_unit_test(test_listening_to_nobody),
		cmocka_unit_test(test_empty_datagram),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_prepare_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
