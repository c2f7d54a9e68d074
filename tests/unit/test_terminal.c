/* The options of terminals, on pseudo terminals of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "option/constants.h"
#include "option/options.h"
#include "option/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_PHASES ((1u << PHASE_COUNT) - 1)

/* A pseudo terminal, and the end of it that programs see. */
struct pair {
	int master, device;
};

/* A place in the settings of a terminal: a word of them, bits of it, or a character. */
struct place {
	const char *name;
	enum terminal_word word;
	intmax_t mask; /* OPTION_MISSING where the system has none */
	intmax_t bits;
};

/* clang-format off */
#define INPUT(name, bit) { name, TERMINAL_INPUT, (intmax_t)(bit), (intmax_t)(bit) }
#define OUTPUT(name, bit) { name, TERMINAL_OUTPUT, (intmax_t)(bit), (intmax_t)(bit) }
#define CONTROL(name, bit) { name, TERMINAL_CONTROL, (intmax_t)(bit), (intmax_t)(bit) }
#define LOCAL(name, bit) { name, TERMINAL_LOCAL, (intmax_t)(bit), (intmax_t)(bit) }

static const struct place flags[] = {
	INPUT("brkint", BRKINT), INPUT("icrnl", ICRNL), INPUT("ignbrk", IGNBRK),
	INPUT("igncr", IGNCR), INPUT("ignpar", IGNPAR), INPUT("imaxbel", IMAXBEL),
	INPUT("inlcr", INLCR), INPUT("inpck", INPCK), INPUT("istrip", ISTRIP),
	INPUT("iuclc", IUCLC), INPUT("ixany", IXANY), INPUT("ixoff", IXOFF),
	INPUT("tandem", IXOFF), INPUT("ixon", IXON), INPUT("parmrk", PARMRK),
	OUTPUT("bsdly", BSDLY), OUTPUT("ffdly", FFDLY), OUTPUT("nldly", NLDLY),
	OUTPUT("ocrnl", OCRNL), OUTPUT("ofdel", OFDEL), OUTPUT("ofill", OFILL),
	OUTPUT("olcuc", OLCUC), OUTPUT("onlcr", ONLCR), OUTPUT("onlret", ONLRET),
	OUTPUT("onocr", ONOCR), OUTPUT("opost", OPOST), OUTPUT("vtdly", VTDLY),
	CONTROL("clocal", CLOCAL), CONTROL("crtscts", CRTSCTS), CONTROL("cstopb", CSTOPB),
	CONTROL("hupcl", HUPCL), CONTROL("hup", HUPCL), CONTROL("parodd", PARODD),
	LOCAL("echo", ECHO), LOCAL("echoctl", ECHOCTL), LOCAL("ctlecho", ECHOCTL),
	LOCAL("echoe", ECHOE), LOCAL("crterase", ECHOE), LOCAL("echok", ECHOK),
	LOCAL("echoke", ECHOKE), LOCAL("crtkill", ECHOKE), LOCAL("echonl", ECHONL),
	LOCAL("echoprt", ECHOPRT), LOCAL("prterase", ECHOPRT), LOCAL("flusho", FLUSHO),
	LOCAL("icanon", ICANON), LOCAL("iexten", IEXTEN), LOCAL("isig", ISIG),
	LOCAL("noflsh", NOFLSH), LOCAL("pendin", PENDIN), LOCAL("tostop", TOSTOP),
	LOCAL("xcase", XCASE),
};

#define FIELD(name, field, constant) \
	{ name, TERMINAL_OUTPUT, (intmax_t)(field), (intmax_t)(constant) }

static const struct place fields[] = {
	FIELD("bs0", BSDLY, BS0), FIELD("bs1", BSDLY, BS1), FIELD("cr0", CRDLY, CR0),
	FIELD("cr1", CRDLY, CR1), FIELD("cr2", CRDLY, CR2), FIELD("cr3", CRDLY, CR3),
	FIELD("crdly=0", CRDLY, CR0), FIELD("crdly=1", CRDLY, CR1), FIELD("crdly", CRDLY, CR1),
	FIELD("crdly=2", CRDLY, CR2), FIELD("crdly=3", CRDLY, CR3), FIELD("ff0", FFDLY, FF0),
	FIELD("ff1", FFDLY, FF1), FIELD("nl0", NLDLY, NL0), FIELD("nl1", NLDLY, NL1),
	FIELD("tab0", TABDLY, TAB0), FIELD("tab1", TABDLY, TAB1), FIELD("tab2", TABDLY, TAB2),
	FIELD("tab3", TABDLY, TAB3), FIELD("xtabs", TABDLY, XTABS),
	FIELD("tabdly=0", TABDLY, TAB0), FIELD("tabdly=1", TABDLY, TAB1),
	FIELD("tabdly=2", TABDLY, TAB2), FIELD("tabdly=3", TABDLY, TAB3),
	FIELD("vt0", VTDLY, VT0), FIELD("vt1", VTDLY, VT1),
};

