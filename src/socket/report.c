/*
 * One table holds the wordings of all styles. A pattern is text with letters behind '%':
 *
 *   a b  the peer's and our own address as socat's log lines have them
 *   p P  the peer's host or path, its port            l L  the same of our own address
 *   n m  the name of the peer's host, of our own; the number where there is none
 *   u    the name of the peer's host, or (UNKNOWN)    y    our own host, or any
 *   h s  host and service as the user wrote them      w    the host so, with its number if it is a name
 *   t    tcp or udp                                   v V  the service of the peer's port, or * and ?
 *   e    why, from errno                              g    why, in words
 *
 * A line end in a pattern begins a message of its own. Names come from the table of hosts alone: whoever talks of
 * a connection must not wait for a name server. The netcats' programs were observed as their users see them.
 */
#include "socket/report.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/text.h"

struct report_words {
	bool tells; /* that nobody answers is told as notices are, and is no error message */
	const char *patterns[REPORT_EVENTS];
};

enum report_kind { REPORT_IP, REPORT_UNIX, REPORT_KINDS };

/* clang-format off */
static const struct report_words report_ours = { false, {
	[REPORT_LISTENING] = "listening on %b",
	[REPORT_WAITING] = "listening on %b",
	[REPORT_BOUND] = "bound to %b",
	[REPORT_ACCEPTED] = "accepting connection from %a on %b",
	[REPORT_HEARD] = "accepting connection from %a on %b",
	[REPORT_TURNED_AWAY] = "refusing connection from %a due to %g",
	[REPORT_CONNECTING] = "opening connection to %a",
	[REPORT_CONNECTED] = "successfully connected from local address %b",
} };

static const struct report_words report_openbsd[REPORT_KINDS] = {
	[REPORT_IP] = { true, {
		[REPORT_LISTENING] = "Listening on %m %L",
		[REPORT_WAITING] = "Bound on %m %L",
		[REPORT_BOUND] = "Bound on %m %L",
		[REPORT_ACCEPTED] = "Connection received on %n %P",
		[REPORT_HEARD] = "Connection received on %n %P",
		[REPORT_CONNECTED] = "Connection to %w %P port [%t/%v] succeeded!",
		[REPORT_FAILED] = "connect to %w port %P (%t) failed: %e",
		[REPORT_TIMED_OUT] = "connect to %w port %P (%t) timed out: Operation now in progress",
		[REPORT_NO_HOST] = "getaddrinfo for host \"%h\" port %s: %g",
		[REPORT_NOT_BOUND] = "%e",
		[REPORT_NOT_BOUND_CLIENT] = "bind failed: %e",
	} },
	[REPORT_UNIX] = { false, {
		[REPORT_LISTENING] = "Bound on %l\nListening on %l",
		[REPORT_BOUND] = "Bound on %l",
		[REPORT_ACCEPTED] = "Connection received on %l",
		[REPORT_PACKET] = "Connection received on %l",
		[REPORT_FAILED] = "%p: %e",
		[REPORT_TIMED_OUT] = "%p: %e",
		[REPORT_NOT_BOUND] = "%e",
	} },
};

