#include "session/member.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define MEMBER_KEPT 8192 /* a queue as small as this is kept though it is empty */

/* Whether more must not wait for the member than does already. */
static bool member_is_full(const struct member *member, size_t length)
{
	size_t waiting = queue_length(&member->queue);

	return waiting > 0 && waiting + length > (uint64_t)member->settings->queue;
}

/* Whether so little waits again that the others need not wait any more. */
bool member_is_relieved(const struct member *member)
{
	return queue_length(&member->queue) <= (uint64_t)member->settings->queue / 2;
}

static bool member_takes_messages(const struct member *member)
{
	return (member->writer->traits & STREAM_DATAGRAM) != 0;
}

/* Whether what the member says, or wants, is still of interest. */
bool member_is_heard(const struct member *member)
{
	return member->reader != NULL &&
		(!member->ended || (member->reader->traits & STREAM_ATTENDS));
}

/* Whether there is a person at a keyboard, who may want to leave at any time. */
static bool member_attends(const struct member *member)
{
	return (member->reader->traits & STREAM_ATTENDS) && !member->gone;
}

/* Puts something behind what waits for the member. */
static void member_queue(struct member *member, const char *data, size_t length)
{
	if (member_takes_messages(member))
		queue_append(&member->queue, &length, sizeof(length));
	queue_append(&member->queue, data, length);
}

/* Answers the member itself, as it is; who doesn't listen gets no answer. */
void member_reply(struct member *member, const char *data, size_t length)
{
	if (member->writer != NULL && !member->lost && !member->leaving &&
		!member_is_full(member, length))
		member_queue(member, data, length);
}

/* Tells the member something, once it listens. Nothing is told to who is on his way out. */
enum member_room member_tell(struct member *member, const char *data, size_t length)
{
	const char *slow = member->settings->slow;
	bool full = member_is_full(member, length);

	if (member->writer == NULL || member->lost || member->leaving)
		return MEMBER_ROOM;
	if (full && (slow == NULL || strcmp(slow, "block") != 0))
		return MEMBER_FULL;
	if (member->speaking != NULL) {
		text_clear(&member->line);
		text_add(&member->line, data, length);
		filter_pass(member->speaking, &member->line);
		data = member->line.data;
		length = member->line.length;
	}
	member_queue(member, data, length);
	return full ? MEMBER_WAITING : MEMBER_ROOM;
}

bool member_has_output(const struct member *member)
{
	bool unsent = member->writer != NULL && (member->writer->traits & STREAM_UNSENT) != 0;

	return (unsent || !queue_is_empty(&member->queue)) && !member->lost;
}

/* Writes one datagram. Returns whether that is worth another try. */
static bool member_flush_message(struct member *member)
{
	const unsigned char *data = member->queue.data + member->queue.start;
	size_t length;
	ssize_t n;

	memcpy(&length, data, sizeof(length));
	n = stream_write(member->writer, data + sizeof(length), length);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	/* a datagram that can't be sent is lost, as datagrams are; its receiver may be there again later */
	if (n < 0)
		log_info("a line could not be sent: %s", strerror(errno));
	queue_drained(&member->queue, sizeof(length) + length);
	return true;
}

/* A member that can't be told anything any more. */
static void member_lose(struct member *member)
{
	log_info("a member is gone: %s", strerror(errno));
	member->lost = true;
}

/* Writes part of what waits. Returns whether that is worth another try. */
static bool member_flush_bytes(struct member *member)
{
	size_t length = queue_length(&member->queue);
	ssize_t n = stream_write(member->writer, member->queue.data + member->queue.start, length);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return false;
	if (n < 0) {
		member_lose(member);
		return false;
	}
	queue_drained(&member->queue, (size_t)n);
	return (size_t)n == length;
}

/* Tells the member what waits for it, as much as it takes now. */
void member_flush(struct member *member)
{
	bool nowait = member->writer != NULL && (member->writer->traits & STREAM_NOWAIT) != 0;

	if (member->writer != NULL && stream_flush(member->writer) < 0)
		member_lose(member);
	while (!queue_is_empty(&member->queue) && !member->lost) {
		bool again = member_takes_messages(member) ? member_flush_message(member)
							   : member_flush_bytes(member);

		/* what others share is written to only when poll says that it takes something */
		if (!again || !nowait)
			break;
	}
	if (queue_is_empty(&member->queue) && member->queue.room > MEMBER_KEPT)
		queue_free(&member->queue);
}

/*
 * Hears what the member says. Returns how many bytes, 0 if there is nothing now; when it says no more, ended or lost
 * is set.
 */
ssize_t member_listen(struct member *member, char *buffer, size_t size)
{
	ssize_t n = stream_read(member->reader, buffer, size);

	if (n > 0) {
		member->heard = clock_now();
		return n;
	}
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n == STREAM_LEAVE)
		member->leaves = true;
	else if (n == STREAM_END || (n == 0 && member->empty_ends))
		member->ended = true;
	else if (n < 0)
		member->ended = member->lost = true;
	return 0;
}

/*
 * Looks what the person at the keyboard wants, at a time when nothing can be taken from him. If his terminal is gone,
 * that is heard when there is time for it.
 */
void member_look_after(struct member *member)
{
	const struct pollset *set = &member->guest.watcher.set;
	char nothing;

	if (!member_attends(member))
		return;
	if (stream_read(member->reader, &nothing, 0) == STREAM_LEAVE)
		member->leaves = true;
	member->gone = (pollset_result(set, member->from_slot) & (POLLHUP | POLLERR)) != 0;
}

/* Asks for what the member waits for: to say something, to be told something, and until when. */
void member_prepare(struct member *member, bool listening, int64_t idle)
{
	struct pollset *set = &member->guest.watcher.set;

	pollset_clear(set);
	member->from_slot = member->to_slot = POLLSET_NONE;
	if (member_is_heard(member) && (listening || member_attends(member))) {
		member->from_slot = pollset_add(set, member->reader->rfd, POLLIN);
		if (listening && stream_pending(member->reader))
			pollset_deadline(set, 0);
		pollset_deadline(set, stream_wake(member->reader));
	}
	if (member_has_output(member))
		member->to_slot = pollset_add(set, member->writer->wfd, POLLOUT);
	if (idle >= 0 && member->door != NULL && idle < CLOCK_NEVER - member->heard)
		pollset_deadline(set, member->heard + idle);
}

/* Frees what the member has. It isn't in the loop any more. */
void member_free(struct member *member)
{
	cutter_free(&member->cutter);
	queue_free(&member->queue);
	filter_free(member->hearing);
	filter_free(member->speaking);
	text_free(&member->line);
	free(member->name);
	endpoint_shut(&member->endpoint);
	endpoint_close(&member->endpoint);
	free(member);
}
