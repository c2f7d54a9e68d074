/*
 * What the relay moves bytes through: two descriptors to poll (or the same one twice) and, where plain read
 * and write won't do, functions. TLS, line editing or message queues are streams; the relay can't tell.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/transfer.h"
#include "io/tap.h"

struct sockaddr_any;

/* What is known of a stream's descriptors. */
enum stream_trait {
	STREAM_SOCKET = 1 << 0,	  /* recv and send work: MSG_DONTWAIT instead of O_NONBLOCK */
	STREAM_DATAGRAM = 1 << 1, /* one read is one message, and so is one write */
	STREAM_FILE = 1 << 2,	  /* a regular file */
	STREAM_PIPE = 1 << 3,
	STREAM_TERMINAL = 1 << 4,
	STREAM_ENDS = 1 << 5,	  /* its other end is able to signal the end of its data */
	STREAM_NOWAIT = 1 << 6,	  /* writing never blocks, so there is no need to poll before */
	STREAM_KEEP = 1 << 7,	  /* inherited: stays open, and its status flags stay as they are */
	STREAM_SHARED = 1 << 8,	  /* others of ours go on using the socket: it is never shut down */
	STREAM_READ_OUT = 1 << 9, /* its end of input has been read */
	STREAM_WRITTEN = 1 << 10, /* it has been told the end of what we write */
	STREAM_PROGRAM =
		1 << 11, /* a program of ours has the other end, and may leave when it likes */
	STREAM_RETURNS = 1 << 12,  /* whoever hangs up may come back, and finds what was written */
	STREAM_DESERTED = 1 << 13, /* the program at the other end has ended */
	STREAM_COPY = 1 << 14,	   /* inherited, but by a descriptor of its own, which is closed */
	STREAM_ATTENDS = 1 << 15,  /* it may want to leave at any time: a read of nothing asks it */
	STREAM_UNSENT = 1 << 16,   /* something that was taken waits to be sent: poll, and flush */
	STREAM_HEARS = 1 << 17, /* nothing can be written before something is read: poll for that */
};

/* What a read returns at the end of input; 0 is an empty datagram. */
#define STREAM_END (-2)

/* What a read returns when whoever is at the other end wants the whole transfer to end. */
#define STREAM_LEAVE (-3)

struct stream {
	const struct stream_ops *ops; /* NULL: plain descriptors */
	int rfd, wfd;		      /* what to poll, -1 for a direction that isn't open */
	unsigned traits;
	enum half_close half_close;
	struct tap *taps; /* who looks on; freed with the endpoint */
};

/* A NULL slot means that the plain descriptor does it. Nothing here may block. */
struct stream_ops {
	/* bytes read, STREAM_END, or -1 with errno, EAGAIN for "not now" */
	ssize_t (*read)(struct stream *stream, void *data, size_t size);
	/* bytes taken, or -1 with errno, EAGAIN for "not now" */
	ssize_t (*write)(struct stream *stream, const void *data, size_t size);
	/* sends what was taken and waits; 0, or -1 with errno */
	int (*flush)(struct stream *stream);
	/* half-close; 0, or -1 with errno; what then waits to be sent is flushed later */
	int (*end_write)(struct stream *stream);
	/* the last words before the connection is shut for all who share it */
	void (*shut)(struct stream *stream);
	/* whether a read would give something without polling */
	bool (*pending)(const struct stream *stream);
	/* when to look again where poll would not tell; CLOCK_NEVER: it tells */
	int64_t (*wake)(const struct stream *stream);
	/* our terminal has another size */
	void (*resize)(struct stream *stream);
	/* why the last read or write failed, where errno doesn't tell: fills the error, or leaves it */
	void (*blame)(struct stream *stream, struct error *error);
	/* who has sent the packet that was read last, or gets what is written; NULL: whom the socket knows */
	const struct sockaddr_any *(*peer)(const struct stream *stream, bool reading);
	/* the end of the connection, before the descriptors are closed */
	void (*close)(struct stream *stream);
};

unsigned stream_socket_traits(int type);
void stream_open_socket(struct stream *stream, int fd, int type);
int stream_open(struct stream *stream, int rfd, int wfd, unsigned traits);
ssize_t stream_read(struct stream *stream, void *data, size_t size);
ssize_t stream_write(struct stream *stream, const void *data, size_t size);
int stream_flush(struct stream *stream);
int stream_end_write(struct stream *stream);
void stream_blame(struct stream *stream, struct error *error);
int64_t stream_wake(const struct stream *stream);
void stream_resize(struct stream *stream);
bool stream_pending(const struct stream *stream);
bool stream_is_deserted(const struct stream *stream);
void stream_shut(struct stream *stream);
void stream_close(struct stream *stream);

/* Writes to a descriptor that others share without ever blocking for long (write_nowait.c, write_bounded.c). */
ssize_t stream_write_shared(int fd, const void *data, size_t size);

#endif
