/* What --explain says of the transfer: who is read with which call, and who ends when. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/pollset.h"
#include "io/signals.h"
#include "session/explain.h"
#include "session/transfer.h"

/* The address without its options, for sentences. Owned by the caller. */
static char *explain_name(const char *address)
{
	return address != NULL ? memory_copy(address, strcspn(address, ",")) : memory_string("");
}

/* The call that reads a stream. */
static const char *explain_reader(const struct stream *stream)
{
	if (stream->ops != NULL && stream->ops->read != NULL && stream->rfd < 0)
		return NULL;
	if (!(stream->traits & STREAM_SOCKET))
		return "read";
	return stream->ops != NULL && (stream->traits & STREAM_DATAGRAM) ? "recvmsg" : "recv";
}

/* The call that writes a stream. */
static const char *explain_writer(const struct stream *stream)
{
	if (stream->ops != NULL && stream->ops->write != NULL && stream->wfd < 0)
		return NULL;
	if (!(stream->traits & STREAM_SOCKET))
		return "write";
	return stream->ops != NULL && (stream->traits & STREAM_DATAGRAM) ? "sendto" : "send";
}

/* Whether a direction is used. */
static bool explain_runs(const struct relay *relay, enum relay_direction way)
{
	return relay->flows[way].state != FLOW_DONE;
}

/* Says what moves in one direction. */
static void explain_flow(const struct flow *flow)
{
	const char *reads = explain_reader(flow->from), *writes = explain_writer(flow->to);

	if (reads != NULL && writes != NULL)
		call_note(_("what %s(%d, ...) brings of %s goes to %s by %s(%d, ...)"), reads,
			flow->from->rfd, flow->from_name, flow->to_name, writes, flow->to->wfd);
	else
		call_note(_("what %s brings goes to %s"), flow->from_name, flow->to_name);
	if (flow->policy.limit >= 0)
		call_note(_("%s counts as ended after %jd bytes"), flow->from_name,
			(intmax_t)flow->policy.limit);
	if (flow->policy.ignore_end)
		call_note(_("the end of %s is ignored: it is read again and again"),
			flow->from_name);
}

/* A time in seconds. */
static double explain_seconds(int64_t time)
{
	return (double)time / (double)SECOND;
}

/* Says what becomes of the direction that runs on when the other has ended. */
static void explain_survivor(struct relay *relay, enum relay_direction ended)
{
	struct flow *first = &relay->flows[ended], *other = &relay->flows[1 - ended];
	enum flow_state before = first->state;
	int64_t linger;

	first->state = FLOW_DONE;
	first->ended = true;
	linger = relay_linger(relay);
	if (relay->settings.one_way || first->policy.ends_all)
		call_note(_("if %s ends first, all ends then"), first->from_name);
	else if (linger < 0)
		call_note(_("if %s ends first, %s may go on until it ends, too"), first->from_name,
			other->from_name);
	else
		call_note(
			_("if %s ends first, %s may go on until it ends, or is silent for %g seconds"),
			first->from_name, other->from_name, explain_seconds(linger));
	first->ended = false;
	first->state = before;
}

/* Shows the calls by which a sink hears of the end of its source. */
static void explain_end_of(struct flow *flow)
{
	int before;

	if (flow->policy.ignore_end)
		return;
	call_note(_("when %s has ended and all of it is written, %s is told:"), flow->from_name,
		flow->to_name);
	before = explain_lines();
	stream_end_write(flow->to);
	if (explain_lines() == before)
		call_note(_("(by no call: it has no way to hear of that, or isn't to)"));
	flow->from->traits |= STREAM_READ_OUT;
}

/* A program has ended by then, and needs no signal. */
static void explain_program(struct endpoint *endpoint)
{
	if (endpoint->program == NULL)
		return;
	call_note(_("the end of the program is waited for"));
	endpoint->program->ended = true;
}

/* Says how both directions come to their end. */
static void explain_ends(struct relay *relay)
{
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		if (explain_runs(relay, (enum relay_direction)way))
			explain_survivor(relay, (enum relay_direction)way);
	}
	if (relay->settings.idle >= 0)
		call_note(_("option -T: all ends when nothing has passed for %g seconds"),
			explain_seconds(relay->settings.idle));
	for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
		if (explain_runs(relay, (enum relay_direction)way))
			explain_end_of(&relay->flows[way]);
	}
}

/* Explains the transfer between two sides that pretend to be open. Returns -1 with the error filled on failure. */
int explain_transfer(const struct plan *plan, struct opened sides[2], struct error *error)
{
	struct transfer transfer;
	struct pollset set = { 0 };
	char *names[2], *writers[2];
	int result;

	call_part(_("Transfer"), NULL);
	result = transfer_begin(&transfer, plan, sides, error);
	for (int i = 0; i < 2; i++) {
		names[i] = explain_name(transfer.relay.flows[i].from_name);
		writers[i] = explain_name(transfer.relay.flows[i].to_name);
		transfer.relay.flows[i].from_name = names[i];
		transfer.relay.flows[i].to_name = writers[i];
	}
	if (result == 0) {
		pollset_clear(&set);
		pollset_add(&set, signals_fd(), POLLIN);
		transfer_prepare(&transfer, &set);
		pollset_wait(&set);
		for (int way = RELAY_RIGHTWARD; way <= RELAY_LEFTWARD; way++) {
			if (explain_runs(&transfer.relay, (enum relay_direction)way))
				explain_flow(&transfer.relay.flows[way]);
		}
		call_loops(_("and so on, until both directions have ended"));
		explain_ends(&transfer.relay);
		for (int i = 0; i < 2; i++) {
			explain_program(&sides[i].endpoint);
			if (sides[i].more != NULL)
				explain_program(&sides[i].more->second);
		}
	}
	if (transfer_end(&transfer, error) < 0)
		result = -1;
	for (int i = 0; i < 2; i++) {
		free(names[i]);
		free(writers[i]);
	}
	pollset_free(&set);
	call_part(_("End"), NULL);
	return result;
}

/* Explains the first of many connections that one process has at the same time. */
int explain_many(const struct plan *plan, struct opened sides[2], struct error *error)
{
	const struct address *address = plan->sides[0].reader;
	bool hub = SETTINGS(address->options, hub)->hub != NULL;
	struct acceptor *acceptor = open_listen(plan, address, error);

	opened_more(&sides[0])->acceptors[0] = acceptor;
	if (acceptor == NULL || open_accept(address, acceptor, &sides[0].endpoint, error) < 0 ||
		open_greet(address, &sides[0].endpoint, error) < 0)
		return -1;
	call_note(
		hub ? _("one process has all the connections in one loop, and passes on what each says to all the others")
		    : _("one process has all the connections in one loop, and opens the second address for each"));
	if (hub)
		return 0;
	if (open_side(plan, 1, &sides[1], error) < 0)
		return -1;
	return explain_transfer(plan, sides, error);
}
