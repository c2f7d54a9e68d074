#include "filter/pcapng.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "io/stream.h"
#include "io/wait.h"

#define PCAPNG_SECTION 0x0a0d0d0au
#define PCAPNG_MAGIC 0x1a2b3c4du
#define PCAPNG_INTERFACE 1u
#define PCAPNG_PACKET 6u
#define PCAPNG_LINK_RAW 101 /* packets begin with their IP header */

#define PCAPNG_COMMENT 1
#define PCAPNG_NAME 2
#define PCAPNG_PACKET_FLAGS 2
#define PCAPNG_PROGRAM 4
#define PCAPNG_RESOLUTION 9

#define PCAPNG_TEXT 1000     /* the most of an address that is told */
#define PCAPNG_SEGMENT 32768 /* the most data of a TCP segment; a pipe takes less in one piece */
#define PCAPNG_BLOCK 512 /* more than a packet's block has besides the data, without a comment */

struct pcapng {
	int fd;
	bool whole; /* a regular file takes any block in one piece; a pipe one of PIPE_BUF bytes */
	bool failed;
	unsigned interfaces;
	struct text out; /* what is to be written */
};

static void pcapng_put16(struct text *out, uint16_t value)
{
	text_add(out, &value, sizeof(value));
}

static void pcapng_put32(struct text *out, uint32_t value)
{
	text_add(out, &value, sizeof(value));
}

/* Fills up to a multiple of 4 bytes. Blocks begin at one. */
static void pcapng_pad(struct text *out, size_t start)
{
	text_add(out, "\0\0\0", (0 - (out->length - start)) & 3);
}

/* Adds an option of a block. */
static void pcapng_option(struct text *out, unsigned code, const void *data, size_t length)
{
	size_t start = out->length;

	pcapng_put16(out, (uint16_t)code);
	pcapng_put16(out, (uint16_t)length);
	text_add(out, data, length);
	pcapng_pad(out, start);
}

/* Adds an option that is a text. */
static void pcapng_option_text(struct text *out, unsigned code, const char *text)
{
	pcapng_option(out, code, text, strnlen(text, PCAPNG_TEXT));
}

/* Begins a block. Returns where, for pcapng_end. */
static size_t pcapng_begin(struct text *out, uint32_t type)
{
	size_t start = out->length;

	pcapng_put32(out, type);
	pcapng_put32(out, 0);
	return start;
}

/* Ends the options and the block, whose length stands at both its ends. */
static void pcapng_end(struct text *out, size_t start)
{
	uint32_t length;

	pcapng_put32(out, 0);
	length = (uint32_t)(out->length - start + sizeof(length));
	pcapng_put32(out, length);
	memcpy(out->data + start + sizeof(length), &length, sizeof(length));
}

/* A capture that is written to a descriptor, which becomes its own. Owned by the caller. */
struct pcapng *pcapng_create(int fd)
{
	struct pcapng *file = memory_zero(1, sizeof(*file));
	struct stat status;
	size_t start;

	file->fd = fd;
	file->whole = call_fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	start = pcapng_begin(&file->out, PCAPNG_SECTION);
	pcapng_put32(&file->out, PCAPNG_MAGIC);
	pcapng_put16(&file->out, 1);
	pcapng_put16(&file->out, 0);
	/* nobody knows how long the section will be */
	pcapng_put32(&file->out, UINT32_MAX);
	pcapng_put32(&file->out, UINT32_MAX);
	pcapng_option_text(&file->out, PCAPNG_PROGRAM, "nettool " PACKAGE_VERSION);
	pcapng_end(&file->out, start);
	return file;
}

/* Adds an interface. All of them come before the first packet. Returns its number. */
unsigned pcapng_interface(struct pcapng *file, const char *name)
{
	static const unsigned char nanoseconds = 9;
	size_t start = pcapng_begin(&file->out, PCAPNG_INTERFACE);

	pcapng_put16(&file->out, PCAPNG_LINK_RAW);
	pcapng_put16(&file->out, 0);
	pcapng_put32(&file->out, 0);
	pcapng_option_text(&file->out, PCAPNG_NAME, name);
	pcapng_option(&file->out, PCAPNG_RESOLUTION, &nanoseconds, sizeof(nanoseconds));
	pcapng_end(&file->out, start);
	return file->interfaces++;
}

