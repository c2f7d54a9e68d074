/* The relay over real descriptors, with the peers played by the test between two turns of the loop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "relay/relay.h"

#ifndef HAVE_LINUX_SPLICE
#define HAVE_LINUX_SPLICE 0
#endif

#define PATIENCE (60 * SECOND) /* then a relay is taken for hung */
#define LARGE ((size_t)3 * 1024 * 1024 + 17)
#define BLOCK 8192

/* The outer side of an endpoint: what it will send, and what it has got. */
struct peer {
	int rfd, wfd; /* -1: not there */
	const unsigned char *data;
	size_t length, sent;
	bool stays;	 /* it doesn't end when all is sent */
	size_t appetite; /* reads so many bytes a turn; 0: as many as there are */
	struct text got;
	bool ended; /* it has seen the end of input */
};

struct bench {
	struct relay relay;
	struct stream streams[2];
	struct peer peers[2];
	struct pollset set;
	enum fast_way ways[2]; /* the fast path that was seen */
};

static const struct relay_settings settings_plain = { .idle = -1, .linger = -1 };
static const struct flow_policy policy_plain = { .block = BLOCK, .limit = -1 };

/* Bytes in which every position can be told from its neighbours. */
static const unsigned char *large_data(void)
{
	static unsigned char data[LARGE];
	uint32_t random = 1;

	if (data[1] == 0) {
		for (size_t i = 0; i < LARGE; i++) {
			random = random * 1664525u + 1013904223u;
			data[i] = (unsigned char)(random >> 24) | 1;
		}
	}
	return data;
}

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){ 0 };
	for (int i = 0; i < 2; i++) {
		bench->streams[i].rfd = bench->streams[i].wfd = -1;
		bench->peers[i].rfd = bench->peers[i].wfd = -1;
	}
}

/* One side is a pair of sockets. */
static void bench_socket(struct bench *bench, int side, int type, unsigned traits)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(stream_open(&bench->streams[side], ends[0], ends[0], traits), 0);
	fd_set_nonblocking(ends[1], true);
	bench->peers[side].rfd = bench->peers[side].wfd = ends[1];
}

/* One side is a TCP connection over loopback. */
static void bench_tcp(struct bench *bench, int side, unsigned traits)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int theirs;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(ours, (struct sockaddr *)&address, length), 0);
	theirs = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(theirs >= 0);
	close(listener);
	assert_int_equal(stream_open(&bench->streams[side], ours, ours, traits), 0);
	bench->peers[side].rfd = bench->peers[side].wfd = theirs;
}

/* One side is a pipe that the relay reads, or writes. */
static void bench_pipe(struct bench *bench, int side, bool relay_reads, unsigned traits)
{
	int ends[2];

	assert_int_equal(fd_pipe(ends), 0);
	if (relay_reads) {
		assert_int_equal(stream_open(&bench->streams[side], ends[0], -1, traits), 0);
		bench->peers[side].wfd = ends[1];
	} else {
		assert_int_equal(stream_open(&bench->streams[side], -1, ends[1], traits), 0);
		bench->peers[side].rfd = ends[0];
	}
	fd_set_nonblocking(relay_reads ? ends[1] : ends[0], true);
}

/* An empty file without a name; flags as of open. */
static int file_open(int flags)
{
	char path[] = "/tmp/test_relay.XXXXXX";
	int fd = mkstemp(path), again;

	assert_true(fd >= 0);
	again = open(path, O_RDWR | O_CLOEXEC | flags);
	assert_true(again >= 0);
	close(fd);
	unlink(path);
	return again;
}

