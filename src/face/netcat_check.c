/* What doesn't go together, found before anything is translated. */
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "face/netcat_request.h"

/* Two things that cannot both be asked for. */
struct netcat_conflict {
	bool first, second;
	const char *first_name, *second_name;
};

static bool netcat_sockets_filtered(const struct netcat_request *request)
{
	return request->allow.count > 0 || request->deny.count > 0 ||
		request->allow_files.count > 0 || request->deny_files.count > 0;
}

/* Whether TLS is asked for: by itself, or by one of its options. */
bool netcat_is_secret(const struct netcat_request *request)
{
	return request->ssl || request->ssl_verify || request->ssl_certificate != NULL ||
		request->ssl_key != NULL || request->ssl_trust != NULL ||
		request->ssl_ciphers != NULL || request->ssl_name != NULL ||
		request->ssl_alpn != NULL;
}

static bool netcat_dumps(const struct netcat_request *request)
{
	return request->hex_file != NULL || request->raw_file != NULL;
}

/* Options that only make sense where one listens. */
static int netcat_check_listens(const struct netcat_request *request, struct error *error)
{
	const struct netcat_conflict needs[] = {
		{ request->keeps, request->listens, "-k", "-l" },
		{ request->chat, request->listens, "--chat", "-l" },
		{ request->broker, request->listens, "--broker", "-l" },
		{ request->max_connections != NETCAT_UNSET, request->listens, "--max-conns", "-l" },
		{ netcat_sockets_filtered(request), request->listens, "--allow, --deny", "-l" },
		{ request->hop_pointer != NETCAT_UNSET, request->hops.count > 0, "-G", "-g" },
		{ request->append, request->raw_file != NULL, "--append-output", "--output" },
		{ request->ssl_certificate != NULL, request->ssl_key != NULL, "--ssl-cert",
			"--ssl-key" },
		{ request->ssl_key != NULL, request->ssl_certificate != NULL, "--ssl-key",
			"--ssl-cert" },
		{ request->proxy_protocol != NULL, request->proxy != NULL, "-X", "-x" },
		{ request->proxy_user != NULL, request->proxy != NULL, "-P", "-x" },
		{ request->proxy_type != NULL, request->http_proxy != NULL, "--proxy-type",
			"--proxy" },
		{ request->proxy_auth != NULL, request->http_proxy != NULL, "--proxy-auth",
			"--proxy" },
		{ request->proxy_dns != NULL, request->http_proxy != NULL, "--proxy-dns",
			"--proxy" },
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		if (needs[i].first && !needs[i].second)
			return error_usage(error, _("option %s needs option %s"),
				needs[i].first_name, needs[i].second_name);
	}
	return 0;
}

/* Options that exclude each other. */
static int netcat_check_pairs(const struct netcat_request *request, struct error *error)
{
	bool runs = netcat_runs(request), room = request->chat || request->broker;
	bool proxy = request->proxy != NULL || request->http_proxy != NULL;
	bool stream = request->protocol == NETCAT_TCP && !request->unix_sockets;
	const struct netcat_conflict pairs[] = {
		{ request->scans, request->listens, "-z", "-l" },
		{ request->scans, runs, "-z", "-e" },
		{ request->scans, request->pass_fd, "-z", "-F" },
		{ request->scans, request->unix_sockets, "-z", "-U" },
		{ request->scans, netcat_dumps(request), "-z", "-o" },
		{ request->scans, proxy, "-z", "--proxy" },
		{ request->pass_fd, request->unix_sockets, "-F", "-U" },
		{ request->pass_fd, runs, "-F", "-e" },
		{ request->pass_fd, netcat_is_secret(request), "-F", "--ssl" },
		{ request->pass_fd, request->keeps, "-F", "-k" },
		{ request->shell_command != NULL, request->program != NULL, "-c", "-e" },
		{ request->send_only, request->receive_only, "--send-only", "--recv-only" },
		{ request->send_only, request->no_input, "--send-only", "-d" },
		{ request->send_only, runs, "--send-only", "-e" },
		{ request->receive_only, runs, "--recv-only", "-e" },
		{ request->no_input, runs, "-d", "-e" },
		{ request->shut, request->no_shutdown, "-N", "--no-shutdown" },
		{ room, runs, "--broker", "-e" },
		{ request->chat, request->broker, "--chat", "--broker" },
		{ room, request->send_only, "--broker", "--send-only" },
		{ proxy, request->listens, "--proxy", "-l" },
		{ proxy, !stream, "--proxy", "-u, -U, --sctp, --vsock" },
		{ proxy, netcat_is_secret(request), "--proxy", "--ssl" },
		{ request->proxy != NULL, request->source != NULL, "-x", "-s" },
		{ request->proxy != NULL, request->http_proxy != NULL, "-x", "--proxy" },
		{ request->unix_sockets,
			request->protocol != NETCAT_TCP && request->protocol != NETCAT_UDP, "-U",
			"--sctp, --vsock, -Z" },
		{ request->unix_sockets, netcat_is_secret(request), "-U", "--ssl" },
		{ request->protocol == NETCAT_VSOCK, netcat_is_secret(request), "--vsock",
			"--ssl" },
		{ request->protocol == NETCAT_DCCP, netcat_is_secret(request), "-Z", "--ssl" },
		{ request->ip == 6, request->hops.count > 0, "-6", "-g" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		if (pairs[i].first && pairs[i].second)
			return error_usage(error, _("options %s and %s exclude each other"),
				pairs[i].first_name, pairs[i].second_name);
	}
	return 0;
}

/* Refuses what cannot be meant together. Returns -1 with the error filled. */
int netcat_check(const struct netcat_request *request, struct error *error)
{
	if (netcat_check_listens(request, error) < 0 || netcat_check_pairs(request, error) < 0)
		return -1;
	if (request->proxy_user != NULL && strchr(request->proxy_user, ':') == NULL)
		return error_usage(error,
			_("option -P %s: nobody is asked for the password here; write user:password"),
			request->proxy_user);
	return 0;
}