static const struct {
	const char *name, *alias;
	int index;
} characters[] = {
	{ "vdiscard", "discard", VDISCARD }, { "vdsusp", "dsusp", VDSUSP },
	{ "veof", "eof", VEOF }, { "veol", "eol", VEOL }, { "veol2", "eol2", VEOL2 },
	{ "verase", "erase", VERASE }, { "vintr", "intr", VINTR }, { "vkill", "kill", VKILL },
	{ "vlnext", "lnext", VLNEXT }, { "vmin", "min", VMIN }, { "vquit", "quit", VQUIT },
	{ "vreprint", "reprint", VREPRINT }, { "rprnt", "vreprint", VREPRINT },
	{ "vstart", "start", VSTART }, { "vstop", "stop", VSTOP }, { "vsusp", "susp", VSUSP },
	{ "vswtc", "swtc", VSWTC }, { "swtch", "vswtc", VSWTC }, { "vtime", "time", VTIME },
	{ "vwerase", "werase", VWERASE },
};

static const struct {
	const char *name;
	intmax_t rate, speed;
} rates[] = {
	{ "b50", 50, B50 }, { "b75", 75, B75 }, { "b110", 110, B110 }, { "b134", 134, B134 },
	{ "b150", 150, B150 }, { "b200", 200, B200 }, { "b300", 300, B300 },
	{ "b600", 600, B600 }, { "b900", 900, B900 }, { "b1200", 1200, B1200 },
	{ "b1800", 1800, B1800 }, { "b2400", 2400, B2400 }, { "b3600", 3600, B3600 },
	{ "b4800", 4800, B4800 }, { "b7200", 7200, B7200 }, { "b9600", 9600, B9600 },
	{ "b19200", 19200, B19200 }, { "b38400", 38400, B38400 }, { "b57600", 57600, B57600 },
	{ "b115200", 115200, B115200 }, { "b230400", 230400, B230400 },
	{ "b460800", 460800, B460800 }, { "b500000", 500000, B500000 },
	{ "b576000", 576000, B576000 }, { "b921600", 921600, B921600 },
	{ "b1000000", 1000000, B1000000 }, { "b1152000", 1152000, B1152000 },
	{ "b1500000", 1500000, B1500000 }, { "b2000000", 2000000, B2000000 },
	{ "b2500000", 2500000, B2500000 }, { "b3000000", 3000000, B3000000 },
	{ "b3500000", 3500000, B3500000 }, { "b4000000", 4000000, B4000000 },
};

/* The words that stand in none of the tables above. */
static const char *const other_names[] = {
	"b0", "cread", "cs5", "cs6", "cs7", "cs8", "csize", "parenb", "ispeed", "ospeed", "raw",
	"rawer", "termios-rawer", "cfmakeraw", "termios-cfmakeraw", "sane", "setflags",
	"termios-setflags", "tiocsctty", "ctty", "tiocswinsz", "winsz",
};
/* clang-format on */

static void pair_open(struct pair *pair)
{
	pair->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(pair->master >= 0);
	assert_int_equal(grantpt(pair->master), 0);
	assert_int_equal(unlockpt(pair->master), 0);
	pair->device = open(ptsname(pair->master), O_RDWR | O_NOCTTY);
	assert_true(pair->device >= 0);
}

static void pair_close(struct pair *pair)
{
	close(pair->master);
	close(pair->device);
}

static struct termios settings_of(int fd)
{
	struct termios settings;

	assert_int_equal(tcgetattr(fd, &settings), 0);
	return settings;
}

static tcflag_t *word_of(struct termios *settings, enum terminal_word word)
{
	return word == TERMINAL_INPUT	   ? &settings->c_iflag
		: word == TERMINAL_OUTPUT  ? &settings->c_oflag
		: word == TERMINAL_CONTROL ? &settings->c_cflag
					   : &settings->c_lflag;
}

