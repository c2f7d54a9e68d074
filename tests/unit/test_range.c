#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "option/range.h"

/* Makes a socket address from an IP address. */
static void range_address(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	else
		fail_msg("%s is no address", text);
}

/* Parses a range that has to be good. */
static void range_good(const char *text, struct range *range)
{
	char *reason = NULL;

	if (range_parse(text, range, &reason) < 0)
		fail_msg("%s: %s", text, reason);
}

/* Whether the range, its host resolved to network, covers the peer. */
static bool covers(const char *text, const char *network, const char *peer)
{
	struct sockaddr_storage net, address;
	struct range range;

	range_good(text, &range);
	range_address(network != NULL ? network : range.host, &net);
	range_address(peer, &address);
	return range_covers(&range, (struct sockaddr *)&net, (struct sockaddr *)&address);
}

/* Expects a range to be refused with words in the reason. */
static void expect_refusal(const char *text, const char *words)
{
	struct range range;
	char *reason = NULL;

	if (range_parse(text, &range, &reason) == 0)
		fail_msg("%s: was accepted", text);
	if (strstr(reason, words) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, reason, words);
	free(reason);
}

static void test_forms(void **state)
{
	struct range range;

	(void)state;
	range_good("10.1.2.3/8", &range);
	assert_int_equal(range.kind, RANGE_BITS);
	assert_int_equal(range.family, AF_INET);
	assert_int_equal(range.bits, 8);
	assert_string_equal(range.host, "10.1.2.3");
	range_good("[fe80::1]/64", &range);
	assert_int_equal(range.family, AF_INET6);
	assert_string_equal(range.host, "fe80::1");
	range_good("fe80::1/64", &range);
	assert_string_equal(range.host, "fe80::1");
	range_good("some.host/24", &range);
	assert_int_equal(range.family, AF_UNSPEC);
	assert_string_equal(range.host, "some.host");
	range_good("xenon:255.255.0.0", &range);
	assert_int_equal(range.kind, RANGE_MASK);
	assert_string_equal(range.host, "xenon");
	range_good("[::1]:[ffff::]", &range);
	assert_int_equal(range.kind, RANGE_MASK);
	assert_int_equal(range.length, 16);
	range_good("x7f000001:xff000000", &range);
	assert_int_equal(range.kind, RANGE_RAW);
	assert_int_equal(range.length, 4);
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refusal("", "mask is needed");
	expect_refusal("10.0.0.1", "mask is needed");
	expect_refusal("host", "mask is needed");
	expect_refusal("::1", "mask is needed");
	expect_refusal("[::1]", "mask is needed");
	expect_refusal("10.0.0.1:80", "mask is needed");
	expect_refusal("10.0.0.1/", "missing numerical value");
	expect_refusal("10.0.0.1/8x", "trailing garbage");
	expect_refusal("10.0.0.1/33", "out of range, 0 to 32");
	expect_refusal("10.0.0.1/-1", "out of range");
	expect_refusal("[::1]/129", "out of range, 0 to 128");
	expect_refusal("/8", "address is missing");
	expect_refusal("[]/8", "address is missing");
	expect_refusal("[10.0.0.1]/8", "IPv6 address is needed");
	expect_refusal("1:2:3/8", "neither an address nor a name");
	expect_refusal("x7f:xffff", "differ in length");
	expect_refusal("x7f0:xffff", "syntax error in data");
}

static void test_ipv4(void **state)
{
	(void)state;
	assert_true(covers("10.1.2.3/8", NULL, "10.200.0.1"));
	assert_false(covers("10.1.2.3/8", NULL, "11.1.2.3"));
	assert_true(covers("10.1.2.3/32", NULL, "10.1.2.3"));
	assert_false(covers("10.1.2.3/32", NULL, "10.1.2.2"));
	assert_true(covers("192.168.5.0/22", NULL, "192.168.7.255"));
	assert_false(covers("192.168.5.0/22", NULL, "192.168.8.0"));
	assert_true(covers("0.0.0.0/0", NULL, "255.255.255.255"));
	assert_true(covers("10.0.0.7:255.0.0.255", NULL, "10.5.6.7"));
	assert_false(covers("10.0.0.7:255.0.0.255", NULL, "10.5.6.8"));
	assert_true(covers("some.host/24", "127.0.0.1", "127.0.0.250"));
	assert_false(covers("some.host/24", "127.0.0.1", "127.0.1.1"));
	assert_false(covers("some.host/64", "127.0.0.1", "127.0.0.1"));
}

