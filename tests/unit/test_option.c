#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <resolv.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"
#include "option/check.h"
#include "option/options.h"
#include "option/settings.h"
#include "option_names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_PHASES ((1u << PHASE_COUNT) - 1)
#define ALL_GROUPS ((1u << 31) - 1)

static const struct option_scope scope_all = { "TEST", ALL_GROUPS, ALL_PHASES, false, false,
	false };

/* An address with options, as the user might write it. */
struct given {
	struct spec *spec;
	struct options *options;
	struct error error;
};

/* Reads "TEST,options"; options is NULL where they are refused. */
static void given_read(struct given *given, const char *text, const struct option_scope *scope)
{
	given->error = (struct error)ERROR_EMPTY;
	given->spec = spec_parse(text, &given->error);
	assert_non_null(given->spec);
	given->options = options_create(given->spec, scope, &given->error);
}

static void given_free(struct given *given)
{
	options_free(given->options);
	spec_free(given->spec);
	error_clear(&given->error);
}

/* Expects options to be accepted. */
static void given_good(struct given *given, const char *text)
{
	given_read(given, text, &scope_all);
	if (given->options == NULL)
		fail_msg("%s: %s", text, given->error.message);
}

/* Expects options to be refused with a message that contains the words, pointing at a column. */
static void expect_refusal(const char *text, const struct option_scope *scope, const char *words,
	size_t column)
{
	struct given given;

	given_read(&given, text, scope);
	if (given.options != NULL)
		fail_msg("%s: was accepted", text);
	assert_int_equal(given.error.kind, ERROR_USAGE);
	if (strstr(given.error.message, words) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, given.error.message, words);
	assert_string_equal(given.error.text, text);
	assert_int_equal(given.error.column, column);
	given_free(&given);
}

/* Applies the options of all phases to a descriptor, which may fail. */
static int given_apply(struct given *given, int fd)
{
	const struct option_target target = { .fd = fd };

	int result = 0;

	for (enum option_phase phase = 0; phase < PHASE_COUNT && result == 0; phase++)
		result = options_apply(given->options, phase, &target, &given->error);
	return result;
}

/* Applies options that have to succeed. */
static void expect_applied(const char *text, int fd)
{
	struct given given;

	given_good(&given, text);
	if (given_apply(&given, fd) < 0)
		fail_msg("%s: %s", text, given.error.message);
	given_free(&given);
}

/* Expects options to be refused by the system, with words in the message. */
static void expect_failure(const char *text, int fd, const char *words)
{
	struct given given;

	given_good(&given, text);
	assert_int_equal(given_apply(&given, fd), -1);
	assert_int_equal(given.error.kind, ERROR_FAILED);
	if (strstr(given.error.message, words) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, given.error.message, words);
	given_free(&given);
}

/* Expects a socket option to have a value. */
static void expect_sockopt(int fd, int level, int name, int expected)
{
	int value = -1;
	socklen_t length = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &length), 0);
	assert_int_equal(value, expected);
}

/* The names seen so far. */
struct seen {
	const char *names[2048];
	size_t count;
};

static void seen_add(struct seen *seen, const char *name)
{
	assert_true(name[0] != '\0');
	for (size_t i = 0; i < seen->count; i++) {
		if (text_same_word(seen->names[i], name))
			fail_msg("%s stands twice in the tables", name);
	}
	assert_true(seen->count < COUNT(seen->names));
	seen->names[seen->count++] = name;
}

static void judge_row(const struct option *option, void *context)
{
	bool applied = option->effect.apply != NULL, stored = option->effect.block != NULL;

	seen_add(context, option->name);
	assert_ptr_equal(option_find(option->name), option);
	for (const char *const *alias = option->aliases; alias != NULL && *alias != NULL; alias++) {
		seen_add(context, *alias);
		assert_ptr_equal(option_find(*alias), option);
	}
	if (option->summary == NULL || option->summary[0] < 'a' || option->summary[0] > 'z')
		fail_msg("%s needs a summary in lower case", option->name);
	assert_true(option->summary[strlen(option->summary) - 1] != '.');
	if (applied == stored)
		fail_msg("%s needs exactly one effect", option->name);
	if (stored)
		assert_in_range(option->effect.offset + option->effect.size, 1,
			option->effect.block->size);
	assert_true(option->groups != 0);
	assert_true(option->phase < PHASE_COUNT && option->kind < OPTION_KIND_COUNT);
	assert_true(option->range.low <= option->range.high);
	assert_non_null(option_kind_word(option->kind));
	assert_non_null(option_phase_word(option->phase));
	if (option->kind >= OPTION_STRING && option->values == NULL)
		fail_msg("%s doesn't tell its values", option->name);
}