static void expect_same_settings(const char *text, const struct termios *got,
	const struct termios *wanted)
{
	struct termios a = *got, b = *wanted;

	for (int word = 0; word < TERMINAL_WORD_COUNT; word++) {
		tcflag_t x = *word_of(&a, (enum terminal_word)word);
		tcflag_t y = *word_of(&b, (enum terminal_word)word);

		if (x != y)
			fail_msg("%s: word %d is %#lo instead of %#lo", text, word,
				(unsigned long)x, (unsigned long)y);
	}
	if (cfgetispeed(&a) != cfgetispeed(&b) || cfgetospeed(&a) != cfgetospeed(&b))
		fail_msg("%s: the speed is %lu instead of %lu", text,
			(unsigned long)cfgetospeed(&a), (unsigned long)cfgetospeed(&b));
	assert_memory_equal(a.c_cc, b.c_cc, sizeof(a.c_cc));
}

/* Applies "TEST,options" to a descriptor. Returns what options_apply() returns. */
static int apply(const char *text, int fd, bool inherited, struct error *error)
{
	static const struct option_scope scope = { "TEST", GROUP_TERMIOS, ALL_PHASES, false, false,
		false };
	const struct option_target target = { .fd = fd, .inherited = inherited };
	struct spec *spec = spec_parse(text, error);
	struct options *options;
	int result = 0;

	assert_non_null(spec);
	options = options_create(spec, &scope, error);
	if (options == NULL)
		fail_msg("%s: %s", text, error->message);
	for (enum option_phase phase = 0; phase < PHASE_COUNT && result == 0; phase++)
		result = options_apply(options, phase, &target, error);
	options_free(options);
	spec_free(spec);
	return result;
}

static void expect_applied(const char *text, int fd)
{
	struct error error = ERROR_EMPTY;

	if (apply(text, fd, false, &error) < 0)
		fail_msg("%s: %s", text, error.message);
	error_clear(&error);
}

/* Expects options to be accepted as words but to fail with words in the message. */
static void expect_failure(const char *text, int fd, const char *words)
{
	struct error error = ERROR_EMPTY;

	if (apply(text, fd, false, &error) == 0)
		fail_msg("%s: was applied", text);
	assert_int_equal(error.kind, ERROR_FAILED);
	if (strstr(error.message, words) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, error.message, words);
	error_clear(&error);
}

/* Expects options to be refused before anything is applied, with words in the message. */
static void expect_refusal(const char *text, const char *words)
{
	static const struct option_scope scope = { "TEST", GROUP_TERMIOS, ALL_PHASES, false, false,
		false };
	struct error error = ERROR_EMPTY;
	struct spec *spec = spec_parse(text, &error);

	assert_non_null(spec);
	if (options_create(spec, &scope, &error) != NULL)
		fail_msg("%s: was accepted", text);
	assert_int_equal(error.kind, ERROR_USAGE);
	if (strstr(error.message, words) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, error.message, words);
	error_clear(&error);
	spec_free(spec);
}

/* Applies one option to a terminal with these settings, of which one field of bits must change. */
static void expect_field(struct pair *pair, const char *option, const struct termios *before,
	const struct place *place, intmax_t bits)
{
	struct termios wanted = *before, got;
	tcflag_t *word = word_of(&wanted, place->word);
	char text[64];

	snprintf(text, sizeof(text), "TEST,%s", option);
	assert_int_equal(tcsetattr(pair->device, TCSANOW, before), 0);
	expect_applied(text, pair->device);
	*word = (*word & ~(tcflag_t)place->mask) | (tcflag_t)bits;
	got = settings_of(pair->device);
	expect_same_settings(text, &got, &wanted);
}

/* Settings that are the contrary of the usual, as far as any terminal can have them. */
static struct termios contrary(const struct termios *usual)
{
	struct termios settings = *usual;

	settings.c_iflag ^= 0x1fff;
	settings.c_oflag ^= 0xffff;
	settings.c_cflag ^= CLOCAL | CSTOPB | HUPCL | PARODD;
	settings.c_lflag ^= 0xffff;
	return settings;
}