/* The most data that a TCP segment should have. */
size_t pcapng_most(const struct pcapng *file)
{
	return file->whole ? PCAPNG_SEGMENT : PIPE_BUF - PCAPNG_BLOCK;
}

/* Adds a packet, with the time that it is now. */
void pcapng_add(struct pcapng *file, const struct pcapng_note *note, const struct frame *frame)
{
	uint32_t direction = note->inbound ? 1 : 2;
	struct text *out = &file->out;
	struct timespec now;
	size_t start, lengths, data;
	uint32_t length;
	uint64_t time;

	if (file->fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	time = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	start = pcapng_begin(out, PCAPNG_PACKET);
	pcapng_put32(out, note->interface);
	pcapng_put32(out, (uint32_t)(time >> 32));
	pcapng_put32(out, (uint32_t)time);
	lengths = out->length;
	pcapng_put32(out, 0);
	pcapng_put32(out, 0);
	data = out->length;
	frame_add(out, frame);
	length = (uint32_t)(out->length - data);
	memcpy(out->data + lengths, &length, sizeof(length));
	memcpy(out->data + lengths + sizeof(length), &length, sizeof(length));
	pcapng_pad(out, data);
	pcapng_option(out, PCAPNG_PACKET_FLAGS, &direction, sizeof(direction));
	if (note->comment != NULL)
		pcapng_option_text(out, PCAPNG_COMMENT, note->comment);
	pcapng_end(out, start);
	if (!file->whole)
		pcapng_flush(file);
}

/* Writes to a regular file. Half a block is taken out again, so that what is there can be read. */
static int pcapng_write_file(struct pcapng *file)
{
	ssize_t n = call_write(file->fd, file->out.data, file->out.length);
	int number = n < 0 ? errno : ENOSPC;
	struct stat status;

	if (n == (ssize_t)file->out.length)
		return 0;
	if (n > 0 && call_fstat(file->fd, &status) == 0 && status.st_size >= n &&
		call_ftruncate(file->fd, status.st_size - n) < 0)
		log_info("ftruncate: %s", strerror(errno));
	errno = number;
	return -1;
}

/* Writes to a pipe: at once if it takes that, so that a signal that ends us doesn't keep us from the last words. */
static int pcapng_write_pipe(struct pcapng *file)
{
	struct pollfd slot = { .fd = file->fd, .events = POLLOUT };
	size_t length = file->out.length;

	if (length <= PIPE_BUF && call_poll(&slot, 1, 0) == 1 &&
		stream_write_shared(file->fd, file->out.data, length) == (ssize_t)length)
		return 0;
	return wait_write(file->fd, file->out.data, length);
}

/* Writes what has been added. What can't be written is no reason to end the transfer; but nothing follows it. */
void pcapng_flush(struct pcapng *file)
{
	if (file->out.length == 0 || file->fd < 0)
		return;
	call_because(N_("packets for the capture"));
	if ((file->whole ? pcapng_write_file(file) : pcapng_write_pipe(file)) < 0) {
		if (errno != EINTR)
			log_warning(_("cannot write the capture, which ends here: %s"),
				intl_reason(errno));
		/* whoever has read enough may go */
		file->failed = errno != EPIPE && errno != EINTR;
		fd_close(&file->fd);
	}
	call_because(NULL);
	text_clear(&file->out);
}

/* Whether something is missing at the end that could not be written. */
bool pcapng_failed(const struct pcapng *file)
{
	return file->failed;
}

/* Writes what is left and frees everything. NULL is allowed. */
void pcapng_free(struct pcapng *file)
{
	if (file == NULL)
		return;
	pcapng_flush(file);
	fd_close(&file->fd);
	text_free(&file->out);
	free(file);
}
