/*
 * Addresses with their options, checked as for a run but never opened: no text may crash the checks, and
 * what is refused is refused with a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address/address.h"
#include "base/log.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Warnings of options that mean nothing here would fill the terminal. */
static void be_silent(void)
{
	static const struct log_settings settings = {
		.program = "fuzz_options",
		.level = LOG_LEVEL_FATAL,
	};
	static bool done;
	struct error error = ERROR_EMPTY;

	if (!done && log_open(&settings, &error) < 0)
		abort();
	done = true;
}

/* Creates one half of an address, with and without -g. */
static void check_half(const struct spec *spec)
{
	for (int any_group = 0; any_group < 2; any_group++) {
		struct error error = ERROR_EMPTY;
		struct address *address = address_create(spec, any_group != 0, &error);

		if (address == NULL) {
			if (error.kind != ERROR_USAGE || error.message == NULL ||
				error.text == NULL || error.column > strlen(error.text))
				abort();
		} else if (error.kind != ERROR_NONE || address->type == NULL) {
			abort();
		}
		address_free(address);
		error_clear(&error);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = ERROR_EMPTY;
	char *text = memory_copy(data, size);
	struct spec *spec = spec_parse(text, &error);

	be_silent();
	for (const struct spec *half = spec; half != NULL; half = half->writer)
		check_half(half);
	spec_free(spec);
	error_clear(&error);
	free(text);
	return 0;
}
