#include "socket/make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/system.h"
#include "option/settings.h"
#include "socket/advice.h"
#include "socket/report.h"

/* The address family that pf= asks for, or the given one. Returns -1 with the error filled for a strange word. */
int make_family(const struct options *options, int family, struct error *error)
{
	static const struct {
		const char *name;
		int family;
	} words[] = {
		{ "ip4", AF_INET },
		{ "inet", AF_INET },
		{ "inet4", AF_INET },
		{ "ipv4", AF_INET },
		{ "ip6", AF_INET6 },
		{ "inet6", AF_INET6 },
		{ "ipv6", AF_INET6 },
		{ "unix", AF_UNIX },
		{ "local", AF_UNIX },
	};
	const char *word = SETTINGS(options, socket)->family;
	char *end;
	long number;

	if (word == NULL)
		return family;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_same_word(words[i].name, word))
			return words[i].family;
	}
	number = strtol(word, &end, 0);
	if (end == word || *end != '\0' || number < 0 || number > 255)
		return error_usage(error, _("unknown protocol family \"%s\""), word);
	return (int)number;
}

/* Lets so-type and so-protocol have their say. */
void make_kind(const struct options *options, struct socket_kind *kind)
{
	const struct socket_settings *settings = SETTINGS(options, socket);

	if (settings->type >= 0)
		kind->type = settings->type;
	if (settings->protocol >= 0)
		kind->protocol = settings->protocol;
}

/* Fills a query for host names with what the options say of the resolver. */
void make_query(const struct options *options, const struct socket_kind *kind, bool passive,
	int prefer, struct resolve_query *query)
{
	const struct ip_settings *ip = SETTINGS(options, ip);

	*query = (struct resolve_query){
		.family = kind->family,
		.type = kind->type,
		.protocol = kind->protocol,
		.prefer = prefer,
		.numeric = ip->numeric,
		.passive = ip->passive >= 0 ? ip->passive > 0 : passive,
		.address_config = ip->address_config,
		.v4_mapped = ip->v4_mapped,
		.all = ip->all,
		.knobs = {
			.name_server = ip->name_server,
			.retrans = ip->resolver_retrans,
			.retry = ip->resolver_retry,
			.flags_set = ip->resolver_set,
			.flags_clear = ip->resolver_clear,
		},
	};
}

/* Makes a socket that nobody inherits and that never blocks. Returns -1 with the error filled. */
int make_socket(const struct options *options, const struct socket_kind *kind, struct error *error)
{
	struct option_target target;
	int fd = fd_above_standard(system_socket(kind->family, kind->type, kind->protocol));

	log_info("socket(%d, %d, %d) -> %d", kind->family, kind->type, kind->protocol, fd);
	if (fd < 0)
		return error_system(error, errno,
			_("cannot create a socket of family %d, type %d, protocol %d"),
			kind->family, kind->type, kind->protocol);
	target = (struct option_target){ .fd = fd };
	if (options_apply(options, PHASE_PASTSOCKET, &target, error) < 0) {
		fd_close(&target.fd);
		return -1;
	}
	return target.fd;
}

/* Splits [host][:port], where host may be an IPv6 literal in brackets. Both are new strings or NULL. */
int make_split(const char *text, char **host, char **port)
{
	const char *colon = text[0] == '[' ? strchr(text, ']') : text;

	*host = *port = NULL;
	if (colon == NULL)
		return -1;
	colon = strchr(colon, ':');
	if (colon == NULL)
		colon = text + strlen(text);
	if (colon > text)
		*host = memory_copy(text, (size_t)(colon - text));
	if (*colon == ':' && colon[1] != '\0')
		*port = memory_string(colon + 1);
	return 0;
}

/* The local addresses that bind and sourceport ask for; none if the system may choose. */
int make_local(const struct options *options, const struct socket_kind *kind, int prefer,
	struct resolve_list *list, struct error *error)
{
	const char *bind_to = SETTINGS(options, socket)->bind;
	const struct ip_settings *ip = SETTINGS(options, ip);
	struct resolve_query query;
	char *host = NULL, *port = NULL;
	int result;

