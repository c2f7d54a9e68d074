/* What stands behind the options: hosts, ports, paths. Who listens may say them in several ways. */
#include <ctype.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "face/netcat_ports.h"
#include "face/netcat_request.h"

#define NETCAT_DEFAULT_PORT "31337" /* of ncat */

static int netcat_wrong_operand(const char *operand, struct error *error)
{
	error_usage(error, _("what is \"%s\"? host and port have been said already"), operand);
	error_place(error, operand, 0, strlen(operand));
	return -1;
}

/* A UNIX socket is a path and nothing else. */
static int netcat_operands_unix(struct netcat_request *request, struct error *error)
{
	if (request->operands.count == 0)
		return error_usage(error, _("the path of the UNIX socket is missing"));
	if (request->operands.count > 1)
		return netcat_wrong_operand(request->operands.items[1], error);
	request->host = request->operands.items[0];
	if (request->source_port != NULL)
		return error_usage(error, _("option -p %s: a UNIX socket has no port"),
			request->source_port);
	return 0;
}

/* The port that ncat takes where none is said. */
static int netcat_missing_port(struct netcat_request *request, struct error *error)
{
	if (request->family != NETCAT_NCAT)
		return error_usage(error, _("the port is missing"));
	netcat_list_add(&request->ports, NETCAT_DEFAULT_PORT);
	return 0;
}

/* Listening with -p: the operands are our address, and in the old way of writing who may connect. */
static int netcat_operands_bound(struct netcat_request *request, struct error *error)
{
	const struct netcat_list *operands = &request->operands;
	bool peer = request->family == NETCAT_TRADITIONAL;

	netcat_list_add(&request->ports, request->source_port);
	if (operands->count > (peer ? 2 : 1))
		return netcat_wrong_operand(operands->items[operands->count - 1], error);
	if (operands->count > 0 && peer)
		request->peer_host = operands->items[0];
	else if (operands->count > 0)
		request->host = operands->items[0];
	if (operands->count > 1)
		request->peer_port = operands->items[1];
	return 0;
}

/* Listening without -p: the last operand is the port. */
static int netcat_operands_listen(struct netcat_request *request, struct error *error)
{
	const struct netcat_list *operands = &request->operands;
	const char *last = operands->count > 0 ? operands->items[operands->count - 1] : NULL;

	if (operands->count > 2)
		return netcat_wrong_operand(last, error);
	if (operands->count == 0)
		return netcat_missing_port(request, error);
	if (operands->count == 1 && request->family == NETCAT_NCAT &&
		strspn(last, "0123456789") != strlen(last)) {
		request->host = last;
		return netcat_missing_port(request, error);
	}
	netcat_list_add(&request->ports, last);
	if (operands->count == 2)
		request->host = operands->items[0];
	return 0;
}

/* Whom to connect to: a host and its ports, of which ncat takes one. */
static int netcat_operands_connect(struct netcat_request *request, struct error *error)
{
	const struct netcat_list *operands = &request->operands;

	if (operands->count == 0)
		return error_usage(error, _("the host is missing; use option \"-h\" for help"));
	if (operands->count > 2 && request->family == NETCAT_NCAT)
		return netcat_wrong_operand(operands->items[2], error);
	request->host = operands->items[0];
	if (operands->count == 1)
		return netcat_missing_port(request, error);
	for (size_t i = 1; i < operands->count; i++)
		netcat_list_add(&request->ports, operands->items[i]);
	return 0;
}

/* Checks the ports, and our own address. */
static int netcat_check_ports(struct netcat_request *request, struct error *error)
{
	struct netcat_ports range;
	int low = request->listens ? 0 : 1;

	for (size_t i = 0; i < request->ports.count; i++) {
		if (netcat_ports(request, request->ports.items[i], low, &range, error) < 0)
			return -1;
		if (request->listens && range.first != range.last)
			return error_usage(error, _("%s: it is one port that is listened on"),
				request->ports.items[i]);
	}
	if (!request->listens && request->source_port != NULL &&
		netcat_ports(request, request->source_port, 1, &range, error) < 0)
		return -1;
	return request->peer_port != NULL
		? netcat_ports(request, request->peer_port, 1, &range, error)
		: 0;
}

/* Finds out what the operands mean. Returns -1 with the error filled. */
int netcat_operands(struct netcat_request *request, struct error *error)
{
	int result;

	if (request->unix_sockets)
		return netcat_operands_unix(request, error);
	if (!request->listens)
		result = netcat_operands_connect(request, error);
	else if (request->source_port != NULL)
		result = netcat_operands_bound(request, error);
	else
		result = netcat_operands_listen(request, error);
	if (result < 0)
		return -1;
	if (request->listens && request->source != NULL && request->host != NULL)
		return error_usage(error, _("option -s %s: %s is to be listened on: which one?"),
			request->source, request->host);
	if (request->listens && request->host == NULL)
		request->host = request->source;
	return netcat_check_ports(request, error);
}