static void test_rows(void **state)
{
	struct seen *seen = memory_zero(1, sizeof(*seen));

	(void)state;
	option_visit(judge_row, seen);
	assert_true(seen->count > 500);
	free(seen);
}

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(option_names); i++) {
		if (option_find(option_names[i]) == NULL && !option_is_absent(option_names[i]))
			fail_msg("%s is unknown", option_names[i]);
	}
	assert_non_null(option_find("NoDelay"));
	assert_ptr_equal(option_find("setpipe"), option_find("f-setpipe-sz"));
	assert_ptr_equal(option_find("child-shutup"), option_find("children-shutup"));
	assert_null(option_find("nodelayed"));
	assert_null(option_find(""));
	assert_false(option_is_absent("nodelayed"));
	assert_true(option_is_absent("iff-dynamic"));
	assert_true(option_is_absent("IFF-UP"));
}

static void test_suggestions(void **state)
{
	struct given given;

	(void)state;
	assert_string_equal(option_nearest("nodeley", GROUP_TCP), "nodelay");
	assert_string_equal(option_nearest("reuseadr", GROUP_SOCKET), "reuseaddr");
	assert_string_equal(option_nearest("keepaliv", GROUP_FD), "keepalive");
	assert_null(option_nearest("qqqqqqqqqqqq", ~0u));
	given_read(&given, "TEST,nodeley", &scope_all);
	assert_null(given.options);
	assert_string_equal(given.error.hint, "did you mean nodelay?");
	given_free(&given);
}

static void test_words(void **state)
{
	struct text words = TEXT_EMPTY;

	(void)state;
	option_groups_words(GROUP_FD | GROUP_IP6 | GROUP_PROCESS, &words);
	assert_string_equal(words.data, "FD,IP6,PROCESS");
	text_free(&words);
	assert_string_equal(option_kind_word(OPTION_INT_INT_DATA), "INT:INT:BIN");
	assert_string_equal(option_phase_word(PHASE_PASTSOCKET), "PASTSOCKET");
}

static void test_refusals(void **state)
{
	static const struct option_scope narrow = {
		"STDIO",
		GROUP_FD | GROUP_TERMIOS,
		1u << PHASE_FD,
		false,
		false,
		false,
	};
	static const struct option_scope loose = { "STDIO", GROUP_FD, 1u << PHASE_FD, true, false,
		false };

	(void)state;
	expect_refusal("TEST,bogus", &scope_all, "TEST has no option 'bogus'", 5);
	expect_refusal("TEST,bogus=1", &scope_all, "TEST has no option 'bogus'", 5);
	expect_refusal("TEST,umask=7,iff-up", &scope_all, "option 'iff-up' is not built in", 13);
	expect_refusal("STDIO,tos=1", &narrow, "not supported with this address type", 6);
	expect_refusal("STDIO,tos=1", &loose, "would never act", 6);
	expect_refusal("STDIO,append", &narrow, "has no phase LATE", 6);
	expect_refusal("TEST,backlog=", &scope_all, "missing numerical value", 13);
	expect_refusal("TEST,backlog=x", &scope_all, "missing numerical value", 13);
	expect_refusal("TEST,backlog=5x", &scope_all, "trailing garbage", 13);
	expect_refusal("TEST,backlog=-1", &scope_all, "out of range, 0 to 2147483647", 13);
	expect_refusal("TEST,sp=65536", &scope_all, "out of range", 8);
	expect_refusal("TEST,escape=256", &scope_all, "out of range", 12);
	expect_refusal("TEST,readbytes=-1", &scope_all, "out of range", 15);
	expect_refusal("TEST,fork=", &scope_all, "missing numerical value", 10);
	expect_refusal("TEST,fork=yes", &scope_all, "missing numerical value", 10);
	expect_refusal("TEST,fork=1x", &scope_all, "trailing garbage", 10);
	expect_refusal("TEST,crnl=1", &scope_all, "takes no value", 10);
	expect_refusal("TEST,umask", &scope_all, "missing numerical value", 5);
	expect_refusal("TEST,umask=8", &scope_all, "not octal", 11);
	expect_refusal("TEST,user=", &scope_all, "missing numerical value", 10);
	expect_refusal("TEST,user=no-such-user", &scope_all, "no such user", 10);
	expect_refusal("TEST,group=no-such-group", &scope_all, "no such group", 11);
	expect_refusal("TEST,su=no-such-user", &scope_all, "no such user", 8);
	expect_refusal("TEST,interval=-1", &scope_all, "out of range", 14);
	expect_refusal("TEST,interval=1x", &scope_all, "trailing garbage", 14);
	expect_refusal("TEST,bind", &scope_all, "value is missing", 5);
	expect_refusal("TEST,chdir=a\\0b", &scope_all, "NUL", 11);
	expect_refusal("TEST,range=10.0.0.1", &scope_all, "mask is needed", 11);
	expect_refusal("TEST,pf=ip5", &scope_all, "ip4, ip6", 8);
	expect_refusal("TEST,dns=host", &scope_all, "IPv4 address", 9);
	expect_refusal("TEST,bind-tempname=/tmp/x", &scope_all, "XXXXXX", 19);
	expect_refusal("TEST,membership=224.0.0.1", &scope_all, "group:interface", 16);
	expect_refusal("TEST,setsockopt=1:2", &scope_all, "a part is missing", 16);
	expect_refusal("TEST,setsockopt=1:2:x1", &scope_all, "syntax error in data", 16);
	expect_refusal("TEST,setsockopt-int=1:2:3:4", &scope_all, "trailing garbage", 20);
	expect_refusal("TEST,ip-options=x0", &scope_all, "syntax error in data", 16);
}

