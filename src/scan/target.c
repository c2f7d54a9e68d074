#include "scan/target.h"

#include <stdio.h>
#include <string.h>

#include "address/registry.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "socket/dial.h"
#include "socket/make.h"
#include "socket/unix.h"

#define TARGET_TIMEOUT (2 * SECOND) /* how long a port may be silent where nothing else is said */
#define TARGET_GROUPS \
	(GROUP_SOCKET | GROUP_IP4 | GROUP_IP6 | GROUP_TCP | GROUP_UDP | GROUP_UNIX) /* that act */

/* Reads one end of a range: a number from 1 to 65535, or a service. */
static int target_port(const struct address_type *type, const char *text, struct error *error)
{
	struct resolve_query query = { .type = type->socket.type,
		.protocol = type->socket.protocol };
	int port = resolve_port(&query, text, error);

	if (port == 0)
		return error_usage(error, _("port 0 is nobody's: ports go from 1 to 65535"));
	return port;
}

/*
 * Reads "22", "http", "20-30" or "ftp-http"; names of services may hold dashes, too. The text becomes that of the
 * first port, so that the address can be checked as any other.
 */
static int target_range(struct target *target, const struct address_type *type, char *text,
	struct error *error)
{
	bool digit = text[0] >= '0' && text[0] <= '9';
	struct error ignored = ERROR_EMPTY;
	char *dash = strchr(text, '-');

	if (dash != NULL && !digit && target_port(type, text, &ignored) > 0)
		dash = NULL;
	error_clear(&ignored);
	if (dash != NULL)
		*dash = '\0';
	target->low = target_port(type, text, error);
	if (target->low < 0)
		return -1;
	target->high = dash != NULL ? target_port(type, dash + 1, error) : target->low;
	if (target->high < 0)
		return -1;
	if (target->low <= target->high)
		return 0;
	error_usage(error, _("this range of ports ends before it begins"));
	error_hint(error, _("did you mean %d-%d?"), target->high, target->low);
	return -1;
}

/* Reads the ports. */
static int target_take_ports(struct target *target, const struct address_type *type,
	struct error *error)
{
	struct spec_word *word = &target->spec->params[1];

	if (target_range(target, type, word->data, error) < 0) {
		error_place(error, target->spec->text, word->column, word->width);
		return -1;
	}
	word->length = strlen(word->data);
	return 0;
}

/* Refuses options that would never act, for nothing is transferred. */
static int target_check_options(const struct target *target, struct error *error)
{
	const struct spec *spec = target->spec;

	for (size_t i = 0; i < spec->option_count; i++) {
		const struct option *option = option_find(spec->options[i].name.data);

		if (option->groups & TARGET_GROUPS)
			continue;
		error_usage(error, _("option '%s' would never act: a scan transfers nothing"),
			spec->options[i].name.data);
		error_place(error, spec->text, spec->options[i].name.column,
			spec->options[i].name.width);
		return -1;
	}
	if (target->kind.family == AF_UNIX &&
		(SETTINGS(target->address->options, socket)->bind != NULL ||
			SETTINGS(target->address->options, unix)->bind_temporary != NULL)) {
		error_usage(error, _("a scan of UNIX sockets takes no name of its own"));
		error_place(error, spec->text, spec->column, strlen(spec->text));
		return -1;
	}
	return 0;
}

/* Whether an address of this type can be tried at all. */
static int target_check_type(const struct target *target, const struct address_type *type,
	struct error *error)
{
	const struct spec *spec = target->spec;

	if (spec->writer == NULL && type->traits & TRAIT_CONNECTS)
		return 0;
	if (spec->writer != NULL)
		error_usage(error, _("a dual address cannot be scanned"));
	else
		error_usage(error, _("%s cannot be scanned: TCP, UDP, UNIX and ABSTRACT can"),
			type->name);
	error_place(error, spec->text, spec->column, strlen(spec->text));
	return -1;
}

/* Takes an address apart and checks it, without a system call. target_free is due even after a failure. */
int target_parse(struct target *target, const char *text, bool any_group, struct error *error)
{
	const struct address_type *type;

	*target = (struct target){ .low = -1, .high = -1, .timeout = TARGET_TIMEOUT };
	target->spec = spec_parse(text, error);
	if (target->spec == NULL)
		return -1;
	type = registry_find(target->spec->keyword.data);
	if (type != NULL && target_check_type(target, type, error) < 0)
		return -1;
	if (type != NULL && type->param_min == 2 && target->spec->param_count == 2 &&
		target_take_ports(target, type, error) < 0)
		return -1;
	target->address = address_create(target->spec, any_group ? ADDRESS_ANY_GROUP : 0, error);
	if (target->address == NULL)
		return -1;
	target->kind = type->socket;
	if (!any_group && target_check_options(target, error) < 0)
		return -1;
	if (SETTINGS(target->address->options, socket)->connect_timeout >= 0)
		target->timeout = SETTINGS(target->address->options, socket)->connect_timeout;
	return 0;
}

/* The one host of a UNIX socket: its name. */
static int target_look_up_unix(struct target *target, struct error *error)
{
	const struct spec_word *word = &target->spec->params[0];
	bool abstract = !(target->address->type->groups & GROUP_NAMED);

	make_kind(target->address->options, &target->kind);
	target->hosts.addresses = memory_zero(1, sizeof(*target->hosts.addresses));
	target->hosts.count = 1;
	return unix_name(target->address->options, word->data, word->length, abstract,
		&target->hosts.addresses[0], error);
}

/* Leaves out the hosts of a family that no local address has, where one was asked for. */
static int target_match_locals(struct target *target, struct error *error)
{
	size_t kept = 0;

	for (size_t i = 0; target->locals.count > 0 && i < target->hosts.count; i++) {
		for (size_t j = 0; j < target->locals.count; j++) {
			if (target->hosts.addresses[i].any.sa_family !=
				target->locals.addresses[j].any.sa_family)
				continue;
			target->hosts.addresses[kept++] = target->hosts.addresses[i];
			break;
		}
	}
	if (target->locals.count > 0)
		target->hosts.count = kept;
	return target->hosts.count > 0
		? 0
		: error_failed(error, _("no bind address with matching address family"));
}

/* Looks up the hosts and the local addresses, once for all ports. */
int target_look_up(struct target *target, int prefer, struct error *error)
{
	struct dial_names names = { .prefer = prefer };
	struct dial dial;
	char port[16];

	if (target->kind.family == AF_UNIX)
		return target_look_up_unix(target, error);
	snprintf(port, sizeof(port), "%d", target->low);
	/* servers of datagrams listen by IPv4 more often, and are missed in silence */
	target->datagrams = target->kind.type == SOCK_DGRAM;
	if (target->datagrams && prefer == AF_UNSPEC)
		names.prefer = AF_INET;
	names.host = address_param(target->address, 0);
	names.service = port;
	if (dial_look_up(&dial, target->address->options, &target->kind, &names, error) < 0)
		return -1;
	target->hosts = dial.targets;
	target->locals = dial.locals;
	target->kind = dial.kind;
	return target_match_locals(target, error);
}

/* Frees what the target owns. */
void target_free(struct target *target)
{
	resolve_free(&target->hosts);
	resolve_free(&target->locals);
	address_free(target->address);
	if (target->spec != NULL)
		spec_free(target->spec);
}