static const struct report_words report_traditional[REPORT_KINDS] = {
	[REPORT_IP] = { false, {
		[REPORT_LISTENING] = "listening on [%y] %L ...",
		[REPORT_WAITING] = "listening on [%y] %L ...",
		[REPORT_BOUND] = "listening on [%y] %L ...",
		[REPORT_ACCEPTED] = "connect to [%l] from %u [%p] %P",
		[REPORT_HEARD] = "connect to [%l] from %u [%p] %P",
		[REPORT_PACKET] = "connect to [%l] from %u [%p] %P",
		[REPORT_TURNED_AWAY] = "invalid connection to [%l] from %u [%p] %P",
		[REPORT_CONNECTED] = "%u [%p] %P (%V) open",
		[REPORT_FAILED] = "%u [%p] %P (%V) : %e",
		[REPORT_TIMED_OUT] = "%u [%p] %P (%V) : %e",
		[REPORT_NO_HOST] = "%h: forward host lookup failed: Unknown host",
		[REPORT_NOT_BOUND] = "Can't grab %l:%L with bind : %e",
		[REPORT_NOT_BOUND_CLIENT] = "Can't grab %l:%L with bind : %e",
		[REPORT_NOBODY] = "no connection : %e",
	} },
	/* it knows no UNIX sockets: these are the nearest words */
	[REPORT_UNIX] = { false, {
		[REPORT_LISTENING] = "listening on [%l] ...",
		[REPORT_BOUND] = "listening on [%l] ...",
		[REPORT_ACCEPTED] = "connect to [%l]",
		[REPORT_PACKET] = "connect to [%l]",
		[REPORT_CONNECTED] = "[%p] open",
		[REPORT_FAILED] = "[%p] : %e",
		[REPORT_TIMED_OUT] = "[%p] : %e",
		[REPORT_NOT_BOUND] = "Can't grab %l with bind : %e",
	} },
};

static const struct report_words report_ncat[REPORT_KINDS] = {
	[REPORT_IP] = { false, {
		[REPORT_LISTENING] = "Listening on %l:%L",
		[REPORT_WAITING] = "Listening on %l:%L",
		[REPORT_BOUND] = "Listening on %l:%L",
		[REPORT_ACCEPTED] = "Connection from %p.\nConnection from %p:%P.",
		[REPORT_HEARD] = "Connection from %p.",
		[REPORT_PACKET] = "Connection from %p.",
		[REPORT_TURNED_AWAY] = "New connection denied: not allowed",
		[REPORT_CONNECTED] = "Connected to %p:%P.",
		[REPORT_NEXT] = "Connection to %p failed: %e.\nTrying next address...",
		[REPORT_FAILED] = "%e.",
		[REPORT_TIMED_OUT] = "TIMEOUT.",
		[REPORT_NO_HOST] = "Could not resolve hostname \"%h\": %g. QUITTING.",
		[REPORT_NOT_BOUND] = "bind to %l:%L: %e. QUITTING.",
		[REPORT_NOT_BOUND_CLIENT] = "bind to %l:%L: %e. QUITTING.",
	} },
	[REPORT_UNIX] = { false, {
		[REPORT_LISTENING] = "Listening on %l",
		[REPORT_BOUND] = "Listening on %l",
		[REPORT_ACCEPTED] = "Connection from a client on Unix domain socket.",
		[REPORT_PACKET] = "Connection from %p.",
		[REPORT_CONNECTED] = "Connected to %p.",
		[REPORT_FAILED] = "%e.",
		[REPORT_TIMED_OUT] = "TIMEOUT.",
		[REPORT_NOT_BOUND] = "bind to %l: %e. QUITTING.",
	} },
};
/* clang-format on */

/* The words of the style that the user has chosen, for what happens to such an address. */
static const struct report_words *report_words(const struct report *facts)
{
	const struct sockaddr_any *address = facts->peer != NULL ? facts->peer : facts->local;
	enum report_kind kind = address != NULL && address->any.sa_family == AF_UNIX ? REPORT_UNIX
										     : REPORT_IP;

	switch (log_style()) {
	case LOG_STYLE_OPENBSD:
		return &report_openbsd[kind];
	case LOG_STYLE_TRADITIONAL:
		return &report_traditional[kind];
	case LOG_STYLE_NCAT:
		return &report_ncat[kind];
	case LOG_STYLE_NETTOOL:
		break;
	}
	return &report_ours;
}

/* The host's number as people write it, without brackets, or the path. */
static const char *report_host(const struct sockaddr_any *address, char *out)
{
	if (sockaddr_port(address) < 0 ||
		getnameinfo(&address->any, address->length, out, SOCKADDR_TEXT, NULL, 0,
			NI_NUMERICHOST) != 0)
		sockaddr_host(address, out);
	return out;
}