static void judge_place(const struct place *place)
{
	char text[64];

	if (place->mask != OPTION_MISSING && place->bits != OPTION_MISSING)
		return;
	snprintf(text, sizeof(text), "TEST,%s", place->name);
	expect_refusal(text, "is not built in");
}

static void judge_word(const char *name)
{
	const struct option *option = option_find(name);

	if (option == NULL)
		fail_msg("%s is unknown", name);
	assert_int_equal(option->groups, GROUP_TERMIOS);
	assert_false(option_is_absent(name));
	assert_int_equal(option->phase,
		option->effect.apply == apply_terminal_control ? PHASE_LATE2 : PHASE_FD);
}

/* All words of terminals are there, in their group; no row is one that this test doesn't know. */
static void test_words(void **state)
{
	size_t rows = 0, known = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(flags); i++)
		judge_word(flags[i].name);
	for (size_t i = 0; i < COUNT(fields); i++) {
		char name[16];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(fields[i].name, "="),
			fields[i].name);
		judge_word(name);
	}
	for (size_t i = 0; i < COUNT(characters); i++) {
		judge_word(characters[i].name);
		assert_ptr_equal(option_find(characters[i].name), option_find(characters[i].alias));
	}
	for (size_t i = 0; i < COUNT(rates); i++)
		judge_word(rates[i].name);
	for (size_t i = 0; i < COUNT(other_names); i++)
		judge_word(other_names[i]);
	for (const struct option *row = option_table_terminal; row->name != NULL; row++) {
		rows++;
		for (size_t i = 0; i < COUNT(flags); i++)
			known += strcmp(flags[i].name, row->name) == 0;
		for (size_t i = 0; i < COUNT(fields); i++)
			known += strcmp(fields[i].name, row->name) == 0 &&
				strcmp(row->name, "crdly") != 0;
		for (size_t i = 0; i < COUNT(characters); i++)
			known += strcmp(characters[i].name, row->name) == 0;
		for (size_t i = 0; i < COUNT(rates); i++)
			known += strcmp(rates[i].name, row->name) == 0;
		for (size_t i = 0; i < COUNT(other_names); i++)
			known += strcmp(other_names[i], row->name) == 0;
		known += strcmp(row->name, "crdly") == 0 || strcmp(row->name, "tabdly") == 0;
	}
	assert_int_equal(rows, known);
}

static void test_flags(void **state)
{
	struct termios usual, other;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	usual = settings_of(pair.device);
	other = contrary(&usual);
	for (size_t i = 0; i < COUNT(flags); i++) {
		char off[32], on[32];

		judge_place(&flags[i]);
		if (flags[i].mask == OPTION_MISSING)
			continue;
		snprintf(off, sizeof(off), "%s=0", flags[i].name);
		snprintf(on, sizeof(on), "%s=1", flags[i].name);
		expect_field(&pair, flags[i].name, &usual, &flags[i], flags[i].mask);
		expect_field(&pair, flags[i].name, &other, &flags[i], flags[i].mask);
		expect_field(&pair, on, &other, &flags[i], flags[i].mask);
		expect_field(&pair, off, &usual, &flags[i], 0);
		expect_field(&pair, off, &other, &flags[i], 0);
	}
	pair_close(&pair);
}

static void test_fields(void **state)
{
	struct termios usual, other;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	usual = settings_of(pair.device);
	other = contrary(&usual);
	for (size_t i = 0; i < COUNT(fields); i++) {
		judge_place(&fields[i]);
		if (fields[i].mask == OPTION_MISSING || fields[i].bits == OPTION_MISSING)
			continue;
		expect_field(&pair, fields[i].name, &usual, &fields[i], fields[i].bits);
		expect_field(&pair, fields[i].name, &other, &fields[i], fields[i].bits);
	}
	expect_refusal("TEST,crdly=4", "out of range, 0 to 3 is allowed");
	expect_refusal("TEST,tabdly=-1", "out of range, 0 to 3 is allowed");
	expect_refusal("TEST,csize=5", "out of range, 0 to 3 is allowed");
	expect_refusal("TEST,tab1=1", "takes no value");
	pair_close(&pair);
}

