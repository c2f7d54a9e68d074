/* Packets of a capture: headers, lengths and checksums, looked at byte by byte. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filter/frame.h"

/* An address of IP or IPv6. */
static struct sockaddr_any address(const char *host, int port)
{
	struct sockaddr_any result = { .length = 0 };

	if (inet_pton(AF_INET, host, &result.ip4.sin_addr) == 1) {
		result.ip4.sin_family = AF_INET;
		result.length = sizeof(result.ip4);
	} else {
		assert_int_equal(inet_pton(AF_INET6, host, &result.ip6.sin6_addr), 1);
		result.ip6.sin6_family = AF_INET6;
		result.length = sizeof(result.ip6);
	}
	sockaddr_set_port(&result, port);
	return result;
}

/* The sum of all words, as RFC 1071 has it: 0xffff where a checksum is among them. */
static unsigned sum(const unsigned char *data, size_t length, unsigned so_far)
{
	for (size_t i = 0; i < length; i++)
		so_far += i % 2 == 0 ? (unsigned)data[i] << 8 : data[i];
	while (so_far >> 16 != 0)
		so_far = (so_far & 0xffff) + (so_far >> 16);
	return so_far;
}

static void test_syn(void **state)
{
	struct sockaddr_any from = address("10.0.0.1", 1024), to = address("10.0.0.2", 80);
	struct frame frame = { .from = &from,
		.to = &to,
		.protocol = IPPROTO_TCP,
		.flags = FRAME_SYN,
		.sequence = 0xfffffffe };
	static const unsigned char wanted[] = { 0x45, 0, 0, 48, 0, 0, 0x40, 0, 64, 6, 0x26, 0xc6,
		10, 0, 0, 1, 10, 0, 0, 2, 4, 0, 0, 80, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0x70, 2,
		0xff, 0xff };
	struct text out = TEXT_EMPTY;

	(void)state;
	frame_add(&out, &frame);
	assert_int_equal(out.length, 48);
	assert_memory_equal(out.data, wanted, sizeof(wanted));
	assert_int_equal(sum((unsigned char *)out.data, 20, 0), 0xffff);
	/* addresses, protocol and length count, too */
	assert_int_equal(sum((unsigned char *)out.data + 12, 36, 6 + 28), 0xffff);
	text_free(&out);
}

static void test_every_length(void **state)
{
	struct sockaddr_any from = address("192.0.2.1", 5), to = address("192.0.2.2", 6);
	struct sockaddr_any here = address("2001:db8::1", 5), there = address("::1", 6);
	unsigned char data[300];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 37 + 255);
	for (size_t length = 0; length <= sizeof(data); length++) {
		struct frame frame = { .from = &from,
			.to = &to,
			.protocol = IPPROTO_UDP,
			.data = data,
			.length = length };
		struct text out = TEXT_EMPTY;

		frame_add(&out, &frame);
		assert_int_equal(out.length, 28 + length);
		assert_int_equal(sum((unsigned char *)out.data + 12, 16 + length,
					 17 + 8 + (unsigned)length),
			0xffff);
		text_clear(&out);
		frame.from = &here;
		frame.to = &there;
		frame_add(&out, &frame);
		assert_int_equal(out.length, 48 + length);
		assert_int_equal(sum((unsigned char *)out.data + 8, 40 + length,
					 17 + 8 + (unsigned)length),
			0xffff);
		assert_memory_equal(out.data + 48, data, length);
		text_free(&out);
	}
}

/* In UDP 0 means that there is none. */
static void test_no_checksum_is_zero(void **state)
{
	struct sockaddr_any from = address("0.0.0.1", 0), to = address("0.0.0.0", 0);
	/* 1 + protocol 17 + length 10 twice, and this makes the sum 0xffff */
	static const unsigned char rest[] = { 0xff, 0xff - 1 - 17 - 10 - 10 };
	struct frame frame = { .from = &from,
		.to = &to,
		.protocol = IPPROTO_UDP,
		.data = rest,
		.length = sizeof(rest) };
	struct text out = TEXT_EMPTY;

	(void)state;
	frame_add(&out, &frame);
	assert_int_equal((unsigned char)out.data[26], 0xff);
	assert_int_equal((unsigned char)out.data[27], 0xff);
	text_free(&out);
}

static void test_the_longest(void **state)
{
	static const unsigned char data[FRAME_MOST];
	struct sockaddr_any from = address("10.0.0.1", 1), to = address("10.0.0.2", 2);
	struct frame frame = { .from = &from,
		.to = &to,
		.protocol = IPPROTO_TCP,
		.flags = FRAME_SYN | FRAME_ACK,
		.data = data,
		.length = sizeof(data) };
	struct text out = TEXT_EMPTY;

	(void)state;
	frame_add(&out, &frame);
	assert_in_range(out.length, sizeof(data), 65535);
	assert_int_equal((unsigned char)out.data[2] << 8 | (unsigned char)out.data[3], out.length);
	text_free(&out);
}

static void test_raw_data_has_no_header_of_ours(void **state)
{
	struct sockaddr_any from = address("10.0.0.1", 0), to = address("10.0.0.2", 0);
	struct frame frame = { .from = &from,
		.to = &to,
		.protocol = IPPROTO_TCP,
		.raw = true,
		.data = "ping",
		.length = 4 };
	struct text out = TEXT_EMPTY;

	(void)state;
	frame_add(&out, &frame);
	assert_int_equal(out.length, 24);
	assert_int_equal(out.data[9], IPPROTO_TCP);
	assert_memory_equal(out.data + 20, "ping", 4);
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syn),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_no_checksum_is_zero),
		cmocka_unit_test(test_the_longest),
		cmocka_unit_test(test_raw_data_has_no_header_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
