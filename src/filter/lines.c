/* Line ends: what comes from a side with cr or crnl gets LF inside, what goes to it gets its own again. */
#include "filter/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Every CR becomes LF. */
static bool lines_cr_to_lf(struct filter *filter, struct text *block)
{
	(void)filter;
	for (size_t i = 0; i < block->length; i++) {
		if (block->data[i] == '\r')
			block->data[i] = '\n';
	}
	return false;
}

/* Every CR vanishes, LF stays. */
static bool lines_drop_cr(struct filter *filter, struct text *block)
{
	size_t kept = 0;

	(void)filter;
	for (size_t i = 0; i < block->length; i++) {
		if (block->data[i] != '\r')
			block->data[kept++] = block->data[i];
	}
	block->length = kept;
	return false;
}

/* Every LF becomes CR. */
static bool lines_lf_to_cr(struct filter *filter, struct text *block)
{
	(void)filter;
	for (size_t i = 0; i < block->length; i++) {
		if (block->data[i] == '\n')
			block->data[i] = '\r';
	}
	return false;
}

/* Every LF becomes CR LF. */
static bool lines_lf_to_crlf(struct filter *filter, struct text *block)
{
	size_t added = 0, to;

	(void)filter;
	for (size_t i = 0; i < block->length; i++)
		added += block->data[i] == '\n';
	block->data = memory_grow(block->data, &block->room, block->length + added + 1, 1);
	to = block->length + added;
	for (size_t from = block->length; from-- > 0;) {
		block->data[--to] = block->data[from];
		if (block->data[from] == '\n')
			block->data[--to] = '\r';
	}
	block->length += added;
	return false;
}

/* The option crlf-out, which has to know how the block before has ended. */
struct lines_complete {
	struct filter base;
	bool after_cr;
};

/* Every LF that has no CR in front of it gets one. */
static bool lines_complete_lf(struct filter *filter, struct text *block)
{
	bool *after_cr = &((struct lines_complete *)filter)->after_cr;
	struct text whole = TEXT_EMPTY;

	for (size_t i = 0; i < block->length; i++) {
		if (block->data[i] == '\n' && !*after_cr)
			text_add_char(&whole, '\r');
		text_add_char(&whole, block->data[i]);
		*after_cr = block->data[i] == '\r';
	}
	text_clear(block);
	if (whole.length > 0)
		text_add(block, whole.data, whole.length);
	text_free(&whole);
	return false;
}

static void lines_free(struct filter *filter)
{
	free(filter);
}

/* Makes a filter without state. */
static struct filter *lines_create(const struct filter_ops *ops)
{
	struct filter *filter = memory_zero(1, sizeof(*filter));

	filter->ops = ops;
	return filter;
}

/* The filter for data that comes from a side with such line ends. Owned by the caller. */
struct filter *lines_reading(enum line_ends ends)
{
	static const struct filter_ops cr = { .pass = lines_cr_to_lf, .free = lines_free };
	static const struct filter_ops crlf = { .pass = lines_drop_cr, .free = lines_free };

	return lines_create(ends == LINE_ENDS_CR ? &cr : &crlf);
}

/* The filter for data that goes to a side with such line ends. Owned by the caller. */
struct filter *lines_writing(enum line_ends ends)
{
	static const struct filter_ops cr = { .pass = lines_lf_to_cr, .free = lines_free };
	static const struct filter_ops crlf = { .pass = lines_lf_to_crlf, .free = lines_free };

	return lines_create(ends == LINE_ENDS_CR ? &cr : &crlf);
}

/* The filter for data that goes to a side that wants CR LF, and may have it already. Owned by the caller. */
struct filter *lines_completing(void)
{
	static const struct filter_ops ops = { .pass = lines_complete_lf, .free = lines_free };
	struct lines_complete *lines = memory_zero(1, sizeof(*lines));

	lines->base.ops = &ops;
	return &lines->base;
}