/* One side is a file: full of data when the relay reads it, empty otherwise. */
static void bench_file(struct bench *bench, int side, size_t length, int flags)
{
	int fd = file_open(flags);

	assert_int_equal(fd_write_all(fd, large_data(), length), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(stream_open(&bench->streams[side], fd, fd, 0), 0);
}

/* Compares a file with the first bytes of the data. */
static void expect_file(int fd, size_t length)
{
	unsigned char *content = memory_alloc(length + 1);
	size_t have = 0;
	ssize_t n;

	while ((n = pread(fd, content + have, length + 1 - have, (off_t)have)) > 0)
		have += (size_t)n;
	assert_int_equal(have, length);
	assert_memory_equal(content, large_data(), length);
	free(content);
}

static void bench_start(struct bench *bench, const struct relay_settings *settings,
	const struct flow_policy *policy)
{
	flow_init(&bench->relay.flows[RELAY_RIGHTWARD], &bench->streams[0], &bench->streams[1],
		policy, NULL);
	flow_init(&bench->relay.flows[RELAY_LEFTWARD], &bench->streams[1], &bench->streams[0],
		policy, NULL);
	relay_init(&bench->relay, settings);
}

static void bench_sends(struct bench *bench, int side, const void *data, size_t length)
{
	bench->peers[side].data = data;
	bench->peers[side].length = length;
}

/* Sends what can be sent, ends when all is sent. */
static void peer_send(struct peer *peer)
{
	while (peer->wfd >= 0 && peer->sent < peer->length) {
		ssize_t n = write(peer->wfd, peer->data + peer->sent, peer->length - peer->sent);

		if (n < 0)
			return;
		peer->sent += (size_t)n;
	}
	if (peer->wfd >= 0 && !peer->stays) {
		if (peer->wfd == peer->rfd)
			shutdown(peer->wfd, SHUT_WR);
		else
			close(peer->wfd);
		peer->wfd = -1;
	}
}

static void peer_receive(struct peer *peer)
{
	char data[65536];
	size_t size = peer->appetite > 0 ? peer->appetite : sizeof(data);
	ssize_t n;

	while (peer->rfd >= 0 && !peer->ended) {
		n = read(peer->rfd, data, size);
		if (n < 0)
			return;
		text_add(&peer->got, data, (size_t)n);
		peer->ended = n == 0;
		if (peer->appetite > 0)
			return;
	}
}

/* One turn of everybody. A pause keeps the loop from sleeping while a peer has work to do. */
static void bench_turn(struct bench *bench)
{
	for (int i = 0; i < 2; i++) {
		peer_send(&bench->peers[i]);
		peer_receive(&bench->peers[i]);
	}
	pollset_clear(&bench->set);
	relay_prepare(&bench->relay, &bench->set);
	pollset_deadline(&bench->set, clock_after(SECOND / 500));
	assert_true(pollset_wait(&bench->set) >= 0);
	relay_step(&bench->relay, &bench->set);
	for (int i = 0; i < 2; i++) {
		enum fast_way way = bench->relay.flows[i].fast.way;

		if (way > FAST_REFUSED)
			bench->ways[i] = way;
	}
}

/* Runs the relay to its end. */
static void bench_run(struct bench *bench)
{
	int64_t deadline = clock_after(PATIENCE);

	while (!relay_is_done(&bench->relay)) {
		if (clock_now() > deadline)
			fail_msg("the relay hangs: %d/%d, %zu+%zu bytes have come",
				bench->relay.flows[0].state, bench->relay.flows[1].state,
				bench->peers[0].got.length, bench->peers[1].got.length);
		bench_turn(bench);
	}
	for (int i = 0; i < 2; i++)
		peer_receive(&bench->peers[i]);
}

/* Takes what is left of the data after the relay has ended, up to the end of input. */
static void bench_finish(struct bench *bench, int side)
{
	struct peer *peer = &bench->peers[side];
	int64_t deadline = clock_after(PATIENCE);

	while (!peer->ended && clock_now() < deadline)
		peer_receive(peer);
	assert_true(peer->ended);
}

static void bench_free(struct bench *bench)
{
	relay_free(&bench->relay);
	pollset_free(&bench->set);
	for (int i = 0; i < 2; i++) {
		struct peer *peer = &bench->peers[i];

		bench->streams[i].traits &= ~(unsigned)STREAM_KEEP;
		stream_close(&bench->streams[i]);
		if (peer->rfd >= 0)
			close(peer->rfd);
		if (peer->wfd >= 0 && peer->wfd != peer->rfd)
			close(peer->wfd);
		text_free(&peer->got);
	}
}

static void expect_got(const struct bench *bench, int side, const void *data, size_t length)
{
	assert_int_equal(bench->peers[side].got.length, length);
	if (length > 0)
		assert_memory_equal(bench->peers[side].got.data, data, length);
}

static void test_conversation(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	bench_sends(&bench, 0, "question", 8);
	bench_sends(&bench, 1, "réponse", 8);
	bench_start(&bench, &settings_plain, &policy_plain);
	bench_run(&bench);
	expect_got(&bench, 1, "question", 8);
	expect_got(&bench, 0, "réponse", 8);
	assert_true(bench.peers[0].ended && bench.peers[1].ended);
	assert_false(bench.relay.failed);
	assert_false(bench.relay.timed_out);
	bench_free(&bench);
}

/* The end of one direction leaves the other one alone. */
static void test_half_close(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	bench_sends(&bench, 0, "ask", 3);
	bench.peers[1].stays = true;
	bench_start(&bench, &settings_plain, &policy_plain);
	while (!bench.peers[1].ended)
		bench_turn(&bench);
	assert_false(relay_is_done(&bench.relay));
	bench_sends(&bench, 1, large_data(), LARGE);
	bench.peers[1].stays = false;
	bench_run(&bench);
	bench_finish(&bench, 0);
	expect_got(&bench, 0, large_data(), LARGE);
	bench_free(&bench);
}

/* Both directions at once, each with a reader that takes small bites: neither waits for the other. */
static void test_both_ways(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_tcp(&bench, 1, 0);
	bench_sends(&bench, 0, large_data(), LARGE);
	bench_sends(&bench, 1, large_data(), LARGE);
	bench.peers[1].appetite = 50000;
	bench_start(&bench, &settings_plain, &policy_plain);
	bench_run(&bench);
	bench_finish(&bench, 0);
	bench_finish(&bench, 1);
	expect_got(&bench, 0, large_data(), LARGE);
	expect_got(&bench, 1, large_data(), LARGE);
	assert_int_equal(bench.relay.flows[0].count.bytes, LARGE);
	assert_int_equal(bench.relay.flows[1].count.bytes, LARGE);
	bench_free(&bench);
}

static const struct relay_settings settings_right = { .one_way = true,
	.way = RELAY_RIGHTWARD,
	.idle = -1,
	.linger = -1 };

/* Sends the large data rightward and expects all of it, or as much as the limit allows. */
static void expect_rightward(struct bench *bench, int64_t limit, enum fast_way way)
{
	struct flow_policy policy = policy_plain;
	size_t expected = limit >= 0 && (size_t)limit < LARGE ? (size_t)limit : LARGE;

	policy.limit = limit;
	if (bench->peers[0].wfd >= 0)
		bench_sends(bench, 0, large_data(), LARGE);
	bench_start(bench, &settings_right, &policy);
	bench_run(bench);
	assert_int_equal(bench->relay.flows[0].count.bytes, expected);
	assert_int_equal(bench->relay.flows[0].error.kind, ERROR_NONE);
	assert_false(bench->relay.failed);
	if (bench->peers[1].rfd >= 0) {
		bench_finish(bench, 1);
		expect_got(bench, 1, large_data(), expected);
	} else {
		expect_file(bench->streams[1].wfd, expected);
	}
#ifdef __linux__
	assert_int_equal(bench->ways[0], way);
#else
	(void)way;
#endif
	bench_free(bench);
}

static void test_fast_ways(void **state)
{
	static const int64_t limits[] = { -1, LARGE, LARGE - 1, 1000000, 2 * BLOCK + 1 };
	struct bench bench;

	(void)state;
	if (!HAVE_LINUX_SPLICE)
		skip();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		bench_open(&bench);
		bench_socket(&bench, 0, SOCK_STREAM, 0);
		bench_tcp(&bench, 1, 0);
		expect_rightward(&bench, limits[i], FAST_THROUGH);

		bench_open(&bench);
		bench_tcp(&bench, 0, 0);
		bench_file(&bench, 1, 0, 0);
		expect_rightward(&bench, limits[i], FAST_THROUGH);

		bench_open(&bench);
		bench_pipe(&bench, 0, true, 0);
		bench_tcp(&bench, 1, 0);
		expect_rightward(&bench, limits[i], FAST_DIRECT);

		bench_open(&bench);
		bench_tcp(&bench, 0, 0);
		bench_pipe(&bench, 1, false, 0);
		expect_rightward(&bench, limits[i], FAST_DIRECT);

		bench_open(&bench);
		bench_pipe(&bench, 0, true, 0);
		bench_pipe(&bench, 1, false, 0);
		expect_rightward(&bench, limits[i], FAST_DIRECT);

		bench_open(&bench);
		bench_pipe(&bench, 0, true, 0);
		bench_file(&bench, 1, 0, 0);
		expect_rightward(&bench, limits[i], FAST_DIRECT);

		bench_open(&bench);
		bench_file(&bench, 0, LARGE, 0);
		bench_tcp(&bench, 1, 0);
		expect_rightward(&bench, limits[i], FAST_FILE);

		bench_open(&bench);
		bench_file(&bench, 0, LARGE, 0);
		bench_file(&bench, 1, 0, 0);
		expect_rightward(&bench, limits[i], FAST_COPY);
	}
}

