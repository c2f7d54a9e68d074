#include "address/address.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address/registry.h"
#include "base/fd.h"
#include "base/memory.h"
#include "base/number.h"
#include "program/become.h"
#include "socket/dial.h"
#include "socket/entry.h"
#include "socket/make.h"

/* The text of one half of an address, without the other half. */
static char *address_half_text(const struct spec *spec)
{
	size_t length = strlen(spec->text + spec->column);

	if (spec->writer != NULL)
		length = spec->writer->column - spec->column - 2;
	return memory_copy(spec->text + spec->column, length);
}

/* Whether what a URL begins with stands for a protocol above TLS. */
static bool address_is_secure(const char *scheme)
{
	static const char schemes[][8] = { "ftps", "https", "imaps", "ldaps", "nntps", "pop3s" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (text_same_word(scheme, schemes[i]))
			return true;
	}
	return false;
}

/* Fills in the hint for a URL: the address of its host, and of its port or the one that its scheme has. */
static void address_hint_url(const struct spec *spec, struct error *error)
{
	const char *scheme = spec->keyword.data;
	const char *host = spec->params[0].data + 2;
	const char *port = spec->param_count > 1 ? spec->params[1].data : scheme;

	error_hint(error,
		address_is_secure(scheme) && registry_find("OPENSSL") != NULL
			? _("did you mean OPENSSL:%.*s:%.*s?")
			: _("did you mean TCP:%.*s:%.*s?"),
		(int)strcspn(host, "/"), host, (int)strcspn(port, "/"), port);
}

/* Fills in the hint for a keyword that doesn't exist: another one, a host and a port, a URL or a file is meant. */
static void address_hint_type(const struct spec *spec, struct error *error)
{
	const char *keyword = spec->keyword.data, *near = registry_nearest(keyword);
	const char *first = spec->param_count > 0 ? spec->params[0].data : "";

	if (near != NULL)
		error_hint(error, _("did you mean %s?"), near);
	else if (spec->param_count > 0 && strncmp(first, "//", 2) == 0)
		address_hint_url(spec, error);
	else if (spec->param_count == 1)
		error_hint(error, _("did you mean TCP:%s:%s?"), keyword, first);
	else if (access(keyword, F_OK) == 0 || strchr(keyword, '.') == NULL)
		error_hint(error, _("a file needs a slash: ./%s"), keyword);
	else
		error_hint(error, _("a file needs a slash: ./%s, and a host a port: TCP:%s:80"),
			keyword, keyword);
}

/* Looks the keyword up. Returns NULL with the error filled if there is no such address. */
static const struct address_type *address_find_type(const struct spec *spec, struct error *error)
{
	const char *keyword = spec->keyword.data;
	const struct address_type *type = registry_find(keyword);

	if (type != NULL)
		return type;
	if (registry_is_absent(keyword)) {
		error_usage(error, _("address %s is not built in"), keyword);
	} else {
		error_usage(error, _("unknown device/address \"%s\""), keyword);
		address_hint_type(spec, error);
	}
	error_place(error, spec->text, spec->keyword.column, spec->keyword.width);
	return NULL;
}

/* Checks how many parameters there are, and that each can be a string. */
static int address_check_params(const struct spec *spec, const struct address_type *type,
	struct error *error)
{
	size_t count = spec->param_count;

	if (type->traits & TRAIT_COMMAND && count > type->param_max)
		count = type->param_max;
	if (count < type->param_min || count > type->param_max) {
		char *name = text_upper(spec->keyword.data);

		error_usage(error,
			_("%s: wrong number of parameters (%zu instead of %zu): usage: %s%s%s"),
			name, count, count < type->param_min ? type->param_min : type->param_max,
			name, type->syntax[0] != '\0' && type->syntax[0] != '[' ? ":" : "",
			type->syntax);
		free(name);
		error_place(error, spec->text, spec->column, strlen(spec->text + spec->column));
		for (size_t i = 0; count > type->param_max && i + 1 < count; i++) {
			if (spec->params[i].length == 0)
				error_hint(error, _("an IPv6 address stands in brackets: [::1]"));
		}
		if (error->hint == NULL && strchr(spec->text + spec->column, '[') != NULL &&
			strchr(spec->text + spec->column, ']') == NULL)
			error_hint(error, _("[ is never closed"));
		else if (error->hint == NULL && type->example != NULL)
			error_hint(error, _("for example %s"), type->example);
		return -1;
	}
	for (size_t i = 0; i < spec->param_count && !(type->traits & TRAIT_BYTES); i++) {
		const struct spec_word *word = &spec->params[i];

		if (strlen(word->data) == word->length)
			continue;
		error_usage(error, _("a parameter of %s cannot hold a NUL byte"), type->name);
		error_place(error, spec->text, word->column, word->width);
		return -1;
	}
	return 0;
}

/*
 * Checks one half of an address text completely, without opening anything. The spec stays the caller's and
 * outlives the address, which the caller owns. Returns NULL with the error filled on failure.
 */
struct address *address_create(const struct spec *spec, unsigned leniency, struct error *error)
{
	const struct address_type *type = address_find_type(spec, error);
	struct option_scope scope;
	struct address *address;