static void test_settings(void **state)
{
	struct given given;

	(void)state;
	given_good(&given,
		"TEST,ignoreeof,readbytes=0x100000000,escape=0,crnl,shut-null,umask=027,"
		"fork=2,interval=0.25,retry=7,so-reuseaddr=,bind=,tcpwrap,user=0,group=4294967294,"
		"unlink-close=0,perm=0640,end-close,sp=65535,cr,seek=1");
	assert_true(SETTINGS(given.options, transfer)->ignore_eof);
	assert_true(SETTINGS(given.options, transfer)->read_bytes == INT64_C(0x100000000));
	assert_int_equal(SETTINGS(given.options, transfer)->escape, 0);
	assert_int_equal(SETTINGS(given.options, transfer)->line_ends, LINE_ENDS_CR);
	assert_int_equal(SETTINGS(given.options, transfer)->half_close, HALF_CLOSE_NULL);
	assert_int_equal(SETTINGS(given.options, transfer)->null_eof, -1);
	assert_true(SETTINGS(given.options, transfer)->end_close);
	assert_int_equal(SETTINGS(given.options, process)->umask, 027);
	assert_true(SETTINGS(given.options, child)->fork);
	assert_true(SETTINGS(given.options, retry)->interval == 250000000);
	assert_int_equal(SETTINGS(given.options, retry)->retry, 7);
	assert_int_equal(SETTINGS(given.options, socket)->reuse_address, OPTION_EMPTY);
	assert_string_equal(SETTINGS(given.options, socket)->bind, "");
	assert_string_equal(SETTINGS(given.options, range)->wrap_daemon, "");
	assert_null(SETTINGS(given.options, range)->range);
	assert_int_equal(SETTINGS(given.options, name)->user, 0);
	assert_true(SETTINGS(given.options, name)->group == INT64_C(4294967294));
	assert_int_equal(SETTINGS(given.options, name)->unlink_close, 0);
	assert_int_equal(SETTINGS(given.options, name)->mode, 0640);
	assert_int_equal(SETTINGS(given.options, ip)->source_port, 65535);
	assert_int_equal(SETTINGS(given.options, listen)->backlog, 4096);
	assert_true(options_given(given.options, "lseek"));
	assert_true(options_given(given.options, "mode"));
	assert_false(options_given(given.options, "backlog"));
	assert_false(options_given(given.options, "bogus"));
	given_free(&given);
	assert_int_equal(SETTINGS((struct options *)NULL, listen)->backlog, 4096);
}

