/*
 * Scripts read our lines, so their words are fixed and not translated, nor are the reasons that the system gives.
 * The words of the netcats are those that tell of any connection.
 */
#include "scan/tell.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "base/intl.h"
#include "base/log.h"
#include "socket/report.h"

static const char *tell_protocol(const struct target *target)
{
	return target->datagrams ? "udp" : "tcp";
}

/* The address that was asked. */
static struct sockaddr_any tell_peer(const struct target *target, int port,
	const struct finding *finding)
{
	struct sockaddr_any peer = target->hosts.addresses[finding->host];

	if (port >= 0)
		sockaddr_set_port(&peer, port);
	return peer;
}

/* Whether somebody is there: without an answer that may be so by UDP, and isn't by TCP. */
bool tell_is_success(const struct target *target, const struct finding *finding)
{
	return finding->outcome == OUTCOME_OPEN ||
		(finding->outcome == OUTCOME_SILENT && target->datagrams);
}

/* Whether the way to the host is at fault. */
static bool tell_is_unreachable(int number)
{
	return number == ENETUNREACH || number == EHOSTUNREACH || number == ENETDOWN ||
		number == EHOSTDOWN;
}

/* The service of an open port, with a blank in front of it. */
static void tell_service(const struct target *target, int port, struct text *out)
{
	const struct servent *service = NULL;

	if (port >= 0 && !SETTINGS(target->address->options, ip)->numeric)
		service = getservbyport(htons((in_port_t)port), tell_protocol(target));
	if (service != NULL)
		text_print(out, " %s", service->s_name);
}

/* Appends a line: "127.0.0.1 22/tcp open ssh", "/tmp/room refused". */
void tell_line(const struct target *target, int port, const struct finding *finding,
	struct text *out)
{
	struct sockaddr_any peer = tell_peer(target, port, finding);
	char host[SOCKADDR_TEXT];

	if (port < 0 ||
		getnameinfo(&peer.any, peer.length, host, sizeof(host), NULL, 0, NI_NUMERICHOST) !=
			0)
		sockaddr_plain(&peer, host);
	text_add_string(out, host);
	if (port >= 0)
		text_print(out, " %d/%s", port, tell_protocol(target));
	if (finding->outcome == OUTCOME_OPEN) {
		text_add_string(out, " open");
		tell_service(target, port, out);
	} else if (finding->outcome == OUTCOME_REFUSED) {
		text_add_string(out, " refused");
	} else if (finding->outcome == OUTCOME_SILENT) {
		text_add_string(out,
			target->datagrams ? " no answer (open or filtered)" : " silent");
	} else {
		text_print(out, " %s: %s",
			tell_is_unreachable(finding->number) ? "unreachable" : "failed",
			intl_english_reason(finding->number));
	}
	text_add_char(out, '\n');
}

/* Tells that nobody is there, as a netcat tells of a connection that failed. */
static void tell_failure(const struct target *target, const struct finding *finding,
	const struct report *facts)
{
	bool more = finding->host + 1 < target->hosts.count;
	struct error error = ERROR_EMPTY;

	error_failed(&error, "%s", intl_english_reason(finding->number));
	report_unreachable(facts, finding->outcome == OUTCOME_SILENT, more, &error);
	if (!more)
		log_error_value(LOG_LEVEL_ERROR, &error);
	error_clear(&error);
}

/*
 * Tells a finding in the words of a netcat; all is whether it is asked for those that aren't open. OpenBSD's is
 * silent where UDP is refused, and ncat connects by UDP before it knows.
 */
void tell_report(const struct target *target, int port, const struct finding *finding, bool all)
{
	struct sockaddr_any peer = tell_peer(target, port, finding);
	bool success = tell_is_success(target, finding);
	struct report facts = {
		.host = port >= 0 ? address_param(target->address, 0) : NULL,
		.peer = &peer,
		.type = target->datagrams ? SOCK_DGRAM : SOCK_STREAM,
		.numeric = SETTINGS(target->address->options, ip)->numeric,
		.number = finding->number,
	};

	if (success || (target->datagrams && log_style() == LOG_STYLE_NCAT))
		report(REPORT_CONNECTED, &facts);
	if (success && target->datagrams && log_style() == LOG_STYLE_NCAT && log_tells())
		log_told(LOG_LEVEL_NOTICE, "UDP packet sent successfully");
	if (!success && all && !(target->datagrams && log_style() == LOG_STYLE_OPENBSD))
		tell_failure(target, finding, &facts);
}
