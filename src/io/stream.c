#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/system.h"

/* The traits of a socket of a type. */
unsigned stream_socket_traits(int type)
{
	if (type == SOCK_STREAM)
		return STREAM_SOCKET | STREAM_ENDS;
	if (type == SOCK_SEQPACKET)
		return STREAM_SOCKET | STREAM_ENDS | STREAM_DATAGRAM;
	return STREAM_SOCKET | STREAM_DATAGRAM;
}

/* Finds out what kind of thing a descriptor is. Returns the traits, or -1 with errno. */
static int stream_classify(int fd)
{
	struct stat status;
	int type;
	socklen_t length = sizeof(type);

	if (call_fstat(fd, &status) < 0)
		return -1;
	if (S_ISSOCK(status.st_mode)) {
		if (call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0)
			return -1;
		return (int)stream_socket_traits(type);
	}
	if (S_ISREG(status.st_mode))
		return STREAM_FILE | STREAM_ENDS;
	if (S_ISFIFO(status.st_mode))
		return STREAM_PIPE | STREAM_ENDS;
	if (call_isatty(fd))
		return STREAM_TERMINAL;
	return STREAM_ENDS;
}

/* Makes a stream of a socket that is ours, known to be of that type, and doesn't block. */
void stream_open_socket(struct stream *stream, int fd, int type)
{
	*stream = (struct stream){
		.rfd = fd,
		.wfd = fd,
		.traits = stream_socket_traits(type) | STREAM_NOWAIT,
	};
}

/*
 * Makes a stream of two descriptors, -1 for a direction that isn't used. What they are is found out and added
 * to the given traits. Without STREAM_KEEP the descriptors belong to the stream and stop blocking. Returns
 * -1 with errno if a descriptor isn't open; nothing is closed then.
 */
int stream_open(struct stream *stream, int rfd, int wfd, unsigned traits)
{
	int kind = stream_classify(rfd >= 0 ? rfd : wfd);
	int writing = wfd >= 0 && rfd >= 0 && wfd != rfd ? stream_classify(wfd) : kind;

	if (kind < 0 || writing < 0)
		return -1;
	*stream = (struct stream){ .rfd = rfd, .wfd = wfd, .traits = traits | (unsigned)kind };
	if ((kind ^ writing) & (STREAM_SOCKET | STREAM_DATAGRAM))
		stream->traits &= ~(unsigned)(STREAM_SOCKET | STREAM_DATAGRAM);
	if (!(traits & STREAM_KEEP)) {
		if (rfd >= 0 && !(kind & STREAM_FILE) && fd_set_nonblocking(rfd, true) < 0)
			return -1;
		if (wfd >= 0 && wfd != rfd && !(writing & STREAM_FILE) &&
			fd_set_nonblocking(wfd, true) < 0)
			return -1;
		stream->traits |= STREAM_NOWAIT;
	} else if ((writing & STREAM_FILE) ||
		((stream->traits & STREAM_SOCKET) && writing & STREAM_SOCKET)) {
		stream->traits |= STREAM_NOWAIT;
	}
	return 0;
}

/* Receives one message; what doesn't fit is lost, as the kernel has it, but not in silence. */
static ssize_t stream_receive(int fd, void *data, size_t size)
{
	ssize_t n = call_recv(fd, data, size, MSG_DONTWAIT | MSG_TRUNC);

	if (n > 0 && (size_t)n > size) {
		log_warning(P_("a datagram of %zd byte was cut to %zu (see option -b)",
				    "a datagram of %zd bytes was cut to %zu (see option -b)",
				    (size_t)n),
			n, size);
		return (ssize_t)size;
	}
	return n;
}

/* Whether reading would wait, though poll has said otherwise: another of our copies may have been read since. */
static bool stream_is_read_empty(const struct stream *stream)
{
	struct pollfd slot = { .fd = stream->rfd, .events = POLLIN };

	return (stream->traits & STREAM_COPY) && !(stream->traits & STREAM_SOCKET) &&
		call_poll(&slot, 1, 0) == 0;
}

