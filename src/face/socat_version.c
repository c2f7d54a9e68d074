#include "face/socat_version.h"

#include <sys/utsname.h>

#include "address/registry.h"
#include "option/option.h"

/* The release of socat whose command line, addresses and options this face answers to. */
#define SOCAT_RELEASE "1.8.1.1"

/*
 * The features that scripts ask for, in socat's order. A feature is there when the address is,
 * or the option; those that belong to the program as such have a value of their own.
 */
static const struct socat_feature {
	const char *name;
	const char *address;
	const char *option;
	const char *value;
} socat_features[] = {
	{ .name = "HELP", .value = "1" },
	{ .name = "STATS", .value = "1" },
	{ .name = "STDIO", .address = "STDIO" },
	{ .name = "FDNUM", .address = "FD" },
	{ .name = "FILE", .address = "OPEN" },
	{ .name = "CREAT", .address = "CREATE" },
	{ .name = "GOPEN", .address = "GOPEN" },
	{ .name = "TERMIOS", .option = "icanon" },
	{ .name = "PIPE", .address = "PIPE" },
	{ .name = "STALL", .address = "STALL" },
	{ .name = "TEXT", .address = "TEXT" },
	{ .name = "SOCKETPAIR", .address = "SOCKETPAIR" },
	{ .name = "UNIX", .address = "UNIX-CONNECT" },
	{ .name = "ABSTRACT_UNIXSOCKET", .address = "ABSTRACT-CONNECT" },
	{ .name = "IP4", .address = "TCP4-CONNECT" },
	{ .name = "IP6", .address = "TCP6-CONNECT" },
	{ .name = "RAWIP", .address = "IP-SENDTO" },
	{ .name = "GENERICSOCKET", .address = "SOCKET-CONNECT" },
	{ .name = "INTERFACE", .address = "INTERFACE" },
	{ .name = "TCP", .address = "TCP-CONNECT" },
	{ .name = "UDP", .address = "UDP-CONNECT" },
	{ .name = "SCTP", .address = "SCTP-CONNECT" },
	{ .name = "DCCP", .address = "DCCP-CONNECT" },
	{ .name = "UDPLITE", .address = "UDPLITE-CONNECT" },
	{ .name = "LISTEN", .address = "TCP-LISTEN" },
	{ .name = "POSIXMQ", .address = "POSIXMQ-SEND" },
	{ .name = "SOCKS4", .address = "SOCKS4" },
	{ .name = "SOCKS4A", .address = "SOCKS4A" },
	{ .name = "SOCKS5", .address = "SOCKS5-CONNECT" },
	{ .name = "VSOCK", .address = "VSOCK-CONNECT" },
	{ .name = "NAMESPACES", .option = "netns" },
	{ .name = "PROXY", .address = "PROXY" },
	{ .name = "SYSTEM", .address = "SYSTEM" },
	{ .name = "SHELL", .address = "SHELL" },
	{ .name = "EXEC", .address = "EXEC" },
	{ .name = "READLINE", .address = "READLINE" },
	{ .name = "TUN", .address = "TUN" },
	{ .name = "PTY", .address = "PTY" },
	{ .name = "OPENSSL", .address = "OPENSSL" },
	{ .name = "FIPS", .option = "openssl-fips" },
	{ .name = "LIBWRAP", .option = "tcpwrappers" },
	{ .name = "SYCLS" }, /* -dddd shows steps, and not each call with its arguments */
	{ .name = "FILAN", .value = "1" }, /* -D */
	{ .name = "RETRY", .option = "retry" },
	{ .name = "DEVTESTS" },
	{ .name = "MSGLEVEL", .value = "0 /*debug*/" },
	{ .name = "DEFAULT_IPV", .value = "4" },
};

/* What stands behind the name of a feature, or NULL where it is not built in. */
static const char *socat_feature_value(const struct socat_feature *feature)
{
	const struct option *option = feature->option != NULL ? option_find(feature->option) : NULL;

	if (option != NULL && option_missing(option) == NULL)
		return "1";
	if (feature->address != NULL && registry_find(feature->address) != NULL)
		return "1";
	return feature->value;
}

/* Appends what is built in, line by line as scripts ask socat for it. */
void socat_version(const char *program, struct text *out)
{
	struct utsname system;

	text_print(out, "%s by %s - see %s(1)\n", program, PACKAGE_STRING, PACKAGE_NAME);
	text_print(out, "socat version %s on %s %s\n", SOCAT_RELEASE, PACKAGE_NAME,
		PACKAGE_VERSION);
	if (uname(&system) == 0)
		text_print(out, "   running on %s version %s, release %s, machine %s\n",
			system.sysname, system.version, system.release, system.machine);
	text_add_string(out, "features:\n");
	for (size_t i = 0; i < sizeof(socat_features) / sizeof(*socat_features); i++) {
		const struct socat_feature *feature = &socat_features[i];
		const char *value = socat_feature_value(feature);

		if (value != NULL)
			text_print(out, "  #define WITH_%s %s\n", feature->name, value);
		else
			text_print(out, "  #undef WITH_%s\n", feature->name);
	}
}
