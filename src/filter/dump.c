/* Copies of the data for whoever watches: -v and -x print it readably, -r and -R keep it as it is. */
#include "filter/dump.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/wait.h"

#define DUMP_ROW 16 /* bytes in a row of the table */

struct dump {
	struct filter base;
	int fd;
	bool owned;	/* the descriptor is closed with the filter */
	char direction; /* '>' or '<' */
	unsigned form;
	uint64_t offset;
};

/* The line in front of each block. */
static void dump_head(const struct dump *dump, size_t length, struct text *out)
{
	text_print(out, "%c ", dump->direction);
	clock_stamp(out, true);
	text_print(out, "  length=%zu from=%llu to=%llu\n", length,
		(unsigned long long)dump->offset, (unsigned long long)(dump->offset + length - 1));
}

/* Rows of hexadecimal and text; a row ends after 16 bytes or a newline. */
static void dump_table(const unsigned char *data, size_t length, struct text *out)
{
	while (length > 0) {
		size_t row = 0;

		do {
			text_print(out, " %02x", data[row]);
		} while (data[row++] != '\n' && row < length && row < DUMP_ROW);
		text_print(out, "%*s  ", (int)(3 * (DUMP_ROW - row)), "");
		for (size_t i = 0; i < row; i++)
			text_add_char(out, data[i] >= ' ' && data[i] < 0x7f ? (char)data[i] : '.');
		text_add_char(out, '\n');
		data += row;
		length -= row;
	}
	text_add_string(out, "--\n");
}

/* Writes to a file. What can't be written is no reason to end the transfer. */
static void dump_write(const struct dump *dump, const char *data, size_t length)
{
	if (wait_write(dump->fd, data, length) < 0 && errno != EINTR)
		log_warning(_("cannot write the copy of the data: %s"), intl_reason(errno));
}

static bool dump_pass(struct filter *filter, struct text *block)
{
	struct dump *dump = (struct dump *)filter;
	const unsigned char *data = (const unsigned char *)block->data;
	struct text out = TEXT_EMPTY;

	if (block->length == 0)
		return false;
	dump_head(dump, block->length, &out);
	if (dump->form == (DUMP_TEXT | DUMP_HEX)) {
		dump_table(data, block->length, &out);
	} else if (dump->form == DUMP_HEX) {
		for (size_t i = 0; i < block->length; i++)
			text_print(&out, " %02x", data[i]);
		text_add_char(&out, '\n');
	} else {
		escape_dump(&out, data, block->length);
	}
	dump->offset += block->length;
	if (dump->fd != STDERR_FILENO) {
		dump_write(dump, out.data, out.length);
	} else if (!log_diverted(out.data, out.length)) {
		log_clear();
		wait_write(dump->fd, out.data, out.length);
	}
	text_free(&out);
	return false;
}

static bool dump_pass_raw(struct filter *filter, struct text *block)
{
	struct dump *dump = (struct dump *)filter;

	if (block->length > 0)
		dump_write(dump, block->data, block->length);
	return false;
}

static void dump_free(struct filter *filter)
{
	struct dump *dump = (struct dump *)filter;

	if (dump->owned)
		fd_close(&dump->fd);
	free(dump);
}

static struct filter *dump_create(const struct filter_ops *ops, int fd, bool owned, char direction,
	unsigned form)
{
	struct dump *dump = memory_zero(1, sizeof(*dump));

	dump->base.ops = ops;
	dump->fd = fd;
	dump->owned = owned;
	dump->direction = direction;
	dump->form = form;
	return &dump->base;
}

/* A filter that prints the data readably; fd stays the caller's. Owned by the caller. */
struct filter *dump_to(int fd, char direction, unsigned form)
{
	static const struct filter_ops ops = { .pass = dump_pass, .free = dump_free };

	return dump_create(&ops, fd, false, direction, form);
}

/* A filter that keeps the data as it is in a file, which it closes at its end. Owned by the caller. */
struct filter *dump_raw(int fd)
{
	static const struct filter_ops ops = { .pass = dump_pass_raw, .free = dump_free };

	return dump_create(&ops, fd, true, '>', 0);
}