/* As stream_read, unseen by taps. */
static ssize_t stream_read_now(struct stream *stream, void *data, size_t size)
{
	ssize_t n;

	if (stream->ops != NULL && stream->ops->read != NULL)
		return stream->ops->read(stream, data, size);
	if (stream_is_read_empty(stream)) {
		errno = EAGAIN;
		return -1;
	}
	do {
		if (!(stream->traits & STREAM_SOCKET))
			n = call_read(stream->rfd, data, size);
		else if (stream->traits & STREAM_DATAGRAM)
			n = stream_receive(stream->rfd, data, size);
		else
			n = call_recv(stream->rfd, data, size, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	/* a program that ends without having read everything has still said all it had to say */
	if (n < 0 && errno == ECONNRESET && (stream->traits & STREAM_PROGRAM))
		n = 0;
	if (n < 0 && errno == EAGAIN && stream_is_deserted(stream)) {
		stream->traits |= STREAM_READ_OUT;
		return STREAM_END;
	}
	if (n != 0 || (stream->traits & (STREAM_DATAGRAM | STREAM_ENDS)) == STREAM_DATAGRAM)
		return n;
	stream->traits |= STREAM_READ_OUT;
	return STREAM_END;
}

/* Reads what is there. Returns the bytes, STREAM_END, or -1 with errno, EAGAIN for "not now". */
ssize_t stream_read(struct stream *stream, void *data, size_t size)
{
	ssize_t n = stream_read_now(stream, data, size);

	/* a read of nothing only asks */
	if (stream->taps != NULL && size > 0)
		tap_read(stream->taps, data, n);
	return n;
}

/* As stream_write, unseen by taps. */
static ssize_t stream_write_now(struct stream *stream, const void *data, size_t size)
{
	ssize_t n;

	if (stream->ops != NULL && stream->ops->write != NULL)
		return stream->ops->write(stream, data, size);
	do {
		if (stream->traits & STREAM_SOCKET)
			n = call_send(stream->wfd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (stream->traits & STREAM_NOWAIT)
			n = call_write(stream->wfd, data, size);
		else
			n = stream_write_shared(stream->wfd, data, size);
	} while (n < 0 && errno == EINTR && (stream->traits & (STREAM_SOCKET | STREAM_NOWAIT)));
	/* a terminal may have made us wait after all, and now a signal wants to be looked at first */
	if (n < 0 && errno == EINTR)
		errno = EAGAIN;
	return n;
}

/* Writes what is taken now. Returns how much, or -1 with errno, EAGAIN for "not now". */
ssize_t stream_write(struct stream *stream, const void *data, size_t size)
{
	ssize_t n = stream_write_now(stream, data, size);

	if (stream->taps != NULL)
		tap_write(stream->taps, data, n);
	return n;
}

/* Sends what was taken and waits. Returns 0, or -1 with errno; STREAM_UNSENT tells whether there is more. */
int stream_flush(struct stream *stream)
{
	if (!(stream->traits & STREAM_UNSENT))
		return 0;
	return stream->ops->flush(stream);
}

/* Has a stream say why its last read or write failed, if it knows better than errno. */
void stream_blame(struct stream *stream, struct error *error)
{
	if (stream->ops != NULL && stream->ops->blame != NULL)
		stream->ops->blame(stream, error);
}

/* What suits the descriptor: sockets are shut down, pipes closed, everything else has no such thing. */
static int stream_end_plain(struct stream *stream)
{
	if (stream->traits & STREAM_SOCKET) {
		if (!(stream->traits & STREAM_ENDS) || (stream->traits & STREAM_SHARED))
			return 0;
		stream->traits |= STREAM_WRITTEN;
		return call_shutdown(stream->wfd, SHUT_WR);
	}
	/* we have the descriptor itself, too, so closing our copy would end nothing */
	if (stream->traits & STREAM_COPY)
		return 0;
	/* closing our copy of an inherited pipe changes nothing for the others who have it */
	if (stream->wfd != stream->rfd &&
		(stream->traits & STREAM_PIPE || !(stream->traits & STREAM_KEEP)))
		fd_close(&stream->wfd);
	return 0;
}

/* Tells the other end that no more data comes, in the way that was asked for. 0, or -1 with errno. */
int stream_end_write(struct stream *stream)
{
	if (stream->wfd < 0 && stream->ops == NULL)
		return 0;
	if (stream->half_close != HALF_CLOSE_NONE)
		tap_tell(stream->taps, TAP_WRITE_END);
	switch (stream->half_close) {
	case HALF_CLOSE_NONE:
		return 0;
	case HALF_CLOSE_DOWN:
		/* what has a farewell of its own would be cut off by that of the socket */
		if (stream->ops != NULL && stream->ops->end_write != NULL)
			break;
		return call_shutdown(stream->wfd, SHUT_WR);
	case HALF_CLOSE_CLOSE:
		if (stream->traits & STREAM_COPY)
			break;
		if (stream->ops != NULL)
			stream_close(stream);
		if (stream->rfd == stream->wfd)
			stream->rfd = -1;
		fd_close(&stream->wfd);
		return 0;
	case HALF_CLOSE_NULL:
		return stream_write(stream, "", 0) < 0 ? -1 : 0;
	case HALF_CLOSE_DEFAULT:
	case HALF_CLOSE_SAID:
		break;
	}
	if (stream->ops != NULL && stream->ops->end_write != NULL)
		return stream->ops->end_write(stream);
	return stream_end_plain(stream);
}

/* Whether the other end of a datagram socket is gone with its program, which the kernel tells nobody. */
bool stream_is_deserted(const struct stream *stream)
{
	return (stream->traits & STREAM_DESERTED) && stream->ops == NULL &&
		(stream->traits & (STREAM_DATAGRAM | STREAM_ENDS)) == STREAM_DATAGRAM;
}

/* Whether something can be read that poll knows nothing of: data, or the end. */
bool stream_pending(const struct stream *stream)
{
	if (stream->ops != NULL && stream->ops->pending != NULL)
		return stream->ops->pending(stream);
	return stream_is_deserted(stream);
}

/* Tells a stream that has to do with our terminal that its size has changed. NULL is allowed. */
void stream_resize(struct stream *stream)
{
	if (stream != NULL && stream->ops != NULL && stream->ops->resize != NULL)
		stream->ops->resize(stream);
}

/* When the stream wants to be looked at whatever poll says. */
int64_t stream_wake(const struct stream *stream)
{
	return stream->ops != NULL && stream->ops->wake != NULL ? stream->ops->wake(stream)
								: CLOCK_NEVER;
}

/* Ends a connection for all who share it, unless both directions of it have ended by themselves. */
void stream_shut(struct stream *stream)
{
	unsigned over = STREAM_READ_OUT | STREAM_WRITTEN;

	if (stream->ops != NULL && stream->ops->shut != NULL)
		stream->ops->shut(stream);
	if ((stream->traits & over) == over)
		return;
	if (!(stream->traits & STREAM_SOCKET) || (stream->traits & (STREAM_KEEP | STREAM_SHARED)))
		return;
	if (stream->rfd >= 0)
		call_shutdown(stream->rfd, SHUT_RDWR);
	if (stream->wfd >= 0 && stream->wfd != stream->rfd)
		call_shutdown(stream->wfd, SHUT_RDWR);
}

/* Closes what the stream owns. It may be called twice. */
void stream_close(struct stream *stream)
{
	if (stream->ops != NULL && stream->ops->close != NULL)
		stream->ops->close(stream);
	stream->ops = NULL;
	if ((stream->traits & (STREAM_KEEP | STREAM_COPY)) == STREAM_KEEP) {
		stream->rfd = stream->wfd = -1;
		return;
	}
	if (stream->wfd == stream->rfd)
		stream->wfd = -1;
	fd_close(&stream->rfd);
	fd_close(&stream->wfd);
}