static void test_characters(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	for (size_t i = 0; i < COUNT(characters); i++) {
		static const int bytes[] = { 7, 0, 255, -1 };
		char text[64];

		if (characters[i].index == OPTION_MISSING) {
			snprintf(text, sizeof(text), "TEST,%s=3", characters[i].name);
			expect_refusal(text, "is not built in");
			continue;
		}
		for (size_t j = 0; j < COUNT(bytes); j++) {
			struct termios wanted = settings_of(pair.device), got;
			const char *name = j % 2 ? characters[i].alias : characters[i].name;

			if (bytes[j] < 0) /* no value is 1 */
				snprintf(text, sizeof(text), "TEST,%s", name);
			else
				snprintf(text, sizeof(text), "TEST,%s=%d", name, bytes[j]);
			expect_applied(text, pair.device);
			wanted.c_cc[characters[i].index] = (cc_t)(bytes[j] < 0 ? 1 : bytes[j]);
			got = settings_of(pair.device);
			expect_same_settings(text, &got, &wanted);
		}
	}
	expect_refusal("TEST,eof=256", "out of range, 0 to 255 is allowed");
	expect_refusal("TEST,min=-1", "out of range, 0 to 255 is allowed");
	expect_refusal("TEST,intr=^C", "missing numerical value");
	pair_close(&pair);
}

static void test_rates(void **state)
{
	struct termios wanted, got;
	struct pair pair;
	char text[64];

	(void)state;
	pair_open(&pair);
	for (size_t i = 0; i < COUNT(rates); i++) {
		static const char *const words[] = { "b", "ispeed=", "ospeed=" };

		for (size_t j = 0; j < COUNT(words); j++) {
			wanted = settings_of(pair.device);
			snprintf(text, sizeof(text), "TEST,%s%jd", words[j], rates[i].rate);
			if (rates[i].speed == OPTION_MISSING) {
				expect_refusal(text, j == 0 ? "is not built in" : "no such speed");
				continue;
			}
			if (j != 2)
				cfsetispeed(&wanted, (speed_t)rates[i].speed);
			if (j != 1)
				cfsetospeed(&wanted, (speed_t)rates[i].speed);
			expect_applied("TEST,b134", pair.device);
			expect_applied(text, pair.device);
			got = settings_of(pair.device);
			expect_same_settings(text, &got, &wanted);
		}
	}
	expect_applied("TEST,b0", pair.device);
	got = settings_of(pair.device);
	assert_int_equal(cfgetospeed(&got), B0);
	snprintf(text, sizeof(text), "TEST,ospeed=%lu", (unsigned long)B19200);
	expect_applied(text, pair.device);
	got = settings_of(pair.device);
	assert_int_equal(cfgetospeed(&got), B19200);
	snprintf(text, sizeof(text), "TEST,ispeed=%#lx", (unsigned long)B9600);
	expect_applied(text, pair.device);
	got = settings_of(pair.device);
	assert_int_equal(cfgetispeed(&got), B9600);
	expect_refusal("TEST,ispeed=9601", "no such speed; there are 0, 50, 75, 110, ");
	expect_refusal("TEST,ospeed=16", "9600, 19200, 38400, ");
	expect_refusal("TEST,ospeed=-9600", "out of range");
	pair_close(&pair);
}

/* A pseudo terminal always receives, bytes of 8 bits without parity; Linux keeps quiet about it. */
static void test_device_refuses(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	expect_applied("TEST,cs8,csize=3,parenb=0,cread", pair.device);
#ifdef __linux__
	expect_failure("TEST,cs7", pair.device, "cs7: cannot set CS7: the device doesn't support");
	expect_failure("TEST,cs5", pair.device, "cs5: cannot set CS5");
	expect_failure("TEST,csize=2", pair.device, "csize=2: cannot set CSIZE");
	expect_failure("TEST,parenb", pair.device, "cannot set PARENB");
	expect_failure("TEST,cread=0", pair.device, "cannot set CREAD");
	expect_failure("TEST,setflags=2:0", pair.device, "setflags=2:0: cannot set");
#endif
	pair_close(&pair);
}