/* The limit is reached on the fast path and the source says nothing more: that is the end. */
static void test_fast_limit_then_silence(void **state)
{
	struct bench bench;

	(void)state;
	if (!HAVE_LINUX_SPLICE)
		skip();
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_tcp(&bench, 1, 0);
	bench.peers[0].stays = true;
	expect_rightward(&bench, LARGE, FAST_THROUGH);

	bench_open(&bench);
	bench_pipe(&bench, 0, true, 0);
	bench_tcp(&bench, 1, 0);
	bench.peers[0].stays = true;
	expect_rightward(&bench, LARGE, FAST_DIRECT);
}

/* The kernel splices to no file that appends: what is on its way by then must not be lost. */
static void test_fast_refused(void **state)
{
	struct bench bench;

	(void)state;
	if (!HAVE_LINUX_SPLICE)
		skip();
	bench_open(&bench);
	bench_tcp(&bench, 0, 0);
	bench_file(&bench, 1, 0, O_APPEND);
	expect_rightward(&bench, -1, FAST_THROUGH);

	bench_open(&bench);
	bench_pipe(&bench, 0, true, 0);
	bench_file(&bench, 1, 0, O_APPEND);
	expect_rightward(&bench, -1, FAST_DIRECT);

	bench_open(&bench);
	bench_file(&bench, 0, LARGE, 0);
	bench_file(&bench, 1, 0, O_APPEND);
	expect_rightward(&bench, -1, FAST_COPY);

	bench_open(&bench);
	bench_tcp(&bench, 0, 0);
	bench_file(&bench, 1, 0, O_APPEND);
	expect_rightward(&bench, 1000000, FAST_THROUGH);
}

