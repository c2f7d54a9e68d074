/*
 * The small notations: data, networks of peers, numbers, families, name servers. Each either yields a
 * value that keeps its promises or a reason.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "option/check.h"
#include "option/data.h"
#include "option/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_data(const uint8_t *text, size_t size)
{
	/* exactly as large as the text, so that a sanitizer sees a byte read too many */
	char *copy = memory_alloc(size);
	unsigned char *out = NULL;
	size_t length = 0, bad_at = 0;
	const char *reason = NULL;

	if (size > 0)
		memcpy(copy, text, size);
	if (data_parse(copy, size, &out, &length, &bad_at, &reason) < 0) {
		require(out == NULL);
		require(reason != NULL);
		require(bad_at <= size);
	} else {
		require(out != NULL);
		for (size_t i = 0; i < length; i++)
			((volatile unsigned char *)out)[i] = out[i];
	}
	free(out);
	free(copy);
}

static void check_ranges(const char *text)
{
	struct range range;
	char *reason = NULL;

	if (range_parse(text, &range, &reason) < 0) {
		require(reason != NULL);
		free(reason);
		return;
	}
	require(range.length <= RANGE_RAW_MOST);
	require(memchr(range.host, '\0', sizeof(range.host)) != NULL);
	require(range.kind != RANGE_BITS || (range.bits >= 0 && range.bits <= 128));
}

static void check_numbers(const char *text)
{
	intmax_t value = 7;
	int64_t nanoseconds;
	unsigned mode;
	char *reason = NULL;

	if (number_parse(text, -5, 1000, &value, &reason) == 0)
		require(value >= -5 && value <= 1000);
	else
		require(value == 7 && reason != NULL);
	free(reason);
	reason = NULL;
	if (number_parse_octal(text, &mode, &reason) == 0)
		require(mode <= 07777);
	else
		require(reason != NULL);
	free(reason);
	reason = NULL;
	if (number_parse_seconds(text, &nanoseconds, &reason) < 0)
		require(reason != NULL);
	free(reason);
}

static void check_words(const char *text)
{
	struct sockaddr_in server;
	char *reason = NULL;
	int family;

	if (check_family_parse(text, &family, &reason) < 0)
		require(reason != NULL);
	free(reason);
	reason = NULL;
	if (check_name_server_parse(text, &server, &reason) < 0)
		require(reason != NULL);
	else
		require(server.sin_port != 0);
	free(reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memory_copy(data, size);

	check_data(data, size);
	check_ranges(text);
	check_numbers(text);
	check_words(text);
	free(text);
	return 0;
}
