#include "cli/section.h"

#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "option/settings.h"
#include "option/table.h"

#define ANY_LEVEL (-1)
#define BY_GROUP NULL, NULL, ANY_LEVEL
#define STORED(block) &(block), NULL, ANY_LEVEL
#define BY(function) NULL, function, ANY_LEVEL
#define BITS_OF(word) NULL, apply_terminal_bits, word

#define SERIAL "/dev/ttyS0"

const struct section sections[] = {
	{ "chat", N_("The person at the keyboard"), GROUP_READLINE | GROUP_CHAT, BY_GROUP, "CHAT" },
	{ "programs", N_("Programs"), GROUP_EXEC | GROUP_FORK | GROUP_SHELL | GROUP_PARENT, BY_GROUP,
		"EXEC:date" },
	{ "pty", N_("Pseudo terminals"), GROUP_PTY, BY_GROUP, "PTY" },
	{ "tls", N_("TLS"), GROUP_OPENSSL, BY_GROUP, "OPENSSL:localhost:4433" },
	{ "listen", N_("Listening"), GROUP_LISTEN, BY_GROUP, "TCP-LISTEN:9090" },
	{ "connections", N_("Many connections"), GROUP_CHILD, BY_GROUP, "TCP-LISTEN:9090,fork" },
	{ "hub", N_("One conversation of many"), GROUP_CHILD, STORED(hub_block),
		"TCP-LISTEN:9090,hub" },
	{ "range", N_("Who may come"), GROUP_RANGE, BY_GROUP, "TCP-LISTEN:9090" },
	{ "tcp", N_("TCP, and ports"), GROUP_TCP | GROUP_SCTP | GROUP_DCCP | GROUP_UDPLITE, BY_GROUP,
		"TCP:localhost:9090" },
	{ "udp", N_("UDP"), GROUP_UDP, BY_GROUP, "UDP:localhost:9090" },
	{ "unix", N_("UNIX domain sockets"), GROUP_UNIX, BY_GROUP, "UNIX:/tmp/room" },
	{ "retry", N_("Trying again"), GROUP_RETRY, BY_GROUP, "TCP:localhost:9090" },
	{ "names", N_("Looking names up"), GROUP_IP4, STORED(ip_block), "TCP:localhost:9090" },
	{ "ip", N_("IP"), GROUP_IP4, BY_GROUP, "UDP:localhost:9090" },
	{ "ipv6", N_("IPv6"), GROUP_IP6, BY_GROUP, "UDP6:[::1]:9090" },
	{ "entries", N_("Entries in the file system"), GROUP_NAMED, BY_GROUP, "UNIX-LISTEN:/tmp/room" },
	{ "open", N_("Opening files"), GROUP_OPEN, BY_GROUP, "OPEN:/tmp/notes" },
	{ "files", N_("Regular files and block devices"), GROUP_REG | GROUP_BLK, BY_GROUP,
		"OPEN:/tmp/notes" },
	{ "pipes", N_("Pipes"), GROUP_FIFO, BY_GROUP, "PIPE" },
	{ "terminals", N_("Terminals"), GROUP_TERMIOS | GROUP_CHR, BY_GROUP, "-" },
	{ "speeds", N_("Speeds of serial lines"), GROUP_TERMIOS, BY(apply_terminal_speed), SERIAL },
	{ "control", N_("Serial lines"), GROUP_TERMIOS, BITS_OF(TERMINAL_CONTROL), SERIAL },
	{ "input", N_("Terminals: what is read"), GROUP_TERMIOS, BITS_OF(TERMINAL_INPUT), SERIAL },
	{ "output", N_("Terminals: what is written"), GROUP_TERMIOS, BITS_OF(TERMINAL_OUTPUT), SERIAL },
	{ "local", N_("Terminals: echo, lines and signals"), GROUP_TERMIOS, BITS_OF(TERMINAL_LOCAL), "-" },
	{ "characters", N_("Terminals: control characters"), GROUP_TERMIOS,
		BY(apply_terminal_character), SERIAL },
	{ "sockets", N_("Sockets"), GROUP_SOCKET, BY_GROUP, "TCP:localhost:9090" },
	{ "descriptors", N_("Descriptors"), GROUP_FD, BY_GROUP, "OPEN:/tmp/notes" },
	{ "transfer", N_("How data passes, and how it ends"), GROUP_APPL | GROUP_FD | GROUP_SOCKET,
		STORED(transfer_block), "TCP:localhost:9090" },
	{ "weather", N_("Simulated weather"), GROUP_APPL, STORED(weather_block), "UDP:localhost:9090" },
	{ "process", N_("Directory, user and process"), GROUPS_EVERYWHERE, BY_GROUP, "EXEC:date" },
	{ "foreign", N_("Accepted without effect here"), ~0u, BY(apply_nothing), "TCP:localhost:9090" },
	{ "other", N_("Other options"), ~0u, BY_GROUP, "-" },
	{ .word = "" },
};

/* Whether a section is about more than groups, and has the option. */
static bool section_fits(const struct section *section, const struct option *option)
{
	const struct option_effect *effect = &option->effect;

	if (section->block != NULL)
		return section->block == effect->block;
	return section->apply != NULL && section->apply == effect->apply &&
		(section->level == ANY_LEVEL || section->level == effect->level);
}

/* The first section that has options of these groups, whatever they are about. */
static const struct section *section_general(unsigned groups)
{
	const struct section *section = sections;

	while ((section->groups & groups) == 0 || section->block != NULL || section->apply != NULL)
		section++;
	return section;
}

/* The section where an option stands among those of some of its groups. */
const struct section *section_of(const struct option *option, unsigned groups)
{
	for (const struct section *section = sections; section->word[0] != '\0'; section++) {
		if ((section->groups & groups) != 0 && section_fits(section, option))
			return section;
	}
	return section_general(groups);
}

/* A value that an option takes whose row says what stands behind the equals sign. */
static const char *section_value_like(const char *placeholder)
{
	static const struct {
		char placeholder[20], value[12];
	} values[] = {
		{ "<seconds>", "=5" }, { "<bytes>", "=65536" }, { "<path>", "=/tmp/notes" },
		{ "<byte>", "=3" }, { "<milliseconds>", "=500" }, { "<0-3>", "=1" },
		{ "<bits per second>", "=9600" }, { "<offset>", "=1024" }, { "<interface>", "=lo" },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].placeholder, placeholder) == 0)
			return values[i].value;
	}
	return "=1";
}

/* A value that the option takes, with its equals sign; "" where a bare name will do. */
static const char *section_value(const struct option *option)
{
	static const char *const values[OPTION_KIND_COUNT] = {
		[OPTION_MODE] = "=600",
		[OPTION_USER] = "=root",
		[OPTION_GROUP] = "=root",
		[OPTION_SECONDS] = "=5",
		[OPTION_SIZE] = "=64k",
		[OPTION_PERCENT] = "=5%",
	};
	const char *value = values[option->kind];

	if (value == NULL && option->values != NULL && option->kind != OPTION_STRING_OR_NONE)
		value = section_value_like(option->values);
	return value != NULL ? value : "";
}

/* An address with the option, for people to see how it is written; the caller owns it. */
char *section_example(const struct option *option)
{
	const struct section *section = section_of(option, option->groups);
	const char *example = option_example(option);

	if (example != NULL)
		return memory_print("%s", example);
	if (section->apply == apply_nothing)
		section = section_general(option->groups);
	return memory_print("%s,%s%s", section->address, option->name, section_value(option));
}