	*list = (struct resolve_list){ NULL, 0 };
	if (bind_to == NULL && ip->source_port < 0 && !ip->low_port)
		return 0;
	make_query(options, kind, true, prefer, &query);
	if (bind_to != NULL && make_split(bind_to, &host, &port) < 0)
		return error_usage(error, _("bind=%s: the bracket is never closed"), bind_to);
	query.host = host;
	query.service = port;
	result = resolve_host(&query, list, error);
	if (result == 0 && ip->source_port >= 0) {
		for (size_t i = 0; i < list->count; i++)
			sockaddr_set_port(&list->addresses[i], ip->source_port);
	}
	free(host);
	free(port);
	return result;
}

/* Of which type a socket is. */
static int make_type(int fd)
{
	int type = SOCK_STREAM;
	socklen_t length = sizeof(type);

	call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
	return type;
}

/* Says whether the address may be shared with old connections. */
static int make_reusable(const struct options *options, int fd, int reuse)
{
	int result;

	options_because(options, "so-reuseaddr");
	result = call_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	call_because(NULL);
	return result;
}

/* Binds a socket; failure is what it is called when the address can't be had. */
static int make_bind(const struct options *options, int fd, const struct sockaddr_any *local,
	bool reuse_address, enum report_event failure, struct error *error)
{
	struct option_target target = { .fd = fd };
	int reuse = SETTINGS(options, socket)->reuse_address;
	char text[SOCKADDR_TEXT];

	if (reuse == -1)
		reuse = reuse_address ? 1 : OPTION_EMPTY;
	if (reuse != OPTION_EMPTY && make_reusable(options, fd, reuse) < 0)
		return error_system(error, errno, _("cannot set %s"), "SO_REUSEADDR");
	if (options_apply(options, PHASE_PREBIND, &target, error) < 0)
		return -1;
	if (call_bind(fd, &local->any, local->length) < 0) {
		struct report facts = { .local = local, .number = errno };

		error_system(error, facts.number, _("cannot bind %s"), sockaddr_plain(local, text));
		error_call(error, "bind(%d, {%s}, %u)", fd, sockaddr_classic(local, text),
			(unsigned)local->length);
		advice_bind(facts.number, local, make_type(fd), error);
		return report_failure(failure, &facts, error);
	}
	log_debug("bind(%d, %s, %u)", fd, sockaddr_classic(local, text), (unsigned)local->length);
	return 0;
}

/* Binds a socket that waits. reuse_address is what happens where the user says nothing. */
int make_bound(const struct options *options, int fd, const struct sockaddr_any *local,
	bool reuse_address, struct error *error)
{
	return make_bind(options, fd, local, reuse_address, REPORT_NOT_BOUND, error);
}

/* Binds a socket that connects, to one of our addresses. */
static int make_bind_client(const struct options *options, int fd, const struct sockaddr_any *local,
	struct error *error)
{
	return make_bind(options, fd, local, false, REPORT_NOT_BOUND_CLIENT, error);
}

/* Binds to a port between 640 and 1023, beginning anywhere and passing over those in use. */
static int make_low_port(const struct options *options, int fd, const struct sockaddr_any *local,
	struct error *error)
{
	const int low = 640, high = 1023;
	struct sockaddr_any address = *local;
	int start = low + (int)((unsigned)getpid() % (unsigned)(high - low + 1));
	int port = start;

	do {
		sockaddr_set_port(&address, port);
		if (make_bind_client(options, fd, &address, error) == 0)
			return 0;
		if (error->number != EADDRINUSE)
			return -1;
		error_clear(error);
		port = port < high ? port + 1 : low;
	} while (port != start);
	return error_failed(error, _("every port from %d to %d is in use"), low, high);
}

/*
 * Gives a client's socket its local address, if one was asked for: of the addresses in locals, the one of the
 * family. Returns 1 when none fits.
 */
int make_bound_client(const struct options *options, int fd, const struct resolve_list *locals,
	int family, struct error *error)
{
	const struct ip_settings *ip = SETTINGS(options, ip);

	for (size_t i = 0; i < locals->count; i++) {
		if (locals->addresses[i].any.sa_family != family)
			continue;
		if (ip->low_port && sockaddr_port(&locals->addresses[i]) == 0)
			return make_low_port(options, fd, &locals->addresses[i], error);
		return make_bind_client(options, fd, &locals->addresses[i], error);
	}
	if (locals->count == 0) {
		struct option_target target = { .fd = fd };

		return options_apply(options, PHASE_PREBIND, &target, error);
	}
	return 1;
}
