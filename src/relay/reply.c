#include "relay/reply.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/log.h"

#define REPLY_MOST 4096 /* so much may wait; a source that takes no answers isn't read either */

/* Whether the source has to take answers before it is read again. */
bool reply_is_full(const struct reply *reply)
{
	return reply->text.length >= REPLY_MOST;
}

/* Whether there is anybody to tell: the source may not be writable, or be closed by now. */
static bool reply_is_possible(const struct reply *reply)
{
	return reply->to != NULL && (reply->to->wfd >= 0 || reply->to->ops != NULL);
}

/* Writes once. What can't be written any more is forgotten: the data tells what has happened to the source. */
static void reply_write(struct reply *reply)
{
	struct text *text = &reply->text;
	ssize_t n = stream_write(reply->to, text->data, text->length);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n < 0)
		log_info("an answer could not be written: %s", strerror(errno));
	if (n < 0 || (size_t)n >= text->length) {
		text_clear(text);
		return;
	}
	memmove(text->data, text->data + n, text->length - (size_t)n);
	text_cut(text, text->length - (size_t)n);
}

/* Takes what the filters have to say, and says it if that can't block. */
void reply_collect(struct reply *reply, struct filter *filters)
{
	filter_answer(filters, &reply->text);
	if (reply->text.length == 0)
		return;
	if (!reply_is_possible(reply))
		text_clear(&reply->text);
	else if ((reply->to->traits & STREAM_NOWAIT) || reply->to->wfd < 0)
		reply_write(reply);
}

/* Asks poll for what still waits. */
void reply_prepare(struct reply *reply, struct pollset *set)
{
	reply->slot = POLLSET_NONE;
	if (reply->text.length == 0 || !reply_is_possible(reply))
		return;
	reply->slot = pollset_add(set, reply->to->wfd, POLLOUT);
	pollset_deadline(set, stream_wake(reply->to));
}

/* Says what waits, if poll has found that it can be said. */
void reply_step(struct reply *reply, const struct pollset *set)
{
	const short events = POLLOUT | POLLERR | POLLHUP | POLLNVAL;

	if (reply->text.length == 0)
		return;
	if (!reply_is_possible(reply))
		text_clear(&reply->text);
	else if (reply->to->wfd < 0 || (pollset_result(set, reply->slot) & events) != 0)
		reply_write(reply);
}

void reply_free(struct reply *reply)
{
	text_free(&reply->text);
}
