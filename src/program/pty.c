#include "program/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/path.h"
#include "io/wait.h"
#include "option/settings.h"

#define PTY_LOOK (SECOND / 50) /* how often we look whether somebody is back */

/*
 * The master as a stream. Poll tells again and again that nobody has the other end open; while that is sat out,
 * or while nobody takes what we write, poll isn't asked.
 */
struct pty_stream {
	struct stream stream;
	int fd;
	int rfd, wfd;	  /* what the stream has while somebody is there */
	int64_t patience; /* how long nobody may be there */
	int64_t until;	  /* when that ends; 0: somebody is there */
	int64_t next;	  /* when to look again */
	bool for_ever;	  /* the end of one visitor is never the end */
};

/* Nobody has the other end open. Returns true while that is sat out, with errno for "not now". */
static bool pty_sits_out(struct pty_stream *pty, int *polled)
{
	if (pty->until == 0)
		pty->until = clock_after(pty->patience);
	if (clock_now() >= pty->until)
		return false;
	*polled = -1;
	pty->next = clock_earlier(clock_after(PTY_LOOK), pty->until);
	errno = EAGAIN;
	return true;
}

/* Whether nobody has the other end open any more. */
static bool pty_is_alone(int fd)
{
	struct pollfd slot = { .fd = fd };

	return call_poll(&slot, 1, 0) > 0 && (slot.revents & POLLHUP);
}