/* The name that the table of hosts has for an address, or NULL. */
static const char *report_name(const struct report *facts, const struct sockaddr_any *address)
{
	const struct hostent *entry;

	if (facts->numeric || address->any.sa_family != AF_INET ||
		address->ip4.sin_addr.s_addr == htonl(INADDR_ANY))
		return NULL;
	sethostent(0);
	while ((entry = gethostent()) != NULL) {
		if (entry->h_addrtype == AF_INET &&
			memcmp(entry->h_addr_list[0], &address->ip4.sin_addr, 4) == 0)
			break;
	}
	endhostent();
	return entry != NULL ? entry->h_name : NULL;
}

/* What the user wrote for the peer's host if that is a name, or NULL. */
static const char *report_written(const struct report *facts)
{
	char number[SOCKADDR_TEXT];
	const char *host = facts->host;

	if (host == NULL || host[0] == '[' || strcmp(host, report_host(facts->peer, number)) == 0)
		return NULL;
	return host;
}

/* The name of a service of tcp or udp, or the word for none. */
static const char *report_service(const struct report *facts, const char *none)
{
	const struct servent *service = getservbyport(htons((in_port_t)sockaddr_port(facts->peer)),
		facts->type == SOCK_DGRAM ? "udp" : "tcp");

	return service != NULL ? service->s_name : none;
}

/* Appends what a letter of a pattern says of the peer. */
static void report_add_peer(struct text *line, char letter, const struct report *facts)
{
	const struct sockaddr_any *peer = facts->peer;
	char host[SOCKADDR_TEXT];
	const char *name = NULL;

	switch (letter) {
	case 'a':
		text_add_string(line, sockaddr_classic(peer, host));
		break;
	case 'P':
		text_print(line, "%d", sockaddr_port(peer));
		break;
	case 'v':
		text_add_string(line, facts->numeric ? "*" : report_service(facts, "*"));
		break;
	case 'V':
		text_add_string(line, report_service(facts, "?"));
		break;
	case 'u':
		name = report_written(facts);
		/* it looks a number up only for who wants to be told more */
		if (name == NULL && log_tells())
			name = report_name(facts, peer);
		text_add_string(line, name != NULL ? name : "(UNKNOWN)");
		break;
	case 'w':
		name = report_written(facts);
		report_host(peer, host);
		text_add_string(line, name != NULL ? name : host);
		if (name != NULL)
			text_print(line, " (%s)", host);
		break;
	default:
		if (letter == 'n')
			name = report_name(facts, peer);
		text_add_string(line, name != NULL ? name : report_host(peer, host));
		break;
	}
}

