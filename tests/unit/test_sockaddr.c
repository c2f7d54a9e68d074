#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <unistd.h>

#include "io/sockaddr.h"

static struct sockaddr_any ip4(const char *host, int port)
{
	struct sockaddr_any address = { .ip4 = { .sin_family = AF_INET } };

	address.length = sizeof(address.ip4);
	assert_int_equal(inet_pton(AF_INET, host, &address.ip4.sin_addr), 1);
	sockaddr_set_port(&address, port);
	return address;
}

static struct sockaddr_any ip6(const char *host, int port)
{
	struct sockaddr_any address = { .ip6 = { .sin6_family = AF_INET6 } };

	address.length = sizeof(address.ip6);
	assert_int_equal(inet_pton(AF_INET6, host, &address.ip6.sin6_addr), 1);
	sockaddr_set_port(&address, port);
	return address;
}

static struct sockaddr_any local(const char *name, size_t length, bool abstract, bool tight)
{
	struct sockaddr_any address;
	struct error error = ERROR_EMPTY;

	assert_int_equal(sockaddr_unix(&address, name, length, abstract, tight, &error), 0);
	return address;
}

/* Expects an address in its three forms. */
static void expect_forms(struct sockaddr_any address, const char *classic, const char *plain,
	const char *host)
{
	char text[SOCKADDR_TEXT];

	assert_string_equal(sockaddr_classic(&address, text), classic);
	assert_string_equal(sockaddr_plain(&address, text), plain);
	assert_string_equal(sockaddr_host(&address, text), host);
}

static void test_forms(void **state)
{
	struct sockaddr_any none = { .length = 0 };
	struct sockaddr_any anonymous = { .local = { .sun_family = AF_UNIX } };

	(void)state;
	expect_forms(ip4("127.0.0.1", 80), "AF=2 127.0.0.1:80", "127.0.0.1:80", "127.0.0.1");
	expect_forms(ip6("::1", 65535), "AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:65535",
		"[::1]:65535", "[0000:0000:0000:0000:0000:0000:0000:0001]");
	expect_forms(local("/tmp/x", 6, false, true), "AF=1 \"/tmp/x\"", "/tmp/x", "/tmp/x");
	expect_forms(local("name", 4, true, true), "AF=1 \"@name\"", "@name", "@name");
	expect_forms(local("name", 4, true, false), "AF=1 \"@name\"", "@name", "@name");
	expect_forms(local("a\0b\x1b", 4, true, true), "AF=1 \"@a\\x00b\\x1b\"", "@a\\x00b\\x1b",
		"@a\\x00b\\x1b");
	expect_forms(none, "AF=0", "<anon>", "<anon>");
	anonymous.length = sizeof(sa_family_t);
	expect_forms(anonymous, "AF=1 \"<anon>\"", "<anon>", "<anon>");
}

/* The longest names, every byte of which becomes four, still fit the room for texts. */
static void test_long_names(void **state)
{
	char name[200], text[SOCKADDR_TEXT];
	struct sockaddr_any address;
	struct error error = ERROR_EMPTY;
	size_t most = sizeof(address.local.sun_path) - 1;

	(void)state;
	memset(name, '\x01', sizeof(name));
	address = local(name, most, true, true);
	assert_true(strlen(sockaddr_classic(&address, text)) < SOCKADDR_TEXT);
	assert_true(strlen(sockaddr_plain(&address, text)) < SOCKADDR_TEXT);
	assert_int_equal(sockaddr_unix(&address, name, most + 1, true, true, &error), -1);
	assert_int_equal(error.kind, ERROR_USAGE);
	error_clear(&error);
	memset(name, 'p', sizeof(name));
	address = local(name, most, false, true);
	sockaddr_plain(&address, text);
	assert_int_equal(strlen(text), most);
	assert_int_equal(sockaddr_unix(&address, name, most + 1, false, true, &error), -1);
	error_clear(&error);
}

static void test_unix_names(void **state)
{
	struct sockaddr_any address;
	struct error error = ERROR_EMPTY;
	size_t head = offsetof(struct sockaddr_un, sun_path);

	(void)state;
	assert_int_equal(local("abc", 3, true, true).length, head + 4);
	assert_int_equal(local("abc", 3, true, false).length, sizeof(struct sockaddr_un));
	assert_int_equal(local("", 0, true, true).length, head + 1);
	assert_int_equal(sockaddr_unix(&address, "", 0, false, true, &error), -1);
	error_clear(&error);
	assert_int_equal(sockaddr_unix(&address, "a\0b", 3, false, true, &error), -1);
	assert_int_equal(error.kind, ERROR_USAGE);
	error_clear(&error);
}

static void test_ports(void **state)
{
	struct sockaddr_any four = ip4("1.2.3.4", 0), six = ip6("::", 7);
	struct sockaddr_any path = local("/x", 2, false, true);
	struct sockaddr_any none = { .length = 0 };

	(void)state;
	assert_int_equal(sockaddr_port(&four), 0);
	sockaddr_set_port(&four, 65535);
	assert_int_equal(sockaddr_port(&four), 65535);
	assert_int_equal(sockaddr_port(&six), 7);
	assert_int_equal(sockaddr_port(&path), -1);
	assert_int_equal(sockaddr_port(&none), -1);
	sockaddr_set_port(&path, 80);
	assert_string_equal(path.local.sun_path, "/x");
}

static void expect_same(struct sockaddr_any a, struct sockaddr_any b, bool host, bool all)
{
	assert_int_equal(sockaddr_same_host(&a, &b), host);
	assert_int_equal(sockaddr_same_host(&b, &a), host);
	assert_int_equal(sockaddr_same(&a, &b), all);
	assert_int_equal(sockaddr_same(&b, &a), all);
}

static void test_same(void **state)
{
	(void)state;
	expect_same(ip4("1.2.3.4", 5), ip4("1.2.3.4", 5), true, true);
	expect_same(ip4("1.2.3.4", 5), ip4("1.2.3.4", 6), true, false);
	expect_same(ip4("1.2.3.4", 5), ip4("1.2.3.5", 5), false, false);
	expect_same(ip6("fe80::1", 5), ip6("fe80::1", 5), true, true);
	expect_same(ip6("fe80::1", 5), ip6("fe80::2", 5), false, false);
	expect_same(ip4("1.2.3.4", 5), ip6("::ffff:1.2.3.4", 5), true, true);
	expect_same(ip4("1.2.3.4", 5), ip6("::1.2.3.4", 5), false, false);
	expect_same(local("/x", 2, false, true), local("/x", 2, false, true), false, true);
	expect_same(local("/x", 2, false, true), local("/y", 2, false, true), false, false);
	expect_same(local("/x", 2, false, true), ip4("1.2.3.4", 5), false, false);
}

static void test_of_sockets(void **state)
{
	struct sockaddr_any mine, peer;
	int ends[2], ours[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(sockaddr_local(ends[0], &mine), 0);
	assert_int_equal(mine.any.sa_family, AF_UNIX);
	assert_int_equal(sockaddr_peer(ends[0], &peer), 0);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(pipe(ours), 0);
	assert_int_equal(sockaddr_local(ours[0], &mine), -1);
	assert_int_equal(mine.length, 0);
	assert_int_equal(sockaddr_peer(ours[0], &peer), -1);
	assert_int_equal(peer.length, 0);
	close(ours[0]);
	close(ours[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_unix_names),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_of_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