static void test_ipv6(void **state)
{
	(void)state;
	assert_true(covers("[fe80::]/10", NULL, "febf::1"));
	assert_false(covers("[fe80::]/10", NULL, "fec0::1"));
	assert_true(covers("[::1]/128", NULL, "::1"));
	assert_false(covers("[::1]/128", NULL, "::2"));
	assert_true(covers("[::]/0", NULL, "1234::5"));
	assert_true(covers("[2001:db8::5]:[ffff:ffff::ffff]", NULL, "2001:db8:1:2::5"));
	assert_false(covers("some.host:255.0.0.0", "::1", "::1"));
}

static void test_mapped(void **state)
{
	(void)state;
	assert_true(covers("10.0.0.0/8", NULL, "::ffff:10.9.8.7"));
	assert_false(covers("10.0.0.0/8", NULL, "::ffff:11.9.8.7"));
	assert_false(covers("10.0.0.0/8", NULL, "::10.9.8.7"));
	assert_false(covers("0.0.0.0/0", NULL, "::1"));
	assert_true(covers("10.0.0.0:255.0.0.0", NULL, "::ffff:10.9.8.7"));
	assert_true(covers("[::ffff:10.0.0.0]/104", NULL, "10.9.8.7"));
	assert_false(covers("[::1]/128", NULL, "127.0.0.1"));
}

/* Parses an entry of a list of hosts that has to be good, and says whether it covers the peer. */
static bool admits(const char *text, const char *network, const char *peer)
{
	struct sockaddr_storage net, address;
	struct range range;
	char *reason = NULL;

	if (range_parse_host(text, &range, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	range_address(network != NULL ? network : range.host, &net);
	range_address(peer, &address);
	return range_covers(&range, (struct sockaddr *)&net, (struct sockaddr *)&address);
}

/* Where a host may stand instead of a network, all of its bits count, whatever the family. */
static void test_hosts(void **state)
{
	struct range range;
	char *reason;

	(void)state;
	assert_true(admits("10.1.2.3", NULL, "10.1.2.3"));
	assert_true(admits("10.1.2.3", NULL, "::ffff:10.1.2.3"));
	assert_false(admits("10.1.2.3", NULL, "10.1.2.2"));
	assert_true(admits("::1", NULL, "::1"));
	assert_true(admits("[::1]", NULL, "::1"));
	assert_false(admits("::1", NULL, "::2"));
	assert_false(admits("::1", NULL, "127.0.0.1"));
	assert_true(admits("some.host", "10.1.2.3", "10.1.2.3"));
	assert_true(admits("some.host", "fe80::1", "fe80::1"));
	assert_false(admits("some.host", "10.1.2.3", "10.1.2.4"));
	assert_true(admits("10.1.2.3/8", NULL, "10.9.9.9"));
	assert_true(admits("10.1.2.3:255.0.0.0", NULL, "10.9.9.9"));
	assert_true(admits("[fe80::]/10", NULL, "febf::1"));
	assert_int_equal(range_parse_host("10.0.0.0/33", &range, &reason), -1);
	free(reason);
	assert_int_equal(range_parse_host("[10.0.0.1]", &range, &reason), -1);
	free(reason);
	assert_int_equal(range_parse_host("10.0.0.1:80", &range, &reason), -1);
	free(reason);
}

static void test_list(void **state)
{
	static const char *const entries[] = { "10.0.0.0/8", "::1", "[fe80::]/10", "host" };
	const char *text = " ,10.0.0.0/8,::1\t[fe80::]/10,,\r\n host, ";

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		char *entry = range_next(&text);

		assert_string_equal(entry, entries[i]);
		free(entry);
	}
	assert_null(range_next(&text));
	assert_null(range_next(&text));
}

static void test_raw(void **state)
{
	struct sockaddr_storage peer;
	struct range range;

	(void)state;
	range_address("127.9.8.7", &peer);
	range_good("x00007f000000:x0000ff000000", &range);
	assert_true(range_covers(&range, NULL, (struct sockaddr *)&peer));
	range_good("x00000a000000:x0000ff000000", &range);
	assert_false(range_covers(&range, NULL, (struct sockaddr *)&peer));
	peer.ss_family = AF_UNIX;
	range_good("127.0.0.0/8", &range);
	assert_false(range_covers(&range, (struct sockaddr *)&peer, (struct sockaddr *)&peer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