static void test_setflags(void **state)
{
	struct termios before, after;
	char text[64];
	struct pair pair;

	(void)state;
	pair_open(&pair);
	before = settings_of(pair.device);
	for (int word = 0; word < TERMINAL_WORD_COUNT; word++) {
		tcflag_t bits = word == TERMINAL_INPUT ? IXOFF | INLCR
			: word == TERMINAL_OUTPUT      ? OPOST
			: word == TERMINAL_CONTROL     ? before.c_cflag | CLOCAL
						       : ECHO;

		snprintf(text, sizeof(text), "TEST,setflags=%d:%#lx", word, (unsigned long)bits);
		expect_applied(text, pair.device);
		*word_of(&before, (enum terminal_word)word) = bits;
		after = settings_of(pair.device);
		expect_same_settings(text, &after, &before);
	}
	expect_refusal("TEST,setflags=4:0", "no word 4, 0 to 3 are allowed");
	expect_refusal("TEST,setflags=-1:0", "no word -1");
	expect_refusal("TEST,setflags=1", "a part is missing, <word>:<bits> is needed");
	expect_refusal("TEST,setflags=1:2:3", "trailing garbage");
	pair_close(&pair);
}

static void test_modes(void **state)
{
	struct termios usual, other, got, wanted;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	usual = settings_of(pair.device);
	other = contrary(&usual);
	other.c_cc[VMIN] = 9;
	other.c_cc[VTIME] = 9;
	other.c_cc[VINTR] = 'i';

	tcsetattr(pair.device, TCSANOW, &other);
	expect_applied("TEST,raw", pair.device);
	got = settings_of(pair.device);
	assert_int_equal(got.c_oflag, other.c_oflag & ~(tcflag_t)OPOST);
	assert_int_equal(got.c_lflag & (ICANON | ISIG), 0);
	assert_int_equal(got.c_lflag & (ECHO | IEXTEN), other.c_lflag & (ECHO | IEXTEN));
	assert_int_equal(got.c_iflag & (IXON | IXOFF | ICRNL | IGNCR | ISTRIP | BRKINT), 0);
	assert_int_equal(got.c_cflag, other.c_cflag);
	assert_true(got.c_cc[VMIN] == 1 && got.c_cc[VTIME] == 0 && got.c_cc[VINTR] == 'i');
	tcsetattr(pair.device, TCSANOW, &usual);
	expect_applied("TEST,raw", pair.device);
	assert_true((settings_of(pair.device).c_lflag & ECHO) != 0);

	tcsetattr(pair.device, TCSANOW, &other);
	expect_applied("TEST,rawer", pair.device);
	got = settings_of(pair.device);
	assert_true(got.c_iflag == 0 && got.c_oflag == 0 && got.c_lflag == 0);
	assert_true(got.c_cc[VMIN] == 1 && got.c_cc[VTIME] == 0 && got.c_cc[VINTR] == 'i');
	assert_int_equal(got.c_cflag, other.c_cflag);
	assert_int_equal(cfgetospeed(&got), cfgetospeed(&other));

	tcsetattr(pair.device, TCSANOW, &other);
	expect_applied("TEST,cfmakeraw", pair.device);
	wanted = other;
	cfmakeraw(&wanted);
	wanted.c_cflag |= CREAD;
	got = settings_of(pair.device);
	expect_same_settings("cfmakeraw", &got, &wanted);

	tcsetattr(pair.device, TCSANOW, &other);
	expect_applied("TEST,sane", pair.device);
	got = settings_of(pair.device);
	assert_int_equal(got.c_oflag, OPOST | ONLCR);
	assert_int_equal(got.c_iflag & (BRKINT | ICRNL), BRKINT | ICRNL);
	assert_int_equal(got.c_iflag & (IGNBRK | INLCR | IGNCR | IXOFF | IXANY), 0);
	wanted.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK;
	assert_int_equal(got.c_lflag & wanted.c_lflag, wanted.c_lflag);
	assert_int_equal(got.c_lflag & (ECHONL | NOFLSH | TOSTOP), 0);
	assert_true(got.c_cc[VINTR] == 'i');
	pair_close(&pair);
}

