#include "session/statistics.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "session/digests.h"

/* Prints how much has passed in the words of a netcat that counts. Returns false where it is none. */
static bool statistics_netcat(const struct transfer *transfer)
{
	const unsigned network = TRAIT_CONNECTS | TRAIT_LISTENS;
	bool is_first = (transfer->plan->sides[0].reader->type->traits & network) != 0;
	const struct flow *flows = transfer->relay.flows;
	unsigned long long sent = flows[is_first ? RELAY_LEFTWARD : RELAY_RIGHTWARD].count.bytes;
	unsigned long long received =
		flows[is_first ? RELAY_RIGHTWARD : RELAY_LEFTWARD].count.bytes;

	if (log_style() == LOG_STYLE_TRADITIONAL)
		log_forced(LOG_LEVEL_NOTICE, " sent %llu, rcvd %llu", sent, received);
	else if (log_style() == LOG_STYLE_NCAT)
		log_forced(LOG_LEVEL_NOTICE,
			"%llu bytes sent, %llu bytes received in %.2f seconds.", sent, received,
			(double)(clock_now() - transfer->begun) / (double)SECOND);
	else
		return false;
	return true;
}

/* Prints how much has passed as an object of JSON, for programs. */
static void statistics_json(const struct transfer *transfer)
{
	static const char *const names[] = { "left_to_right", "right_to_left" };
	int64_t time = clock_now() - transfer->begun;
	struct text line = TEXT_EMPTY;

	for (int way = 0; way < 2; way++) {
		const struct flow_count *count = &transfer->relay.flows[way].count;

		text_print(&line, "%s\"%s\": {\"bytes\": %llu, \"blocks\": %llu, \"rate\": %llu",
			way == 0 ? "{" : ", ", names[way], (unsigned long long)count->bytes,
			(unsigned long long)count->blocks,
			(unsigned long long)(time > 0
					? (double)count->bytes * (double)SECOND / (double)time
					: 0));
		if (transfer->plan->digest != NULL)
			digests_add_json(transfer, way, &line);
		text_add_char(&line, '}');
	}
	text_print(&line, ", \"seconds\": %lld.%06lld}\n", (long long)(time / SECOND),
		(long long)(time % SECOND / 1000));
	log_show(&line);
}

/* Prints how much has passed: in socat's words, unless the user wants others. */
void statistics_print(const struct transfer *transfer)
{
	const struct relay *relay = &transfer->relay;
	static const char *const words[] = { N_("left to right"), N_("right to left") };
	char bytes[2][24], blocks[2][24];
	int wide_bytes = 0, wide_blocks = 0;

	if (transfer->plan->statistics_json) {
		statistics_json(transfer);
		return;
	}
	if (statistics_netcat(transfer))
		return;
	for (int way = 0; way < 2; way++) {
		int n = snprintf(bytes[way], sizeof(bytes[way]), "%llu",
			(unsigned long long)relay->flows[way].count.bytes);
		int m = snprintf(blocks[way], sizeof(blocks[way]), "%llu",
			(unsigned long long)relay->flows[way].count.blocks);

		wide_bytes = n > wide_bytes ? n : wide_bytes;
		wide_blocks = m > wide_blocks ? m : wide_blocks;
	}
	for (int way = 0; way < 2; way++) {
		if (relay->settings.one_way && relay->settings.way != (enum relay_direction)way)
			continue;
		log_forced(LOG_LEVEL_INFO, _("STATISTICS: %s: %*s packets(s), %*s byte(s)"),
			_(words[way]), wide_blocks, blocks[way], wide_bytes, bytes[way]);
	}
}
