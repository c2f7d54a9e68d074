/* Endpoints without any descriptor: a text that was given on the command line, and one that never does a thing. */
#include "address/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/log.h"
#include "base/memory.h"

struct text_stream {
	struct stream base;
	const char *data; /* the address's parameter */
	size_t left;
};

static ssize_t text_read(struct stream *stream, void *data, size_t size)
{
	struct text_stream *self = (struct text_stream *)stream;

	if (self->left == 0)
		return STREAM_END;
	if (size > self->left)
		size = self->left;
	memcpy(data, self->data, size);
	self->data += size;
	self->left -= size;
	return (ssize_t)size;
}

static bool text_pending(const struct stream *stream)
{
	(void)stream;
	return true;
}

/* The text comes from the parameter; what is written goes to standard output. */
static int text_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	static const struct stream_ops ops = { .read = text_read, .pending = text_pending };
	struct text_stream *self;
	struct stream *writer;
	unsigned traits;
	int fd;

	if (context->use & USE_WRITE) {
		if (!(context->use & USE_READ))
			log_warning(_("TEXT address in write-only context degenerates to STDOUT"));
		writer = memory_zero(1, sizeof(*writer));
		/* one of many has a copy of its own to wait for */
		if (context->alone)
			fd = STDOUT_FILENO;
		else
			fd = call_fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		traits = context->alone ? STREAM_KEEP : STREAM_KEEP | STREAM_COPY;
		if (stream_open(writer, -1, fd, traits) < 0) {
			error_system(error, errno, _("cannot use descriptor %d"), STDOUT_FILENO);
			free(writer);
			return -1;
		}
		endpoint->writer = writer;
	}
	if (context->use & USE_READ) {
		self = memory_zero(1, sizeof(*self));
		self->base =
			(struct stream){ .ops = &ops, .rfd = -1, .wfd = -1, .traits = STREAM_ENDS };
		self->data = address->spec->params[0].data;
		self->left = address->spec->params[0].length;
		endpoint->reader = &self->base;
	}
	return 0;
}

static ssize_t stall_read(struct stream *stream, void *data, size_t size)
{
	(void)stream;
	(void)data;
	(void)size;
	errno = EAGAIN;
	return -1;
}

static ssize_t stall_write(struct stream *stream, const void *data, size_t size)
{
	(void)stream;
	(void)data;
	(void)size;
	errno = EAGAIN;
	return -1;
}

static int stall_end_write(struct stream *stream)
{
	(void)stream;
	return 0;
}

/* Never readable, never at its end, never writable. */
static int stall_open(const struct address *address, const struct address_context *context,
	struct endpoint *endpoint, struct error *error)
{
	static const struct stream_ops ops = {
		.read = stall_read,
		.write = stall_write,
		.end_write = stall_end_write,
	};
	struct stream *stream = memory_zero(1, sizeof(*stream));

	(void)address;
	(void)context;
	(void)error;
	*stream = (struct stream){ .ops = &ops, .rfd = -1, .wfd = -1 };
	endpoint_use(endpoint, stream);
	return 0;
}

const struct address_type address_text_types[] = {
	{
		.name = "TEXT",
		.syntax = "<text>",
		.param_min = 1,
		.param_max = 1,
		.summary = N_("deliver the text and end; what is written goes to standard output"),
		.example = "TEXT:'bonjour\\n'",
		.use = USE_BOTH,
		.traits = TRAIT_BYTES,
		.groups = GROUP_FD | GROUP_FIFO,
		.open = text_open,
	},
	{
		.name = "STALL",
		.syntax = "",
		.summary = N_("never deliver anything, never take anything, never end"),
		.example = "STALL",
		.use = USE_BOTH,
		.groups = GROUP_FD | GROUP_FIFO,
		.open = stall_open,
	},
	{ .name = NULL },
};