/* Options act in the order of the text; of the same one the last counts. */
static void test_order(void **state)
{
	struct termios usual, got;
	struct pair pair;

	(void)state;
	pair_open(&pair);
	usual = settings_of(pair.device);
	expect_applied("TEST,raw,sane", pair.device);
	assert_true((settings_of(pair.device).c_lflag & ICANON) != 0);
	expect_applied("TEST,sane,raw,echo=0", pair.device);
	assert_int_equal(settings_of(pair.device).c_lflag & (ICANON | ECHO), 0);
	expect_applied("TEST,echo=0,sane", pair.device);
	assert_true((settings_of(pair.device).c_lflag & ECHO) != 0);
	expect_applied("TEST,rawer,echo,opost", pair.device);
	got = settings_of(pair.device);
	assert_int_equal(got.c_lflag, ECHO);
	assert_int_equal(got.c_oflag, OPOST);
	tcsetattr(pair.device, TCSANOW, &usual);
	expect_applied("TEST,min=5,raw,min=7,tab3,tab0,b300,b9600,b1200,icanon=1,icanon=0",
		pair.device);
	got = settings_of(pair.device);
	assert_int_equal(got.c_cc[VMIN], 7);
	assert_int_equal(got.c_lflag & ICANON, 0);
	assert_int_equal(cfgetospeed(&got), B1200);
	expect_applied("TEST,min=5,rawer", pair.device);
	assert_int_equal(settings_of(pair.device).c_cc[VMIN], 1);
	pair_close(&pair);
}

static void test_window(void **state)
{
	struct winsize size = { .ws_col = 1 };
	struct pair pair;

	(void)state;
	pair_open(&pair);
	expect_applied("TEST,winsz=132:43", pair.device);
	assert_int_equal(ioctl(pair.master, TIOCGWINSZ, &size), 0);
	assert_true(size.ws_col == 132 && size.ws_row == 43);
	expect_applied("TEST,tiocswinsz=65535:0", pair.master);
	assert_int_equal(ioctl(pair.device, TIOCGWINSZ, &size), 0);
	assert_true(size.ws_col == 65535 && size.ws_row == 0);
	expect_refusal("TEST,winsz=80:65536", "out of range, 0 to 65535 is allowed");
	expect_refusal("TEST,winsz=-1:24", "out of range, 0 to 65535 is allowed");
	expect_refusal("TEST,winsz=80", "<columns>:<rows> is needed");
	pair_close(&pair);
}

static void test_no_terminal(void **state)
{
	static const char *const texts[] = { "TEST,echo=0", "TEST,cs8", "TEST,csize=3",
		"TEST,eof=4", "TEST,b9600", "TEST,ispeed=9600", "TEST,raw", "TEST,rawer",
		"TEST,cfmakeraw", "TEST,sane", "TEST,setflags=0:0", "TEST,winsz=80:24",
		"TEST,ctty" };
	struct error error = ERROR_EMPTY;
	struct pair pair;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (size_t i = 0; i < COUNT(texts); i++) {
		char words[64];

		snprintf(words, sizeof(words), "%s: this is not a terminal: ", texts[i] + 5);
		expect_failure(texts[i], ends[0], words);
	}
	assert_int_equal(apply("TEST,raw", ends[0], true, &error), -1);
	assert_non_null(strstr(error.message, "is not a terminal: "));
	assert_null(strstr(error.message, "this"));
	error_clear(&error);
	close(ends[0]);
	close(ends[1]);
	expect_failure("TEST,raw", -1, "raw: cannot read the settings of the terminal: ");
	pair_open(&pair);
	close(pair.master);
	expect_failure("TEST,raw", pair.device, "raw: cannot read the settings of the terminal: ");
	close(pair.device);
}

/* Whether this process has a controlling terminal. */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Runs a test in a process of its own that leads a session. */
static void expect_in_session(bool (*test)(const struct pair *pair))
{
	struct pair pair;
	int status = -1;
	pid_t pid;

	pair_open(&pair);
	pid = fork();
	if (pid == 0)
		_exit(setsid() == getpid() && test(&pair) ? 0 : 1);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	pair_close(&pair);
}

static bool leader_gets_terminal(const struct pair *pair)
{
	struct error error = ERROR_EMPTY;

	if (apply("TEST,ctty=0", pair->device, false, &error) < 0 || has_terminal())
		return false;
	for (int i = 0; i < 2; i++) {
		if (apply("TEST,ctty", pair->device, false, &error) < 0 || !has_terminal() ||
			tcgetpgrp(pair->device) != getpgrp())
			return false;
	}
	return true;
}

static bool others_go_on_without(const struct pair *pair)
{
	struct error error = ERROR_EMPTY;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(apply("TEST,tiocsctty", pair->device, false, &error) == 0 && !has_terminal()
				? 0
				: 1);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A session leader gets its terminal; others are warned and go on. */
static void test_controlling(void **state)
{
	(void)state;
	expect_in_session(leader_gets_terminal);
	expect_in_session(others_go_on_without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_device_refuses),
		cmocka_unit_test(test_setflags),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_controlling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