/* A sink that takes little at a time: what waits in the pipe meanwhile arrives in order. */
static void test_fast_slow_sink(void **state)
{
	struct bench bench;
	int size = 40000; /* room for the blocks that make a flow busy */

	(void)state;
	if (!HAVE_LINUX_SPLICE)
		skip();
	bench_open(&bench);
	bench_tcp(&bench, 0, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	setsockopt(bench.streams[1].wfd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	bench.peers[1].appetite = 3001;
	expect_rightward(&bench, 1000000, FAST_THROUGH);

	bench_open(&bench);
	bench_pipe(&bench, 0, true, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	setsockopt(bench.streams[1].wfd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	bench.peers[1].appetite = 3001;
	expect_rightward(&bench, 500000, FAST_DIRECT);
}

/* Asks for the plain path, and gets it. */
static void test_fast_unwanted(void **state)
{
	struct flow_policy policy = policy_plain;
	struct bench bench;

	(void)state;
	policy.plain = true;
	bench_open(&bench);
	bench_tcp(&bench, 0, 0);
	bench_tcp(&bench, 1, 0);
	bench_sends(&bench, 0, large_data(), LARGE);
	bench_start(&bench, &settings_right, &policy);
	bench_run(&bench);
	bench_finish(&bench, 1);
	expect_got(&bench, 1, large_data(), LARGE);
	assert_int_equal(bench.ways[0], FAST_OFF);
	bench_free(&bench);
}

/* The sink goes away while the kernel moves the data: the same error as on the plain path. */
static void test_fast_sink_gone(void **state)
{
	struct bench bench;

	(void)state;
	for (int side = 0; side < 2; side++) {
		bench_open(&bench);
		bench_tcp(&bench, 0, 0);
		if (side == 0)
			bench_socket(&bench, 1, SOCK_STREAM, 0);
		else
			bench_pipe(&bench, 1, false, 0);
		bench_sends(&bench, 0, large_data(), LARGE);
		bench.peers[1].appetite = 100;
		bench_start(&bench, &settings_right, &policy_plain);
		while (bench.ways[0] == FAST_OFF)
			bench_turn(&bench);
		close(bench.peers[1].rfd);
		bench.peers[1].rfd = bench.peers[1].wfd = -1;
		bench_run(&bench);
		assert_true(bench.relay.failed);
		bench_free(&bench);
	}
}

/*
 * Descriptors that are inherited keep blocking; nothing may wait in them. A step that did would hang, so an
 * alarm ends the program.
 */
static void test_inherited_never_blocks(void **state)
{
	struct bench bench;
	int copy;

	(void)state;
	alarm(120);
	/* a socket that has little more than the blocks which make a flow busy */
	bench_open(&bench);
	bench_tcp(&bench, 0, STREAM_KEEP);
	bench_pipe(&bench, 1, false, 0);
	bench.peers[0].stays = true;
	bench_sends(&bench, 0, large_data(), 5 * BLOCK + 3);
	bench_start(&bench, &settings_right, &policy_plain);
	while (bench.peers[1].got.length < 5 * BLOCK + 3)
		bench_turn(&bench);
	bench_turn(&bench);
	assert_int_equal(fcntl(bench.streams[0].rfd, F_GETFL) & O_NONBLOCK, 0);
	bench_free(&bench);

	/* a pipe whose reader takes its time */
	bench_open(&bench);
	bench_file(&bench, 0, LARGE, 0);
	bench_pipe(&bench, 1, false, STREAM_KEEP);
	copy = dup(bench.streams[1].wfd);
	bench.peers[1].appetite = 50000;
	bench_start(&bench, &settings_right, &policy_plain);
	while (bench.peers[1].got.length < LARGE)
		bench_turn(&bench);
	assert_int_equal(fcntl(copy, F_GETFL) & O_NONBLOCK, 0);
	close(copy);
	expect_got(&bench, 1, large_data(), LARGE);
	bench_free(&bench);

	/* one pipe to another */
	bench_open(&bench);
	bench_pipe(&bench, 0, true, STREAM_KEEP);
	bench_pipe(&bench, 1, false, STREAM_KEEP);
	bench.peers[0].stays = true;
	bench.peers[1].appetite = 50000;
	bench_sends(&bench, 0, large_data(), LARGE);
	bench_start(&bench, &settings_right, &policy_plain);
	while (bench.peers[1].got.length < LARGE)
		bench_turn(&bench);
	expect_got(&bench, 1, large_data(), LARGE);
	bench_free(&bench);
	alarm(0);
}

/* Turns once without moving anything and expects poll to have nothing to tell. */
static void expect_rest(struct bench *bench)
{
	int64_t deadline = clock_after(PATIENCE);
	bool rests = false;

	while (!rests && !relay_is_done(&bench->relay) && clock_now() < deadline) {
		bench_turn(bench);
		pollset_clear(&bench->set);
		relay_prepare(&bench->relay, &bench->set);
		rests = poll(bench->set.slots, bench->set.count, 0) == 0;
	}
	assert_true(rests || relay_is_done(&bench->relay));
}

/* A peer that has closed altogether shows a hang-up for ever: it must not keep the loop turning. */
static void test_gone_peer_gives_rest(void **state)
{
	struct bench bench;

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		bench_open(&bench);
		bench_socket(&bench, 0, SOCK_STREAM, 0);
		if (kind == 0)
			bench_socket(&bench, 1, SOCK_STREAM, 0);
		else if (kind == 1)
			bench_tcp(&bench, 1, 0);
		else
			bench_socket(&bench, 1, SOCK_SEQPACKET, 0);
		bench.peers[0].stays = true;
		bench_start(&bench, &settings_plain, &policy_plain);
		bench_turn(&bench);
		close(bench.peers[1].rfd);
		bench.peers[1].rfd = bench.peers[1].wfd = -1;
		expect_rest(&bench);
		assert_false(bench.relay.failed);
		bench_free(&bench);
	}
}

/* A source that has ended, or hung up, is not asked again. */
static void test_ended_source_gives_rest(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_pipe(&bench, 0, true, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	bench.peers[1].stays = true;
	bench_start(&bench, &settings_plain, &policy_plain);
	while (bench.relay.flows[0].state != FLOW_DONE)
		bench_turn(&bench);
	expect_rest(&bench);
	bench_free(&bench);
}

/* A side that can't tell its end is left behind after the linger time; one that can is waited for. */
static void test_linger(void **state)
{
	static const struct relay_settings linger = { .idle = -1, .linger = SECOND / 50 };
	static const struct relay_settings none = { .idle = -1, .linger = 0 };
	struct bench bench;

	(void)state;
	for (int given = 0; given < 3; given++) {
		bench_open(&bench);
		bench_socket(&bench, 0, SOCK_STREAM, 0);
		bench_socket(&bench, 1, given == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);
		bench_sends(&bench, 0, "abc", 3);
		bench.peers[1].stays = true;
		bench_start(&bench,
			given == 0	     ? &settings_plain
				: given == 1 ? &linger
					     : &none,
			&policy_plain);
		bench_run(&bench);
		assert_true(bench.relay.timed_out);
		assert_false(bench.relay.failed);
		expect_got(&bench, 1, "abc", 3);
		bench_free(&bench);
	}
}

/* Silence ends a relay that has an idle time, also when both sides are still there. */
static void test_idle(void **state)
{
	static const struct relay_settings idle = { .idle = SECOND / 50, .linger = -1 };
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	bench_sends(&bench, 0, "abc", 3);
	bench.peers[0].stays = bench.peers[1].stays = true;
	bench_start(&bench, &idle, &policy_plain);
	bench_run(&bench);
	assert_true(bench.relay.timed_out);
	expect_got(&bench, 1, "abc", 3);
	bench_free(&bench);
}

/* A time that never comes is no time. */
static void test_endless_times(void **state)
{
	static const struct relay_settings endless = { .idle = INT64_MAX, .linger = INT64_MAX };
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_STREAM, 0);
	bench_socket(&bench, 1, SOCK_DGRAM, 0);
	bench_sends(&bench, 0, "abc", 3);
	bench.peers[1].stays = true;
	bench_start(&bench, &endless, &policy_plain);
	for (int i = 0; i < 20; i++)
		bench_turn(&bench);
	assert_false(relay_is_done(&bench.relay));
	bench_free(&bench);
}

/* One way only: the end of it is the end, and what the other side says is not even read. */
static void test_one_way(void **state)
{
	struct bench bench;

	(void)state;
	for (int way = 0; way < 2; way++) {
		struct relay_settings settings = { .one_way = true,
			.way = (enum relay_direction)way,
			.idle = -1,
			.linger = -1 };

		bench_open(&bench);
		bench_socket(&bench, 0, SOCK_STREAM, 0);
		bench_socket(&bench, 1, SOCK_STREAM, 0);
		bench_sends(&bench, 0, "right", 5);
		bench_sends(&bench, 1, "left", 4);
		bench_start(&bench, &settings, &policy_plain);
		bench_run(&bench);
		expect_got(&bench, way == 0 ? 1 : 0, way == 0 ? "right" : "left", way == 0 ? 5 : 4);
		expect_got(&bench, way == 0 ? 0 : 1, "", 0);
		assert_false(bench.relay.timed_out);
		bench_free(&bench);
	}
}

/* Messages keep their boundaries, and an empty one is not an end. */
static void test_messages(void **state)
{
	static const struct flow_policy policy = { .block = BLOCK,
		.limit = -1,
		.messages = true,
		.pass_empty = true };
	struct bench bench;
	char data[100];
	int fds[2];

	(void)state;
	bench_open(&bench);
	bench_socket(&bench, 0, SOCK_DGRAM, 0);
	bench_socket(&bench, 1, SOCK_DGRAM, 0);
	bench_start(&bench, &settings_plain, &policy);
	for (int i = 0; i < 2; i++) {
		fds[i] = bench.peers[i].rfd;
		bench.peers[i].rfd = bench.peers[i].wfd = -1;
	}
	assert_int_equal(send(fds[0], "one", 3, 0), 3);
	assert_int_equal(send(fds[0], "", 0, 0), 0);
	assert_int_equal(send(fds[0], "three", 5, 0), 5);
	for (int i = 0; i < 10; i++)
		bench_turn(&bench);
	assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), 3);
	assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), 5);
	assert_memory_equal(data, "three", 5);
	assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), -1);
	close(fds[0]);
	close(fds[1]);
	bench_free(&bench);
}