static void test_resolver_bits(void **state)
{
	const unsigned on = RES_USEVC | RES_IGNTC, off = RES_DNSRCH;
	struct given given;

	(void)state;
	given_good(&given, "TEST,usevc=0,usevc,igntc,dnsrch,dnsrch=0,ai-all=0,dns=10.0.0.1:54");
	assert_int_equal(SETTINGS(given.options, ip)->resolver_set, on);
	assert_int_equal(SETTINGS(given.options, ip)->resolver_clear, off);
	assert_int_equal(SETTINGS(given.options, ip)->all, 0);
	assert_int_equal(SETTINGS(given.options, ip)->passive, -1);
	given_free(&given);
}

static void test_open_flags(void **state)
{
	struct given given;

	(void)state;
	given_good(&given, "TEST,creat,excl,append=0,wronly,rdonly=0,nonblock,o-largefile=0");
	assert_int_equal(options_open_flags(given.options, O_RDWR | O_APPEND | O_CLOEXEC),
		O_WRONLY | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	given_free(&given);
	assert_int_equal(options_open_flags(NULL, O_RDWR), O_RDWR);
}

static void test_checks(void **state)
{
	struct sockaddr_in server;
	char *reason = NULL;
	int family = -1;

	(void)state;
	assert_int_equal(check_family_parse("IP6", &family, &reason), 0);
	assert_int_equal(family, AF_INET6);
	assert_int_equal(check_family_parse("1", &family, &reason), 0);
	assert_int_equal(family, AF_UNIX);
	assert_int_equal(check_name_server_parse("127.0.0.2", &server, &reason), 0);
	assert_int_equal(ntohs(server.sin_port), 53);
	assert_int_equal(check_name_server_parse("127.0.0.2:0", &server, &reason), -1);
	free(reason);
	assert_int_equal(check_temporary("", &reason), 0);
}

static void test_tcp(void **state)
{
	struct timeval time = { .tv_sec = 0 };
	struct linger linger = { .l_onoff = 0 };
	socklen_t length = sizeof(time);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	expect_applied("TEST,nodelay,keepalive,keepidle=33,tos=16,ttl=9,rcvtimeo=1.5,linger=5,"
		       "keepintvl=1,keepintvl=7,reuseport,tcp-abort-threshold=4000",
		fd);
	expect_sockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	expect_sockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	expect_sockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, 33);
	expect_sockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, 7);
	expect_sockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 4000);
	expect_sockopt(fd, IPPROTO_IP, IP_TOS, 16);
	expect_sockopt(fd, IPPROTO_IP, IP_TTL, 9);
	expect_sockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length), 0);
	assert_true(time.tv_sec == 1 && time.tv_usec >= 490000);
	length = sizeof(linger);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length), 0);
	assert_true(linger.l_onoff == 1 && linger.l_linger == 5);
	expect_applied("TEST,nodelay=0,setsockopt-int=1:9:0,setsockopt=6:4:i44", fd);
	expect_sockopt(fd, IPPROTO_TCP, TCP_NODELAY, 0);
	expect_sockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 0);
	expect_sockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, 44);
	expect_failure("TEST,so-error=1", fd, "so-error=1: cannot set SO_ERROR: ");
	expect_failure("TEST,so-peercred=1:2:3", fd, "SO_PEERCRED");
	expect_failure("TEST,keepcnt=-1", fd, "keepcnt=-1: cannot set TCP_KEEPCNT: ");
	close(fd);
}

