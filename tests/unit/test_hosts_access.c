/*
 * The tables lie in a folder of the test's own. getnameinfo and getaddrinfo are replaced, so that
 * names don't depend on the machine and lookups can be counted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "socket/hosts_access.h"

static char folder[] = "/tmp/hosts_access.XXXXXX";
static char allow_path[64];
static char deny_path[64];
static char list_path[64];
static int lookups;

/* What the name server knows: a reverse name, and the address that the name leads to. */
static const struct {
	const char *address;
	const char *name;
	const char *forward;
} zone[] = {
	{ "127.0.0.1", "localhost", "127.0.0.1" },
	{ "192.0.2.1", "www.example.org", "192.0.2.1" },
	{ "192.0.2.2", "liar.example.org", "192.0.2.99" },
	{ "192.0.2.3", "10.example.org.", "192.0.2.3" },
	{ "192.0.2.4", "10.0.0.1", "10.0.0.1" },
	{ "2001:db8::1", "six.example.org", "2001:db8::1" },
};

int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_size,
	char *service, socklen_t service_size, int flags)
{
	char text[INET6_ADDRSTRLEN];
	const void *raw = address->sa_family == AF_INET
		? (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr
		: (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

	(void)length;
	(void)service;
	(void)service_size;
	(void)flags;
	lookups++;
	inet_ntop(address->sa_family, raw, text, sizeof(text));
	for (size_t i = 0; i < sizeof(zone) / sizeof(zone[0]); i++) {
		if (strcmp(zone[i].address, text) == 0) {
			snprintf(host, host_size, "%s", zone[i].name);
			return 0;
		}
	}
	return EAI_NONAME;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **list)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in6 address;
	} * found;

	(void)service;
	for (size_t i = 0; i < sizeof(zone) / sizeof(zone[0]); i++) {
		struct in6_addr raw;
		struct sockaddr_in *four;

		if (strncmp(zone[i].name, name, strlen(name)) != 0)
			continue;
		if ((hints->ai_flags & AI_NUMERICHOST) != 0 && inet_pton(AF_INET, name, &raw) != 1)
			continue;
		found = calloc(1, sizeof(*found));
		assert_non_null(found);
		found->info.ai_addr = (struct sockaddr *)&found->address;
		if (inet_pton(AF_INET6, zone[i].forward, &found->address.sin6_addr) == 1) {
			found->address.sin6_family = AF_INET6;
			found->info.ai_addrlen = sizeof(struct sockaddr_in6);
		} else {
			four = (struct sockaddr_in *)(void *)&found->address;
			four->sin_family = AF_INET;
			inet_pton(AF_INET, zone[i].forward, &four->sin_addr);
			found->info.ai_addrlen = sizeof(struct sockaddr_in);
		}
		*list = &found->info;
		return 0;
	}
	return EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

/* Writes a file; NULL removes it. */
static void write_file(const char *path, const char *text)
{
	FILE *file;

	unlink(path);
	if (text == NULL)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Fills in a socket address from its text. */
static socklen_t make_address(struct sockaddr_storage *storage, const char *text)
{
	struct sockaddr_in *four = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(22);
		return sizeof(*four);
	}
	memset(storage, 0, sizeof(*storage));
	assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(22);
	return sizeof(*six);
}

/* Asks the tables that lie in the folder; the caller frees the reason. */
static enum hosts_verdict ask(const char *peer, char **reason)
{
	struct sockaddr_storage peer_address;
	struct sockaddr_storage local_address;
	struct hosts_query query = {
		.daemon = "nettool",
		.peer = (struct sockaddr *)&peer_address,
		.peer_len = make_address(&peer_address, peer),
		.local = (struct sockaddr *)&local_address,
		.local_len = make_address(&local_address, "192.0.2.1"),
		.allow_path = allow_path,
		.deny_path = deny_path,
	};

	lookups = 0;
	return hosts_access(&query, reason);
}

/* Expects a verdict, and a piece of text in the reason (NULL: no reason at all). */
static void expect(const char *allow, const char *deny, const char *peer,
	enum hosts_verdict verdict, const char *said)
{
	enum hosts_verdict got;
	char *reason;

	write_file(allow_path, allow);
	write_file(deny_path, deny);
	got = ask(peer, &reason);
	if (got != verdict || (said == NULL) != (reason == NULL) ||
		(said != NULL && strstr(reason, said) == NULL))
		fail_msg("allow \"%s\" deny \"%s\" peer %s: verdict %d, reason %s", allow, deny,
			peer, (int)got, reason != NULL ? reason : "none");
	free(reason);
}

/* Expects a client pattern to let exactly the right peer in, and to shut exactly that one out. */
static void expect_match(const char *pattern, const char *peer, int matches)
{
	char table[256];

	snprintf(table, sizeof(table), "nettool: %s\n", pattern);
	expect(table, "ALL: ALL\n", peer, matches ? HOSTS_GRANTED : HOSTS_DENIED,
		matches ? NULL : "refused");
	expect(NULL, table, peer, matches ? HOSTS_DENIED : HOSTS_GRANTED,
		matches ? "refused" : NULL);
}

/* Expects a client pattern to be refused as malformed in both tables. */
static void expect_broken(const char *pattern)
{
	char table[256];

	snprintf(table, sizeof(table), "nettool: %s\n", pattern);
	expect(table, NULL, "10.0.0.1", HOSTS_ERROR, "line 1");
	expect(NULL, table, "10.0.0.1", HOSTS_ERROR, "line 1");
}

static void test_order(void **state)
{
	(void)state;
	expect(NULL, NULL, "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("", "", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL: 10.0.0.1\n", "ALL: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL: 10.0.0.1\n", "ALL: ALL\n", "10.0.0.2", HOSTS_DENIED, "hosts.deny, line 1");
	expect("ALL: 10.0.0.1\n", "ALL: 10.0.0.3\n", "10.0.0.2", HOSTS_GRANTED, NULL);
}

static void test_lines(void **state)
{
	(void)state;
	expect(NULL, "# ALL: ALL\n\n \t\n  # ALL: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "#x\n\nother:ALL\nALL: \\\n 10.0.0.2, \\\n 10.0.0.1\n", "10.0.0.1",
		HOSTS_DENIED, "line 4");
	expect(NULL, "ALL: ALL", "10.0.0.1", HOSTS_DENIED, "line 1");
	expect(NULL, "ALL: ALL\r\n", "10.0.0.1", HOSTS_DENIED, "line 1");
	expect(NULL, "# comment \\\nALL: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("nonsense\nALL: ALL\n", NULL, "10.0.0.1", HOSTS_ERROR, "no colon");
	expect("ALL: ALL\nnonsense\n", "ALL: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL: \n", NULL, "10.0.0.1", HOSTS_ERROR, "lacks a pattern");
	expect(": ALL\n", NULL, "10.0.0.1", HOSTS_ERROR, "lacks a pattern");
	expect("ALL: ALL \\\n", NULL, "10.0.0.1", HOSTS_ERROR, "end of the file");
	expect("ALL: ALL \\", NULL, "10.0.0.1", HOSTS_ERROR, "end of the file");
}

static void test_daemons(void **state)
{
	(void)state;
	expect(NULL, "sshd: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "sshd, NetTool: ALL\n", "10.0.0.1", HOSTS_DENIED, "refused");
	expect(NULL, "net*: ALL\n", "10.0.0.1", HOSTS_DENIED, "refused");
	expect(NULL, "ALL EXCEPT nettool: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "22: ALL\n", "10.0.0.1", HOSTS_DENIED, "refused");
	expect(NULL, "23: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "nettool@192.0.2.1: ALL\n", "10.0.0.1", HOSTS_DENIED, "refused");
	expect(NULL, "nettool@www.example.org: ALL\n", "10.0.0.1", HOSTS_DENIED, "refused");
	expect(NULL, "nettool@192.0.2.7: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "nettool@[::1]: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "sshd@192.0.2.1: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "sshd: 300.1.2.3/99 @group\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("nettool@: ALL\n", NULL, "10.0.0.1", HOSTS_ERROR, "line 1");
	expect("@group: ALL\n", NULL, "10.0.0.1", HOSTS_ERROR, "netgroup");
}

static void test_addresses(void **state)
{
	(void)state;
	expect_match("10.0.0.1", "10.0.0.1", 1);
	expect_match("10.0.0.1", "10.0.0.11", 0);
	expect_match("131.155.", "131.155.3.4", 1);
	expect_match("131.155.", "131.156.3.4", 0);
	expect_match("13.", "131.155.3.4", 0);
	expect_match("131.155.72.0/255.255.254.0", "131.155.73.255", 1);
	expect_match("131.155.72.0/255.255.254.0", "131.155.74.0", 0);
	expect_match("10.0.0.1/255.255.255.255", "10.0.0.1", 1);
	expect_match("10.0.0.0/8", "10.255.0.1", 1);
	expect_match("10.0.0.0/8", "11.0.0.1", 0);
	expect_match("10.0.0.5/9", "10.127.0.1", 1);
	expect_match("10.0.0.5/9", "10.128.0.1", 0);
	expect_match("0.0.0.0/0", "10.128.0.1", 1);
	expect_match("0.0.0.0/0", "2001:db8::1", 0);
	expect_match("10.*", "10.2.3.4", 1);
	expect_match("10.?.3.4", "10.2.3.4", 1);
	expect_match("10.?.3.4", "10.22.3.4", 0);
	expect_match("*", "10.2.3.4", 1);
	assert_int_equal(lookups, 0);
}

static void test_six(void **state)
{
	(void)state;
	expect_match("[2001:db8::1]", "2001:db8::1", 1);
	expect_match("[2001:DB8:0::1]", "2001:db8::1", 1);
	expect_match("[2001:db8::1]", "2001:db8::2", 0);
	expect_match("[3ffe:505:2:1::]/64", "3ffe:505:2:1:ffff:ffff:ffff:ffff", 1);
	expect_match("[3ffe:505:2:1::]/64", "3ffe:505:2:2::", 0);
	expect_match("[3ffe:505:2::]/47", "3ffe:505:3::", 1);
	expect_match("[::]/0", "3ffe:505:3::", 1);
	expect_match("[::]/0", "10.0.0.1", 0);
	expect_match("10.0.0.0/8", "::ffff:10.1.2.3", 1);
	expect_match("[::ffff:10.0.0.0]/104", "10.1.2.3", 1);
	expect_match("[::ffff:10.1.2.3]", "::ffff:10.1.2.3", 1);
	expect_match("[::ffff:10.1.2.3]", "10.1.2.4", 0);
	expect_match("10.0.0.1, [::1]", "::1", 1);
	assert_int_equal(lookups, 0);
}

static void test_names(void **state)
{
	(void)state;
	expect_match("www.example.org", "192.0.2.1", 1);
	assert_int_equal(lookups, 1);
	expect_match("WWW.Example.org", "192.0.2.1", 1);
	expect_match("ww.example.org", "192.0.2.1", 0);
	expect_match(".example.org", "192.0.2.1", 1);
	expect_match(".example.org", "2001:db8::1", 1);
	expect_match(".ample.org", "192.0.2.1", 0);
	expect_match("ample.org", "192.0.2.1", 0);
	expect_match("*.example.org", "192.0.2.1", 1);
	expect_match("w?w.exam*", "192.0.2.1", 1);
	expect_match("w?w.exam*", "192.0.2.50", 0);
	expect_match("a.b c.d e.f", "192.0.2.1", 0);
	assert_int_equal(lookups, 1);
	expect_match("liar.example.org", "192.0.2.2", 0);
	expect_match("10.example.org", "192.0.2.3", 1);
	expect_match("10.*", "192.0.2.3", 0);
	expect_match("10.*", "192.0.2.4", 0);
}

static void test_wildcards(void **state)
{
	(void)state;
	expect_match("all", "10.0.0.1", 1);
	expect_match("LOCAL", "127.0.0.1", 1);
	expect_match("LOCAL", "192.0.2.1", 0);
	expect_match("LOCAL", "10.0.0.1", 0);
	expect_match("KNOWN", "192.0.2.1", 1);
	expect_match("KNOWN", "192.0.2.2", 0);
	expect_match("KNOWN", "192.0.2.50", 0);
	expect_match("UNKNOWN", "192.0.2.1", 0);
	expect_match("UNKNOWN", "192.0.2.2", 1);
	expect_match("UNKNOWN", "192.0.2.50", 1);
	expect_match("PARANOID", "192.0.2.1", 0);
	expect_match("PARANOID", "192.0.2.2", 1);
	expect_match("PARANOID", "192.0.2.4", 1);
	expect_match("PARANOID", "192.0.2.50", 0);
}

static void test_users(void **state)
{
	(void)state;
	expect_match("ALL@10.0.0.1", "10.0.0.1", 1);
	expect_match("UNKNOWN@10.", "10.0.0.1", 1);
	expect_match("KNOWN@ALL", "10.0.0.1", 0);
	expect_match("root@ALL", "10.0.0.1", 0);
	expect_match("ALL@[::1]", "::1", 1);
}

static void test_except(void **state)
{
	(void)state;
	expect_match("10. EXCEPT 10.0.0.1", "10.0.0.2", 1);
	expect_match("10. EXCEPT 10.0.0.1", "10.0.0.1", 0);
	expect_match("10. except 10.0.0.1", "11.0.0.1", 0);
	expect_match("ALL EXCEPT 10. EXCEPT 10.0.0.1", "10.0.0.1", 1);
	expect_match("ALL EXCEPT 10. EXCEPT 10.0.0.1", "10.0.0.2", 0);
	expect_match("ALL EXCEPT 10. EXCEPT 10.0.0.1", "11.0.0.2", 1);
	expect_match("ALL EXCEPT 11., 10. EXCEPT ALL EXCEPT 10.0.0.1", "10.0.0.1", 0);
	expect_match("11. EXCEPT 12. EXCEPT 10.", "10.0.0.1", 0);
	expect_broken("EXCEPT 10.");
	expect_broken("ALL EXCEPT");
	expect_broken("ALL EXCEPT EXCEPT 10.");
}

static void test_broken(void **state)
{
	static const char *const patterns[] = {
		"300.1.2.3",
		"10.0.0",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/255.0.0",
		"10.0.0.1/255.0.0.0",
		"a/8",
		"10.0.0.0/8/9",
		"010.0.0.1",
		"256.",
		"1..",
		".",
		"..",
		"1.2.3.4.",
		"host.example.org.",
		"10.*/8",
		".ex*",
		"10.?.",
		"[::1",
		"[]",
		"[::1]/129",
		"[::1]/",
		"[::1]x",
		"[10.0.0.1]",
		"[fe80::*]",
		"::1",
		"fe80::1",
		"@group",
		"user@",
		"a@@b",
		"10.0.0.0\\8",
		"!10.0.0.1",
		"ALL EXCEPT 10.0.0.0/99",
		"11. [::1: deny",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		expect_broken(patterns[i]);
}

static void test_files(void **state)
{
	char pattern[80];

	(void)state;
	snprintf(pattern, sizeof(pattern), "11. %s", list_path);
	expect_broken(pattern);
	write_file(list_path, "# hosts\n10.0.0.1 [::1]\n\twww.example.org\n");
	expect_match(pattern, "10.0.0.1", 1);
	expect_match(pattern, "::1", 1);
	expect_match(pattern, "192.0.2.1", 1);
	expect_match(pattern, "10.0.0.2", 0);
	snprintf(pattern, sizeof(pattern), "ALL EXCEPT %s", list_path);
	expect_match(pattern, "10.0.0.1", 0);
	expect_match(pattern, "10.0.0.2", 1);
	write_file(list_path, "11. EXCEPT 10.0.0.1\n");
	expect_broken(list_path);
	write_file(list_path, list_path);
	expect_broken(list_path);
	write_file(list_path, NULL);
}

static void test_options(void **state)
{
	(void)state;
	expect("ALL: 10.: DENY\nALL: ALL: allow\n", "ALL: ALL\n", "10.0.0.1", HOSTS_DENIED,
		"hosts.allow, line 1");
	expect("ALL: 10.: DENY\nALL: ALL: allow\n", "ALL: ALL\n", "11.0.0.1", HOSTS_GRANTED, NULL);
	expect(NULL, "ALL:10.:allow\nALL:ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL:ALL:spawn echo a\\:b : severity=info : deny\n", NULL, "10.0.0.1", HOSTS_DENIED,
		"spawn echo a\\:b\" is not carried out");
	expect("ALL: ALL: (echo %h) &\n", NULL, "10.0.0.1", HOSTS_GRANTED, "(echo %h) &");
	expect("ALL: ALL: twist echo no\n", NULL, "10.0.0.1", HOSTS_DENIED, "twist");
	expect("ALL: ALL: aclexec check %a\n", NULL, "10.0.0.1", HOSTS_DENIED, "aclexec");
	expect("ALL: ALL: allow : nice\n", NULL, "10.0.0.1", HOSTS_ERROR, "behind the end");
	expect("ALL: ALL: allow all\n", NULL, "10.0.0.1", HOSTS_ERROR, "value");
	expect("ALL: ALL:\n", "ALL: ALL\n", "10.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL: ALL: spawn \033[31m\n", NULL, "10.0.0.1", HOSTS_GRANTED, "spawn ?[31m");
}

static void test_unreadable(void **state)
{
	FILE *file;

	(void)state;
	write_file(deny_path, NULL);
	write_file(allow_path, NULL);
	assert_int_equal(mkdir(deny_path, 0700), 0);
	expect("ALL: 11.\n", NULL, "11.0.0.1", HOSTS_GRANTED, NULL);
	expect("ALL: 11.\n", NULL, "10.0.0.1", HOSTS_ERROR, "not a regular file");
	assert_int_equal(rmdir(deny_path), 0);
	write_file(deny_path, "");
	assert_int_equal(chmod(deny_path, 0), 0);
	if (geteuid() != 0) {
		char *reason;

		assert_int_equal(ask("10.0.0.1", &reason), HOSTS_ERROR);
		assert_non_null(strstr(reason, "hosts.deny"));
		free(reason);
	}
	file = fopen(allow_path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite("ALL: ALL\0\n", 1, 10, file), 10);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(ask("10.0.0.1", NULL), HOSTS_ERROR);
}

static void test_no_address(void **state)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct hosts_query query = { .allow_path = "/dev/null", .deny_path = deny_path };
	char *reason;

	(void)state;
	write_file(deny_path, "ALL: 0.0.0.0/0 [::]/0 * KNOWN LOCAL PARANOID .example.org\n");
	assert_int_equal(hosts_access(&query, &reason), HOSTS_GRANTED);
	assert_null(reason);
	query.peer = (struct sockaddr *)&local;
	query.peer_len = sizeof(sa_family_t);
	assert_int_equal(hosts_access(&query, &reason), HOSTS_GRANTED);
	assert_null(reason);
	write_file(deny_path, "ALL: UNKNOWN\n");
	assert_int_equal(hosts_access(&query, NULL), HOSTS_DENIED);
	query.peer_len = 1;
	assert_int_equal(hosts_access(&query, NULL), HOSTS_DENIED);
}

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(allow_path, sizeof(allow_path), "%s/hosts.allow", folder);
	snprintf(deny_path, sizeof(deny_path), "%s/hosts.deny", folder);
	snprintf(list_path, sizeof(list_path), "%s/list", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(allow_path);
	unlink(list_path);
	if (unlink(deny_path) < 0)
		rmdir(deny_path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_daemons),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_six),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_wildcards),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_except),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_no_address),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
