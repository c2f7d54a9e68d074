#include "program/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/wait.h"
#include "option/settings.h"

#define PTY_LOOK (SECOND / 50) /* how often we look whether somebody is back */

/* The master as a stream. While it sits out the absence of the other end, poll isn't asked about it. */
struct pty_stream {
	struct stream stream;
	int fd;
	int rfd, wfd;	  /* what the stream has while somebody is there */
	int64_t patience; /* how long nobody may be there */
	int64_t until;	  /* when that ends; 0: somebody is there */
	int64_t next;	  /* when to look again */
};

/* Nobody has the other end open. Returns true while that is sat out, with errno for "not now". */
static bool pty_sits_out(struct pty_stream *pty)
{
	int64_t now = clock_now();

	if (pty->until == 0)
		pty->until = clock_after(pty->patience);
	if (now >= pty->until)
		return false;
	pty->stream.rfd = pty->stream.wfd = -1;
	pty->next = clock_earlier(clock_after(PTY_LOOK), pty->until);
	errno = EAGAIN;
	return true;
}

/* Whether it is too early to look again, with errno for "not now". */
static bool pty_is_early(const struct pty_stream *pty)
{
	if (pty->until == 0 || clock_now() >= pty->next)
		return false;
	errno = EAGAIN;
	return true;
}

/* Somebody is at the other end. */
static void pty_is_back(struct pty_stream *pty)
{
	pty->stream.rfd = pty->rfd;
	pty->stream.wfd = pty->wfd;
	pty->until = 0;
}

static ssize_t pty_read(struct stream *stream, void *data, size_t size)
{
	struct pty_stream *pty = (struct pty_stream *)stream;
	ssize_t n;

	if (pty_is_early(pty))
		return -1;
	do {
		n = read(pty->fd, data, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EIO && pty_sits_out(pty))
		return -1;
	if (n > 0 || (n < 0 && errno != EIO)) {
		pty_is_back(pty);
		return n;
	}
	stream->traits |= STREAM_READ_OUT;
	return STREAM_END;
}

/* What is typed at a terminal that nobody reads any more is lost, and nobody minds. */
static ssize_t pty_write(struct stream *stream, const void *data, size_t size)
{
	struct pty_stream *pty = (struct pty_stream *)stream;
	ssize_t n;

	if (pty_is_early(pty))
		return -1;
	do {
		n = write(pty->fd, data, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EIO)
		return pty_sits_out(pty) ? -1 : (ssize_t)size;
	pty_is_back(pty);
	return n;
}

static int64_t pty_wake(const struct stream *stream)
{
	const struct pty_stream *pty = (const struct pty_stream *)stream;

	return pty->until == 0 ? CLOCK_NEVER : pty->next;
}

/* Gives the stream back what it has to close. */
static void pty_close(struct stream *stream)
{
	struct pty_stream *pty = (struct pty_stream *)stream;

	stream->rfd = stream->wfd = pty->fd;
}

/* Makes a stream of the master, which becomes the stream's. */
static struct stream *pty_stream(int master, unsigned directions, int64_t patience)
{
	static const struct stream_ops ops = {
		.read = pty_read,
		.write = pty_write,
		.wake = pty_wake,
		.close = pty_close,
	};
	struct pty_stream *pty = memory_zero(1, sizeof(*pty));

	*pty = (struct pty_stream){
		.stream = { .ops = &ops, .traits = STREAM_NOWAIT },
		.fd = master,
		.rfd = directions & PTY_READ ? master : -1,
		.wfd = directions & PTY_WRITE ? master : -1,
		.patience = patience,
	};
	pty_is_back(pty);
	return &pty->stream;
}

/* Makes a pseudo terminal. Returns -1 with the error filled; nothing is left open then. */
int pty_open(struct pty *pty, struct error *error)
{
	const char *name;

	*pty = (struct pty){ .master = -1 };
	pty->master = fd_above_standard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (pty->master < 0)
		return error_system(error, errno, _("cannot make a pseudo terminal"));
	if (grantpt(pty->master) == 0 && unlockpt(pty->master) == 0) {
		name = ptsname(pty->master);
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
	int fd = fd_above_standard(open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC));

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
	if ((unlink(path) < 0 && errno != ENOENT) || symlink(pty->name, path) < 0)
		return error_system(error, errno, _("cannot make the link %s"), path);
	if (SETTINGS(options, name)->unlink_close != 0)
		endpoint_unlink(endpoint, path);
	return 0;
}

/* Makes the pseudo terminal the endpoint, and its link. On failure it stays the caller's. */
int pty_use(struct pty *pty, const struct options *options, unsigned directions,
	struct endpoint *endpoint, struct error *error)
{
	const struct pty_settings *settings = SETTINGS(options, pty);

	if (pty_link(pty, options, endpoint, error) < 0)
		return -1;
	endpoint_use(endpoint, pty_stream(pty->master, directions, settings->patience));
	endpoint->place = pty->name;
	endpoint->device = pty->master;
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
	const struct pty other = { -1, endpoint->place };
	int device = pty_open_device(&other, error);

	if (device < 0)
		return -1;
	fd_close(&device);
	for (;;) {
		struct pollfd slot = { .fd = pty->fd, .events = POLLIN };

		if (poll(&slot, 1, 0) >= 0 && !(slot.revents & POLLHUP))
			return 0;
		if (wait_pause(interval, error) < 0)
			return -1;
	}
}

/* Closes a pseudo terminal that no endpoint has got. */
void pty_free(struct pty *pty)
{
	fd_close(&pty->master);
	free(pty->name);
	pty->name = NULL;
}