	if (type == NULL || address_check_params(spec, type, error) < 0)
		return NULL;
	scope = (struct option_scope){
		.name = type->name,
		.groups = type->groups | GROUPS_EVERYWHERE,
		.phases = type->phases,
		.any_group = (leniency & ADDRESS_ANY_GROUP) != 0,
		.skips = (leniency & ADDRESS_SKIPS_WRONG) != 0,
		.command = (type->traits & TRAIT_COMMAND) != 0,
	};
	address = memory_zero(1, sizeof(*address));
	address->type = type;
	address->spec = spec;
	address->text = address_half_text(spec);
	address->options = options_create(spec, &scope, error);
	if (address->options == NULL || (type->check != NULL && type->check(address, error) < 0)) {
		if (address->options != NULL && error->text == NULL)
			error_place(error, spec->text, spec->column, strlen(address->text));
		address_free(address);
		return NULL;
	}
	return address;
}

/* Frees an address; the spec stays. */
void address_free(struct address *address)
{
	if (address == NULL)
		return;
	options_free(address->options);
	free(address->text);
	free(address);
}

/*
 * Applies what acts on a finished descriptor. Owner and mode of an entry in the file system are the opener's
 * business; what has no entry gets them here.
 */
int address_apply(const struct address *address, int fd, bool inherited, struct error *error)
{
	static const enum option_phase phases[] = { PHASE_OPEN, PHASE_FD, PHASE_LATE, PHASE_LATE2 };
	struct option_target target = { .fd = fd, .inherited = inherited };

	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		/* only who leads a session can get a controlling terminal */
		if (phases[i] == PHASE_LATE2 && options_given(address->options, "ctty"))
			become_leader(address->options);
		if (options_apply(address->options, phases[i], &target, error) < 0)
			return -1;
	}
	return entry_own_descriptor(address->options, fd,
		(address->type->groups & GROUP_NAMED) != 0, error);
}

/* Checks a parameter that is a port: a number in range, or a service that is known. */
int address_check_port(const struct address *address, size_t index, struct error *error)
{
	const struct spec_word *word = &address->spec->params[index];
	struct socket_kind kind = address->type->socket;
	struct resolve_query query;

	make_kind(address->options, &kind);
	make_query(address->options, &kind, false, AF_UNSPEC, &query);
	if (resolve_port(&query, word->data, error) >= 0)
		return 0;
	error_place(error, address->spec->text, word->column, word->width);
	return -1;
}

/* Checks the parameters of an address that are a host and a port; only the option numeric says anything of hosts. */
int address_check_target(const struct address *address, struct error *error)
{
	const struct spec_word *word = &address->spec->params[0];
	struct socket_kind kind = address->type->socket;
	struct resolve_query query;

	make_query(address->options, &kind, false, AF_UNSPEC, &query);
	if (resolve_check_host(&query, word->data, error) == 0)
		return address_check_port(address, 1, error);
	error_place(error, address->spec->text, word->column, word->width);
	return -1;
}

/* For addresses whose first parameter is the number of a descriptor. */
int address_check_descriptor(const struct address *address, struct error *error)
{
	const char *text = address_param(address, 0);
	intmax_t number;
	char *reason;

	if (number_parse(text, 0, INT_MAX, &number, &reason) == 0)
		return 0;
	error_usage(error, _("\"%s\" is not the number of a descriptor: %s"), text, reason);
	free(reason);
	return -1;
}

/* The host and port of the first two parameters. */
static struct dial_names address_names(const struct address *address,
	const struct address_context *context)
{
	return (struct dial_names){
		.host = address_param(address, 0),
		.service = address_param(address, 1),
		.prefer = context->prefer_family,
		.memory = context->memory,
	};
}

/* Applies the options to a new connection and makes it the endpoint. */
int address_finish(const void *context, int fd, int type, struct endpoint *endpoint,
	struct error *error)
{
	if (address_apply(context, fd, false, error) < 0) {
		fd_close(&fd);
		return -1;
	}
	endpoint_open_socket(endpoint, fd, type);
	return 0;
}

/* Starts to connect to the host and port of the first two parameters. Owned by the caller. */
struct opening *address_start(const struct address *address, const struct address_context *context,
	struct error *error)
{
	struct dial_names names = address_names(address, context);
	struct socket_kind kind = address->type->socket;
	struct dial dial;

	if (dial_look_up(&dial, address->options, &kind, &names, error) < 0)
		return NULL;
	dial.greets = (address->type->groups & GROUP_OPENSSL) != 0;
	return dial_start(&dial, address_finish, address);
}

/* Looks up the host of the first parameter, which context->memory keeps. */
int address_look_up(const struct address *address, const struct address_context *context,
	struct error *error)
{
	struct dial_names names = address_names(address, context);
	struct socket_kind kind = address->type->socket;
	struct dial dial;

	if (dial_look_up(&dial, address->options, &kind, &names, error) < 0)
		return -1;
	dial_free(&dial);
	return 0;
}

/*
 * Connects to the host and port of the first two parameters and applies the options; *kind becomes what the
 * options make of it. Returns the descriptor, or -1 with the error filled.
 */
int address_dial(const struct address *address, const struct address_context *context,
	struct socket_kind *kind, struct error *error)
{
	struct dial_names names = address_names(address, context);
	int fd = dial_host(address->options, kind, &names, error);

	if (fd >= 0 && address_apply(address, fd, false, error) < 0)
		fd_close(&fd);
	return fd;
}