static ssize_t pty_read(struct stream *stream, void *data, size_t size)
{
	struct pty_stream *pty = (struct pty_stream *)stream;
	ssize_t n;

	do {
		n = call_read(pty->fd, data, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EIO && pty_sits_out(pty, &stream->rfd))
		return -1;
	if (n > 0 || (n < 0 && errno != EIO)) {
		stream->rfd = pty->rfd;
		pty->until = 0;
		return n;
	}
	stream->traits |= STREAM_READ_OUT;
	if (!pty->for_ever)
		stream->traits &= ~(unsigned)STREAM_RETURNS;
	return STREAM_END;
}

/* Whether nobody will come any more, for the program that was there has ended. */
static bool pty_is_deserted(const struct stream *stream)
{
	return (stream->traits & STREAM_DESERTED) && !(stream->traits & STREAM_RETURNS);
}

/*
 * What is written while nobody is there waits in the terminal for who comes next, as far as there is room. Where
 * the system doesn't have that it is lost, and nobody minds.
 */
static ssize_t pty_write(struct stream *stream, const void *data, size_t size)
{
	struct pty_stream *pty = (struct pty_stream *)stream;
	ssize_t n;

	do {
		n = call_write(pty->fd, data, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EIO)
		return pty_sits_out(pty, &stream->wfd) ? -1 : (ssize_t)size;
	if (n >= 0 || errno != EAGAIN || !pty_is_alone(pty->fd)) {
		stream->wfd = pty->wfd;
		return n;
	}
	if (pty_is_deserted(stream)) {
		errno = EPIPE;
		return -1;
	}
	stream->wfd = -1;
	pty->next = clock_after(PTY_LOOK);
	errno = EAGAIN;
	return -1;
}

/* A terminal has no end of input to tell; closed, it would lose what hasn't been read from it yet. */
static int pty_end_write(struct stream *stream)
{
	(void)stream;
	return 0;
}

static int64_t pty_wake(const struct stream *stream)
{
	const struct pty_stream *pty = (const struct pty_stream *)stream;

	return stream->rfd == pty->rfd && stream->wfd == pty->wfd ? CLOCK_NEVER : pty->next;
}

/* Gives the stream back what it has to close. */
static void pty_close(struct stream *stream)
{
	struct pty_stream *pty = (struct pty_stream *)stream;

	stream->rfd = stream->wfd = pty->fd;
}

/*
 * Makes a stream of the master, which becomes the stream's. A program that leaves is the end, whatever we still
 * write; a terminal that anybody may open ends when somebody has to be read who isn't there.
 */
static struct stream *pty_stream(int master, const struct options *options, unsigned directions,
	bool for_program)
{
	static const struct stream_ops ops = {
		.read = pty_read,
		.write = pty_write,
		.end_write = pty_end_write,
		.wake = pty_wake,
		.close = pty_close,
	};
	struct pty_stream *pty = memory_zero(1, sizeof(*pty));

	*pty = (struct pty_stream){
		.stream = { .ops = &ops, .traits = STREAM_NOWAIT },
		.fd = master,
		.rfd = directions & PTY_READ ? master : -1,
		.wfd = directions & PTY_WRITE ? master : -1,
		.patience = SETTINGS(options, pty)->patience,
		.for_ever = SETTINGS(options, transfer)->ignore_eof,
	};
	pty->stream.rfd = pty->rfd;
	pty->stream.wfd = pty->wfd;
	if (for_program)
		pty->stream.traits |= STREAM_PROGRAM;
	if (!for_program || pty->patience > 0 || pty->for_ever)
		pty->stream.traits |= STREAM_RETURNS;
	return &pty->stream;
}

/* Makes a pseudo terminal. Returns -1 with the error filled; nothing is left open then. */
int pty_open(struct pty *pty, struct error *error)
{
	const char *name;

	*pty = (struct pty){ .master = -1 };
	pty->master = fd_above_standard(call_posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (pty->master < 0)
		return error_system(error, errno, _("cannot make a pseudo terminal"));
	if (call_grantpt(pty->master) == 0 && call_unlockpt(pty->master) == 0) {
		name = call_ptsname(pty->master);
		if (name != NULL && fd_set_nonblocking(pty->master, true) == 0) {
			pty->name = memory_string(name);
			log_notice("PTY is %s", name);
			return 0;
		}
	}
	error_system(error, errno, _("cannot make a pseudo terminal"));
	fd_close(&pty->master);
	return -1;
}

/* Opens the end that programs see. Returns the descriptor, or -1 with the error filled. */
int pty_open_device(const struct pty *pty, struct error *error)
{
	int fd = fd_above_standard(call_open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC, 0));

	if (fd < 0)
		return error_system(error, errno, _("cannot open %s"), pty->name);
	return fd;
}

/* Makes the link that was asked for, in the place of what has that name. */
static int pty_link(const struct pty *pty, const struct options *options, struct endpoint *endpoint,
	struct error *error)
{
	const char *path = SETTINGS(options, pty)->link;

	if (path == NULL)
		return 0;
	if ((call_unlink(path) < 0 && errno != ENOENT) || call_symlink(pty->name, path) < 0) {
		error_system(error, errno, _("cannot make the link %s"), path);
		path_hint(path, O_WRONLY | O_CREAT, error->number, error);
		return -1;
	}
	if (SETTINGS(options, name)->unlink_close != 0)
		endpoint_unlink(endpoint, path);
	return 0;
}

/* Makes the pseudo terminal the endpoint, and its link. On failure it stays the caller's. */
int pty_use(struct pty *pty, const struct options *options, unsigned directions,
	struct endpoint *endpoint, struct error *error)
{
	bool for_program = endpoint->program != NULL;

	if (pty_link(pty, options, endpoint, error) < 0)
		return -1;
	endpoint_use(endpoint, pty_stream(pty->master, options, directions, for_program));
	endpoint_more(endpoint)->place = pty->name;
	endpoint_more(endpoint)->device = pty->master;
	*pty = (struct pty){ .master = -1 };
	return 0;
}

/*
 * Waits until somebody opens the terminal. The kernel tells nobody's absence only after somebody was there, so we
 * go there ourselves once.
 */
int pty_wait(const struct endpoint *endpoint, int64_t interval, struct error *error)
{
	const struct pty_stream *pty = (const struct pty_stream *)endpoint->reader;
	const struct pty other = { -1, endpoint->more->place };
	int device = pty_open_device(&other, error);

	if (device < 0)
		return -1;
	fd_close(&device);
	for (;;) {
		struct pollfd slot = { .fd = pty->fd, .events = POLLIN };

		/* who has left something was there, even if we didn't look in time */
		if (call_poll(&slot, 1, 0) >= 0 &&
			(!(slot.revents & POLLHUP) || (slot.revents & POLLIN)))
			return 0;
		if (wait_pause(interval, error) < 0)
			return -1;
	}
}

/* Whether a pseudo terminal has the size of our terminal: unless it was given one itself, or nobody wants that. */
bool pty_follows(const struct options *options)
{
	int follow = SETTINGS(options, pty)->follow;

	return follow >= 0 ? follow != 0 : !options_given(options, "winsz");
}

/* Closes a pseudo terminal that no endpoint has got. */
void pty_free(struct pty *pty)
{
	fd_close(&pty->master);
	free(pty->name);
	pty->name = NULL;
}
