/* Attaching digests to what passes, and telling of them at the end. */
#include "session/digests.h"

#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/escape.h"
#include "base/intl.h"
#include "base/json.h"
#include "base/log.h"
#include "filter/digest.h"
#include "relay/weather.h"

/* Whether what is written may be something else than what is read. */
static bool digests_may_differ(const struct plan *plan)
{
	for (int half = 0; half < 4; half++) {
		const struct options *options = plan_half(plan, half)->options;
		const struct transfer_settings *transfer = SETTINGS(options, transfer);

		if (transfer->telnet || transfer->escape >= 0 || transfer->crlf_out ||
			transfer->line_ends != LINE_ENDS_LF ||
			!weather_is_fair(SETTINGS(options, weather)) ||
			SETTINGS(options, hub)->hub != NULL)
			return true;
	}
	return false;
}

/* Whether an address has several connections, which have to be told apart. */
static bool digests_is_many(const struct address *address)
{
	const struct child_settings *child = SETTINGS(address->options, child);

	return child->fork || child->poll || SETTINGS(address->options, hub)->hub != NULL;
}

/* How the other end of a connection is called, where one address has many of them. */
static void digests_add_peer(const struct address *address, const struct endpoint *endpoint,
	struct text *label)
{
	const struct stream *stream = endpoint->reader != NULL ? endpoint->reader
							       : endpoint->writer;
	struct sockaddr_any peer = { .length = 0 };
	char text[SOCKADDR_TEXT];

	if (!digests_is_many(address))
		return;
	if (endpoint->more != NULL && endpoint->more->peer.length > 0)
		peer = endpoint->more->peer;
	else
		sockaddr_peer(stream->rfd >= 0 ? stream->rfd : stream->wfd, &peer);
	if (sockaddr_port(&peer) >= 0)
		text_print(label, " %s", sockaddr_plain(&peer, text));
}

/* Computes digests of what passes through an endpoint. */
void digests_watch(const struct plan *plan, int half, const struct endpoint *endpoint)
{
	const struct address *address = plan_half(plan, half);
	struct text label = TEXT_EMPTY;

	escape_terminal(&label, address->text, strlen(address->text));
	digests_add_peer(address, endpoint, &label);
	if (endpoint->reader != NULL)
		digest_watch(endpoint->reader, true, digests_may_differ(plan) ? plan->digest : NULL,
			label.data);
	if (endpoint->writer != NULL)
		digest_watch(endpoint->writer, false, plan->digest, label.data);
	text_free(&label);
}

/* Prints a digest of what has passed between two, one of whom may be "". */
static void digests_print(const struct plan *plan, const char *left, char arrow, const char *right,
	const char *hex)
{
	char *name = text_upper(plan->digest);
	struct text line = TEXT_EMPTY;

	text_print(&line, "%s (%s%s%c%s%s) = %s", name, left, left[0] != '\0' ? " " : "", arrow,
		right[0] != '\0' ? " " : "", right, hex);
	free(name);
	log_report(&line);
}

/* Whether a direction of a transfer is used. */
static bool digests_has_way(const struct transfer *transfer, int way)
{
	const struct relay_settings *settings = &transfer->relay.settings;

	return !settings->one_way || settings->way == (enum relay_direction)way;
}

/* The digests of one direction: two of them if what was written isn't what was read. */
static void digests_tell_way(const struct transfer *transfer, int way)
{
	const struct flow *flow = &transfer->relay.flows[way];
	const char *from = digest_label(flow->from, true), *to = digest_label(flow->to, false);
	bool rightward = way == RELAY_RIGHTWARD;
	char arrow = rightward ? '>' : '<';
	struct text said = TEXT_EMPTY, heard = TEXT_EMPTY;
	bool both = digest_add(flow->from, true, &said);

	if (!digest_add(flow->to, false, &heard))
		return;
	if (both && strcmp(said.data, heard.data) != 0) {
		digests_print(transfer->plan, rightward ? from : "", arrow, rightward ? "" : from,
			said.data);
		from = "";
	}
	digests_print(transfer->plan, rightward ? from : to, arrow, rightward ? to : from,
		heard.data);
	text_free(&said);
	text_free(&heard);
}

/* Tells of the digests of a transfer that has ended, unless the statistics do. */
void digests_tell(const struct transfer *transfer)
{
	if (call_pretends())
		call_note(_("the digest of each direction is printed"));
	if (call_pretends() || transfer->plan->statistics_json)
		return;
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		if (digests_has_way(transfer, way))
			digests_tell_way(transfer, way);
	}
}

/* Adds the digests of a direction to an object of JSON. */
void digests_add_json(const struct transfer *transfer, int way, struct text *out)
{
	const struct flow *flow = &transfer->relay.flows[way];
	struct text said = TEXT_EMPTY, heard = TEXT_EMPTY;

	if (!digests_has_way(transfer, way) || !digest_add(flow->to, false, &heard))
		return;
	if (!digest_add(flow->from, true, &said))
		text_add_string(&said, heard.data);
	text_add_string(out, ", \"digest\": {\"name\": ");
	json_string(out, transfer->plan->digest, strlen(transfer->plan->digest));
	text_print(out, ", \"read\": \"%s\", \"written\": \"%s\"}", said.data, heard.data);
	text_free(&said);
	text_free(&heard);
}

/* Tells of the digests of what a member of a hub has said and was told; the streams may be NULL. */
void digests_tell_member(const struct plan *plan, int side, const struct stream *reader,
	const struct stream *writer)
{
	const struct stream *streams[2] = { reader, writer };

	for (int i = 0; i < 2; i++) {
		/* what the first says goes right, and so does what the second is told */
		char arrow = side == i ? '>' : '<';
		struct text hex = TEXT_EMPTY;
		const char *label;

		if (streams[i] == NULL || !digest_add(streams[i], i == 0, &hex))
			continue;
		label = digest_label(streams[i], i == 0);
		digests_print(plan, side == 0 ? label : "", arrow, side == 0 ? "" : label,
			hex.data);
		text_free(&hex);
	}
}
