#include "socket/admit.h"

#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "option/settings.h"
#include "socket/hosts_access.h"
#include "socket/report.h"

/* Looks up what the range option names. */
static int admit_init_range(struct admission *admission, const char *text, int family,
	struct error *error)
{
	char *reason;

	if (range_parse(text, &admission->network.range, &reason) < 0) {
		error_usage(error, "range=%s: %s", text, reason);
		free(reason);
		return -1;
	}
	admission->ranged = true;
	return admit_network_init(&admission->network, admission->options, family, error);
}

/* Prepares the checks that the options ask for; names are looked up once, here. On failure nothing is left to free. */
int admit_init(struct admission *admission, const struct options *options, int family,
	struct error *error)
{
	const struct range_settings *settings = SETTINGS(options, range);

	*admission = (struct admission){ .options = options };
	admission->wrapped = settings->wrap_daemon != NULL || settings->wrap_allow != NULL ||
		settings->wrap_deny != NULL || settings->wrap_directory != NULL;
	if ((settings->range == NULL ||
		    admit_init_range(admission, settings->range, family, error) == 0) &&
		admit_hosts_init(&admission->allowed, options, "allow", "allow-file", family,
			error) == 0 &&
		admit_hosts_init(&admission->denied, options, "deny", "deny-file", family, error) ==
			0)
		return 0;
	admit_free(admission);
	return -1;
}

/* Asks the tables of TCP wrappers. */
static bool admit_wrapped(const struct admission *admission, const struct sockaddr_any *peer,
	const struct sockaddr_any *local)
{
	const struct range_settings *settings = SETTINGS(admission->options, range);
	const char *directory = settings->wrap_directory;
	char *allow = directory != NULL ? memory_print("%s/hosts.allow", directory) : NULL;
	char *deny = directory != NULL ? memory_print("%s/hosts.deny", directory) : NULL;
	const char *daemon = settings->wrap_daemon;
	struct hosts_query query = {
		.daemon = daemon != NULL && daemon[0] != '\0' ? daemon : log_program(),
		.peer = &peer->any,
		.peer_len = peer->length,
		.local = &local->any,
		.local_len = local->length,
		.allow_path = settings->wrap_allow != NULL ? settings->wrap_allow : allow,
		.deny_path = settings->wrap_deny != NULL ? settings->wrap_deny : deny,
	};
	char *reason = NULL;
	enum hosts_verdict verdict = hosts_access(&query, &reason);

	if (reason != NULL)
		log_notice("tcp wrappers: %s", reason);
	free(reason);
	free(allow);
	free(deny);
	return verdict == HOSTS_GRANTED;
}

/* Whether a peer is let in. One that isn't is named in a warning, with the option that says so. */
bool admit_peer(const struct admission *admission, const struct sockaddr_any *peer,
	const struct sockaddr_any *local)
{
	const struct ip_settings *ip = SETTINGS(admission->options, ip);
	int port = sockaddr_port(peer);
	const char *why = NULL;

	if (call_pretends()) {
		if (admission->ranged || admission->denied.given || admission->allowed.given ||
			ip->source_port >= 0 || ip->low_port || admission->wrapped)
			call_note(_(
				"whoever the options don't let in is hung up on here, and the next one is waited for"));
		return true;
	}
	if (admission->ranged && !admit_network_has(&admission->network, peer))
		why = "range option";
	else if (admit_hosts_have(&admission->denied, peer))
		why = "deny option";
	else if (admission->allowed.given && !admit_hosts_have(&admission->allowed, peer))
		why = "allow option";
	else if (!admission->any_port && ip->source_port >= 0 && port >= 0 &&
		port != ip->source_port)
		why = "wrong sourceport";
	else if (!admission->any_port && ip->low_port && port >= 1024)
		why = "lowport option";
	else if (admission->wrapped && !admit_wrapped(admission, peer, local))
		why = "tcpwrapper option";
	if (why != NULL)
		report_turned_away(&(struct report){
			.peer = peer,
			.local = local,
			.numeric = ip->numeric,
			.reason = why,
		});
	return why == NULL;
}

/* Frees what the checks hold. */
void admit_free(struct admission *admission)
{
	resolve_free(&admission->network.addresses);
	admit_hosts_free(&admission->allowed);
	admit_hosts_free(&admission->denied);
}