/* Whether an address stands for all of ours. */
static bool report_is_any(const struct sockaddr_any *address)
{
	return address->any.sa_family == AF_INET6
		? IN6_IS_ADDR_UNSPECIFIED(&address->ip6.sin6_addr)
		: address->ip4.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Appends what a letter of a pattern says of our own address. */
static void report_add_local(struct text *line, char letter, const struct report *facts)
{
	const struct sockaddr_any *local = facts->local;
	char host[SOCKADDR_TEXT];
	const char *name = NULL;

	switch (letter) {
	case 'b':
		text_add_string(line, sockaddr_classic(local, host));
		break;
	case 'L':
		text_print(line, "%d", sockaddr_port(local));
		break;
	default:
		if (letter == 'y' && report_is_any(local))
			name = "any";
		else if (letter == 'm')
			name = report_name(facts, local);
		text_add_string(line, name != NULL ? name : report_host(local, host));
		break;
	}
}

/* Appends what a letter of a pattern stands for. */
static void report_add(struct text *line, char letter, const struct report *facts)
{
	static const struct sockaddr_any nobody = { .length = 0 };
	struct report own = *facts;

	if (own.peer == NULL)
		own.peer = &nobody;
	if (own.local == NULL)
		own.local = &nobody;
	if (strchr("lLbmy", letter) != NULL)
		report_add_local(line, letter, &own);
	else if (strchr("pPanuvVw", letter) != NULL)
		report_add_peer(line, letter, &own);
	else if (letter == 't')
		text_add_string(line, facts->type == SOCK_DGRAM ? "udp" : "tcp");
	else if (letter == 'e')
		text_add_string(line, intl_english_reason(facts->number));
	else if (letter == 'h' || letter == 's')
		text_add_string(line, letter == 'h' ? facts->host : facts->service);
	else if (letter == 'g')
		text_add_string(line, facts->reason);
}

/* Makes the text of a pattern up to its line end, and moves behind it. Owned by the caller. */
static char *report_line(const char **pattern, const struct report *facts)
{
	struct text line = TEXT_EMPTY;
	const char *p = *pattern;

	for (; *p != '\0' && *p != '\n'; p++) {
		if (*p == '%')
			report_add(&line, *++p, facts);
		else
			text_add_char(&line, *p);
	}
	*pattern = *p == '\n' ? p + 1 : p;
	return text_take(&line);
}

/* Tells of an event where notices are to be seen, in lines that look like those of a level. */
static void report_tell(enum report_event event, const struct report *facts, enum log_level look)
{
	const char *pattern = report_words(facts)->patterns[event];

	while (pattern != NULL && *pattern != '\0') {
		char *line = report_line(&pattern, facts);

		log_told(look, "%s", line);
		free(line);
	}
}

/* Tells of an event, if notices are to be seen and the style has words for it. */
void report(enum report_event event, const struct report *facts)
{
	if (log_tells())
		report_tell(event, facts, LOG_LEVEL_NOTICE);
}

/* Tells of somebody who isn't let in; a netcat says that as it says all it does. */
void report_turned_away(const struct report *facts)
{
	const struct report_words *words = report_words(facts);
	const char *pattern = report_ours.patterns[REPORT_TURNED_AWAY];
	char *line;

	if (words != &report_ours && words->patterns[REPORT_TURNED_AWAY] != NULL) {
		report(REPORT_TURNED_AWAY, facts);
		return;
	}
	if (!log_shows(LOG_LEVEL_WARNING))
		return;
	line = report_line(&pattern, facts);
	log_warning("%s", line);
	free(line);
}

/* Says a failure in the words of the style, if it has any; otherwise the error stays as it is. Returns -1. */
int report_failure(enum report_event event, const struct report *facts, struct error *error)
{
	const char *pattern = report_words(facts)->patterns[event];
	char *line;

	if (pattern == NULL)
		return -1;
	line = report_line(&pattern, facts);
	error_reword(error, line);
	free(line);
	return -1;
}

/*
 * Says that an address doesn't answer, as the error does already in our own words; more is whether others will be
 * tried. Where a style tells that like a notice, nothing remains to be said when the error arrives at the edge.
 */
int report_unreachable(const struct report *facts, bool timed_out, bool more, struct error *error)
{
	enum report_event event = timed_out ? REPORT_TIMED_OUT : REPORT_FAILED;

	if (log_style() == LOG_STYLE_NETTOOL)
		return -1;
	if (report_words(facts)->tells) {
		if (log_tells())
			report_tell(event, facts, LOG_LEVEL_ERROR);
		report_failure(event, facts, error);
		error->said = true;
	} else if (more) {
		report(REPORT_NEXT, facts);
	} else {
		report_failure(event, facts, error);
	}
	return -1;
}

/* Says that a host isn't known; the reason is what the error's message ends with. */
int report_no_host(const struct report *facts, struct error *error)
{
	struct report own = *facts;
	const char *reason = error->kind == ERROR_FAILED ? strrchr(error->message, ':') : NULL;

	if (reason == NULL || log_style() == LOG_STYLE_NETTOOL)
		return -1;
	own.reason = reason + 1 + strspn(reason + 1, " ");
	return report_failure(REPORT_NO_HOST, &own, error);
}

/* Nobody has come in time. */
int report_nobody(struct error *error)
{
	error_timeout(error, _("accept: Connection timed out"));
	return report_failure(REPORT_NOBODY, &(struct report){ .number = ETIMEDOUT }, error);
}