static void test_udp(void **state)
{
	unsigned char options[40];
	socklen_t length = sizeof(options);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int fd6 = socket(AF_INET6, SOCK_DGRAM, 0);

	(void)state;
	expect_applied("TEST,broadcast,mcloop=0,multicast-ttl=3,recvif,ip-options=x9404 0000,"
		       "ipoptions=x01",
		fd);
	expect_sockopt(fd, SOL_SOCKET, SO_BROADCAST, 1);
	expect_sockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	expect_sockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, 3);
	expect_sockopt(fd, IPPROTO_IP, IP_PKTINFO, 1);
	assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, &length), 0);
	assert_true(length >= 5 && memcmp(options, "\x94\4\0\0\1", 5) == 0);
	expect_failure("TEST,ip-options=x0101010101010101010101010101010101010101010101010101010101"
		       "01010101010101010101010101",
		fd, "more than 40 bytes");
	expect_applied("TEST,ip-add-membership=224.1.2.3:127.0.0.1,ip-multicast-if=lo", fd);
	expect_applied("TEST,membership=224.1.2.4:lo,membership=224.1.2.5:127.0.0.1:1", fd);
	expect_applied("TEST,source-membership=232.1.2.3:127.0.0.1:127.0.0.1", fd);
	expect_applied("TEST,source-membership=232.1.2.4:lo:127.0.0.1", fd);
	expect_failure("TEST,membership=224.1.2.9:none0", fd, "there is no interface none0");
	if (fd6 >= 0) {
		expect_applied("TEST,v6only,ipv6-tclass=8,flowinfo,mcloop6=0", fd6);
		expect_sockopt(fd6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		expect_sockopt(fd6, IPPROTO_IPV6, IPV6_TCLASS, 8);
		expect_sockopt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
		expect_applied("TEST,join-group=[ff02::1:2]:lo,ipv6-join-group=ff02::1:3:1", fd6);
		expect_applied("TEST,join-source-group=[ff32::1]:lo:[::1]", fd6);
		close(fd6);
	}
	close(fd);
}

static void test_files(void **state)
{
	char path[] = "/tmp/test-option-XXXXXX";
	int fd = mkstemp(path), other = open(path, O_RDWR), ends[2];
	struct option_target shared = { .fd = fd, .inherited = true };
	struct stat about;
	struct given given;

	(void)state;
	assert_true(fd >= 0 && other >= 0);
	unlink(path);
	expect_applied("TEST,truncate=100,seek=40,seek-cur=2,append,cloexec,flock,setlk=0", fd);
	assert_int_equal(fstat(fd, &about), 0);
	assert_int_equal(about.st_size, 100);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 42);
	assert_true((fcntl(fd, F_GETFL) & O_APPEND) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), -1);
	expect_failure("TEST,flock-nb", other, "flock-nb: cannot set LOCK_EX | LOCK_NB");
	expect_applied("TEST,flock-nb=0,seek-end=-10,append=0,cloexec=0", fd);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 90);
	assert_int_equal(fcntl(fd, F_GETFL) & O_APPEND, 0);
	given_good(&given, "TEST,nonblock");
	assert_int_equal(options_apply(given.options, PHASE_FD, &shared, &given.error), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	given_free(&given);
	close(fd);
	close(other);
	assert_int_equal(pipe(ends), 0);
	expect_applied("TEST,pipesz=8192", ends[1]);
	assert_int_equal(fcntl(ends[0], F_GETPIPE_SZ), 8192);
	given_good(&given, "TEST,ioctl-intp=0x5421:1,nonblock=1");
	assert_int_equal(given_apply(&given, ends[0]), 0);
	assert_true((fcntl(ends[0], F_GETFL) & O_NONBLOCK) != 0);
	given_free(&given);
	expect_failure("TEST,ioctl-void=0x540c", ends[0], "ioctl request 0x540c failed");
	expect_failure("TEST,seek=1", ends[0], "position in the file");
	close(ends[0]);
	close(ends[1]);
}

static void test_nothing(void **state)
{
	static const struct option_scope phases = { "TEST", ALL_GROUPS, 0, false, false, false };
	struct given given;

	(void)state;
	given_read(&given, "TEST,so-audit=1,i-push=mod,binary,udp-ignore-peerport", &phases);
	assert_non_null(given.options);
	assert_int_equal(given_apply(&given, -1), 0);
	given_free(&given);
}

/* What other systems lack is refused by name, and not offered. */
static void test_missing(void **state)
{
	static const struct option there = { .name = "there",
		.effect = { .number = 7, .symbol = "SOL_SOCKET, SO_THERE" } };
	static const struct option lacking = { .name = "lacking",
		.effect = { .number = OPTION_MISSING, .symbol = "SOL_SOCKET, SO_LACKING" } };
	static const struct option alone = { .name = "alone",
		.effect = { .number = OPTION_MISSING, .symbol = "O_LACKING" } };

	(void)state;
	assert_null(option_missing(&there));
	assert_string_equal(option_missing(&lacking), "SO_LACKING");
	assert_string_equal(option_missing(&alone), "O_LACKING");
	assert_null(option_missing(option_find("nodelay")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_suggestions),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_resolver_bits),
		cmocka_unit_test(test_open_flags),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