/* A reset by the peer is a failure that is told once. */
static void test_reset(void **state)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_tcp(&bench, 0, 0);
	bench_socket(&bench, 1, SOCK_STREAM, 0);
	bench.peers[0].stays = true;
	bench_start(&bench, &settings_plain, &policy_plain);
	bench_turn(&bench);
	setsockopt(bench.peers[0].rfd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(bench.peers[0].rfd);
	bench.peers[0].rfd = bench.peers[0].wfd = -1;
	bench_run(&bench);
	assert_true(bench.relay.failed);
	assert_true(bench.peers[1].ended);
	bench_free(&bench);
}

static int group_setup(void **state)
{
	static const struct log_settings settings = {
		.program = "test_relay",
		.level = LOG_LEVEL_FATAL,
	};
	struct error error = ERROR_EMPTY;

	(void)state;
	/* as signals_open has it */
	signal(SIGPIPE, SIG_IGN);
	return log_open(&settings, &error);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversation),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_fast_ways),
		cmocka_unit_test(test_fast_limit_then_silence),
		cmocka_unit_test(test_fast_refused),
		cmocka_unit_test(test_fast_slow_sink),
		cmocka_unit_test(test_fast_unwanted),
		cmocka_unit_test(test_fast_sink_gone),
		cmocka_unit_test(test_inherited_never_blocks),
		cmocka_unit_test(test_gone_peer_gives_rest),
		cmocka_unit_test(test_ended_source_gives_rest),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_endless_times),
		cmocka_unit_test(test_one_way),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
