#include "socket/admit_hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "socket/make.h"

/* Looks up the host of a range, which the caller has filled in; a raw range has none. */
int admit_network_init(struct admit_network *network, const struct options *options, int family,
	struct error *error)
{
	const struct range *range = &network->range;
	struct socket_kind kind = { .family = family };
	struct resolve_query query;

	network->addresses = (struct resolve_list){ NULL, 0 };
	if (range->kind == RANGE_RAW)
		return 0;
	make_query(options, &kind, false, AF_UNSPEC, &query);
	query.host = range->host;
	if (range->family != AF_UNSPEC)
		query.family = range->family;
	return resolve_host(&query, &network->addresses, error);
}

/* Whether a peer belongs to a network. */
bool admit_network_has(const struct admit_network *network, const struct sockaddr_any *peer)
{
	const struct resolve_list *list = &network->addresses;

	if (network->range.kind == RANGE_RAW)
		return range_covers(&network->range, NULL, &peer->any);
	for (size_t i = 0; i < list->count; i++) {
		if (range_covers(&network->range, &list->addresses[i].any, &peer->any))
			return true;
	}
	return false;
}

/* What the entries of a list are looked up with, and where they stand. */
struct admit_source {
	const struct options *options;
	int family;
	const char *path; /* of a file, or NULL */
	size_t line;
};

/* Adds one entry. */
static int admit_hosts_add_one(struct admit_hosts *hosts, const struct admit_source *source,
	const char *entry, struct error *error)
{
	struct admit_network *network;
	char *reason;

	hosts->networks = memory_grow(hosts->networks, &hosts->room, hosts->count + 1,
		sizeof(*hosts->networks));
	network = &hosts->networks[hosts->count];
	if (range_parse_host(entry, &network->range, &reason) < 0) {
		error_usage(error, "%s: %s", entry, reason);
		free(reason);
		return -1;
	}
	if (admit_network_init(network, source->options, source->family, error) < 0)
		return -1;
	hosts->count++;
	return 0;
}

/* Adds all entries of a text. */
static int admit_hosts_add(struct admit_hosts *hosts, const struct admit_source *source,
	const char *text, struct error *error)
{
	char *entry;
	int result = 0;

	while (result == 0 && (entry = range_next(&text)) != NULL) {
		result = admit_hosts_add_one(hosts, source, entry, error);
		free(entry);
	}
	return result;
}

/* Adds the entries of the lines of a file, up to a # in each. */
static int admit_hosts_lines(struct admit_hosts *hosts, struct admit_source *source, FILE *file,
	struct error *error)
{
	char *line = NULL;
	size_t room = 0;
	int result = 0;

	errno = 0;
	while (result == 0 && getline(&line, &room, file) >= 0) {
		source->line++;
		line[strcspn(line, "#")] = '\0';
		result = admit_hosts_add(hosts, source, line, error);
		if (result < 0) {
			char *place = memory_print("%s:%zu", source->path, source->line);

			error_name(error, place);
			free(place);
		}
		errno = 0;
	}
	if (result == 0 && errno != 0)
		result = error_system(error, errno, _("cannot read %s"), source->path);
	free(line);
	return result;
}

/* Adds the entries of a file. */
static int admit_hosts_file(struct admit_hosts *hosts, const struct admit_source *source,
	const char *path, struct error *error)
{
	struct admit_source own = *source;
	FILE *file = fopen(path, "re");
	int result;

	if (file == NULL)
		return error_system(error, errno, _("cannot open %s"), path);
	own.path = path;
	result = admit_hosts_lines(hosts, &own, file, error);
	fclose(file);
	return result;
}

/*
 * Makes a list of what all uses of two options say, one of which names files. Names are looked up once, here. On
 * failure the error is filled, and admit_hosts_free still has its work.
 */
int admit_hosts_init(struct admit_hosts *hosts, const struct options *options, const char *option,
	const char *file_option, int family, struct error *error)
{
	const struct admit_source source = { .options = options, .family = family };
	const char *text;
	int result = 0;

	*hosts = (struct admit_hosts){ .given = options_given(options, option) ||
			options_given(options, file_option) };
	for (size_t i = 0; result == 0 && (text = options_text(options, option, i)) != NULL; i++) {
		result = admit_hosts_add(hosts, &source, text, error);
		if (result < 0)
			error_name(error, option);
	}
	for (size_t i = 0; result == 0 && (text = options_text(options, file_option, i)) != NULL;
		i++) {
		result = admit_hosts_file(hosts, &source, text, error);
		if (result < 0)
			error_name(error, file_option);
	}
	return result;
}

/* Whether a peer is in the list. */
bool admit_hosts_have(const struct admit_hosts *hosts, const struct sockaddr_any *peer)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (admit_network_has(&hosts->networks[i], peer))
			return true;
	}
	return false;
}

/* Frees a list. */
void admit_hosts_free(struct admit_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		resolve_free(&hosts->networks[i].addresses);
	free(hosts->networks);
	*hosts = (struct admit_hosts){ 0 };
}
