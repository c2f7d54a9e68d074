/*
 * Who looks on while a stream is read and written. A tap sees what really passes: what was read, what was taken,
 * and the end of both. A stream with taps never goes the fast way, for there nobody sees anything.
 */
#ifndef IO_TAP_H
#define IO_TAP_H

#include <stddef.h>
#include <sys/types.h>

/* What else happens to a stream. */
enum tap_event {
	TAP_READ_END,  /* the end of input has been read */
	TAP_WRITE_END, /* the other end has been told that no more comes */
	TAP_BROKEN,    /* the connection has failed */
};

struct tap {
	const struct tap_ops *ops;
	struct tap *next;
};

/* A NULL slot means that the tap isn't interested. */
struct tap_ops {
	/* data, or nothing for an empty message */
	void (*was_read)(struct tap *tap, const void *data, size_t length);
	void (*was_written)(struct tap *tap, const void *data, size_t length);
	void (*happened)(struct tap *tap, enum tap_event event);
	/* the stream is closed */
	void (*free)(struct tap *tap);
};

void tap_add(struct tap **taps, struct tap *tap);
void tap_read(struct tap *taps, const void *data, ssize_t n);
void tap_write(struct tap *taps, const void *data, ssize_t n);
void tap_tell(struct tap *taps, enum tap_event event);
void tap_free(struct tap **taps);

#endif
