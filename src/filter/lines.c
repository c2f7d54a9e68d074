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
	static const struct filter_ops cr = { lines_cr_to_lf, lines_free };
	static const struct filter_ops crlf = { lines_drop_cr, lines_free };

	return lines_create(ends == LINE_ENDS_CR ? &cr : &crlf);
}

/* The filter for data that goes to a side with such line ends. Owned by the caller. */
struct filter *lines_writing(enum line_ends ends)
{
	static const struct filter_ops cr = { lines_lf_to_cr, lines_free };
	static const struct filter_ops crlf = { lines_lf_to_crlf, lines_free };

	return lines_create(ends == LINE_ENDS_CR ? &cr : &crlf);
}
