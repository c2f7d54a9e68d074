/*
 * Filters: the first byte of the input chooses a chain, the second how large the blocks are. However the
 * data is cut into blocks, what comes out is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "filter/filter.h"
#include "filter/lines.h"
#include "filter/stop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct filter *make_chain(unsigned choice)
{
	static const enum line_ends ends[] = { LINE_ENDS_LF, LINE_ENDS_CR, LINE_ENDS_CRLF };
	enum line_ends reading = ends[choice % 3], writing = ends[choice / 3 % 3];
	struct filter *chain = NULL;

	if (choice / 9 % 2 != 0)
		filter_append(&chain, stop_at(0x1b));
	if (reading != LINE_ENDS_LF)
		filter_append(&chain, lines_reading(reading));
	if (writing != LINE_ENDS_LF)
		filter_append(&chain, lines_writing(writing));
	return chain;
}

/* Sends data through a fresh chain in blocks of a size. */
static void run(unsigned choice, const uint8_t *data, size_t size, size_t step, struct text *out)
{
	struct filter *chain = make_chain(choice);
	bool end = false;

	for (size_t at = 0; at < size && !end; at += step) {
		struct text block = TEXT_EMPTY;

		text_add(&block, data + at, size - at < step ? size - at : step);
		end = filter_pass(chain, &block);
		text_add(out, block.data, block.length);
		text_free(&block);
	}
	filter_free(chain);
}

/* What is shown on a terminal holds no control byte, and escaping it again changes nothing. */
static void check_terminal(const uint8_t *data, size_t size)
{
	struct text shown = TEXT_EMPTY, again = TEXT_EMPTY, dump = TEXT_EMPTY;

	escape_terminal(&shown, (const char *)data, size);
	for (size_t i = 0; i < shown.length; i++) {
		if ((unsigned char)shown.data[i] < 0x20 || shown.data[i] == 0x7f)
			abort();
	}
	escape_terminal(&again, shown.data, shown.length);
	if (again.length != shown.length ||
		(shown.length > 0 && memcmp(shown.data, again.data, shown.length) != 0))
		abort();
	if (escape_columns(shown.data, shown.length) > shown.length)
		abort();
	escape_dump(&dump, data, size);
	text_free(&shown);
	text_free(&again);
	text_free(&dump);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text whole = TEXT_EMPTY, parts = TEXT_EMPTY;

	check_terminal(data, size);
	if (size < 2)
		return 0;
	run(data[0], data + 2, size - 2, size, &whole);
	run(data[0], data + 2, size - 2, (size_t)data[1] + 1, &parts);
	if (whole.length != parts.length ||
		(whole.length > 0 && memcmp(whole.data, parts.data, whole.length) != 0))
		abort();
	text_free(&whole);
	text_free(&parts);
	return 0;
}
