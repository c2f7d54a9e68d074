#include "io/tap.h"

#include <errno.h>

#include "io/stream.h"

/* Adds a tap behind the others. It becomes the list's. */
void tap_add(struct tap **taps, struct tap *tap)
{
	while (*taps != NULL)
		taps = &(*taps)->next;
	*taps = tap;
}

/* Whether a call has failed, and not only for now. errno is what it has left. */
static bool tap_has_failed(ssize_t n)
{
	return n == -1 && errno != EAGAIN && errno != EWOULDBLOCK;
}

/* Tells all taps what has happened. errno stays as it is. */
void tap_tell(struct tap *taps, enum tap_event event)
{
	int number = errno;

	for (struct tap *tap = taps; tap != NULL; tap = tap->next) {
		if (tap->ops->happened != NULL)
			tap->ops->happened(tap, event);
	}
	errno = number;
}

/* Tells all taps what a read has returned. errno stays as it is. */
void tap_read(struct tap *taps, const void *data, ssize_t n)
{
	int number = errno;

	if (n == STREAM_END || n == STREAM_LEAVE)
		tap_tell(taps, TAP_READ_END);
	else if (tap_has_failed(n))
		tap_tell(taps, TAP_BROKEN);
	for (struct tap *tap = taps; n >= 0 && tap != NULL; tap = tap->next) {
		if (tap->ops->was_read != NULL)
			tap->ops->was_read(tap, data, (size_t)n);
	}
	errno = number;
}

/* Tells all taps what a write has returned. errno stays as it is. */
void tap_write(struct tap *taps, const void *data, ssize_t n)
{
	int number = errno;

	if (tap_has_failed(n))
		tap_tell(taps, TAP_BROKEN);
	for (struct tap *tap = taps; n >= 0 && tap != NULL; tap = tap->next) {
		if (tap->ops->was_written != NULL)
			tap->ops->was_written(tap, data, (size_t)n);
	}
	errno = number;
}

/* Frees all taps, which see the end of the stream in that. */
void tap_free(struct tap **taps)
{
	while (*taps != NULL) {
		struct tap *tap = *taps;

		*taps = tap->next;
		tap->ops->free(tap);
	}
}
