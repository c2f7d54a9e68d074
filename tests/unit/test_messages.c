#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/messages.h"

/* A text and what it is in the other language, which may hold a NUL. */
struct pair {
	const char *text;
	const char *other;
	size_t length;
};

#define PAIR(text, other) \
	{ \
		text, other, sizeof(other) - 1 \
	}
#define HEAD(rule) "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: " rule "\n"

static void put(unsigned char *file, size_t place, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		file[place + (size_t)i] = (unsigned char)(number >> (8 * i));
}

/* Makes a file of pairs, which come in their order. Returns its size. */
static size_t make(unsigned char *file, const struct pair *pairs, uint32_t count)
{
	size_t end = 28 + (size_t)count * 16;

	memset(file, 0, 28);
	put(file, 0, 0x950412de);
	put(file, 8, count);
	put(file, 12, 28);
	put(file, 16, 28 + count * 8);
	for (uint32_t i = 0; i < count; i++) {
		size_t length = strlen(pairs[i].text);

		put(file, 28 + i * 8, (uint32_t)length);
		put(file, 32 + i * 8, (uint32_t)end);
		memcpy(file + end, pairs[i].text, length + 1);
		end += length + 1;
		put(file, 28 + (count + i) * 8, (uint32_t)pairs[i].length);
		put(file, 32 + (count + i) * 8, (uint32_t)end);
		memcpy(file + end, pairs[i].other, pairs[i].length + 1);
		end += pairs[i].length + 1;
	}
	return end;
}

/* Opens a file of these bytes; it is gone again when this returns. */
static struct messages *open_bytes(const unsigned char *data, size_t size)
{
	char path[] = "/tmp/nettool-messages-XXXXXX";
	struct messages *messages;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	close(fd);
	messages = messages_open(path);
	unlink(path);
	return messages;
}

static struct messages *open_pairs(const struct pair *pairs, uint32_t count)
{
	unsigned char file[1024];

	return open_bytes(file, make(file, pairs, count));
}

static void test_texts_are_found(void **state)
{
	static const struct pair pairs[] = { PAIR("", HEAD("nplurals=2; plural=(n > 1);")),
		PAIR("address", "adresse"), PAIR("port", "port"), PAIR("socket", "la socket") };
	struct messages *messages = open_pairs(pairs, 4);

	(void)state;
	assert_non_null(messages);
	assert_string_equal(messages_find(messages, "address"), "adresse");
	assert_string_equal(messages_find(messages, "port"), "port");
	assert_string_equal(messages_find(messages, "socket"), "la socket");
	assert_string_equal(messages_find(messages, "host"), "host");
	assert_string_equal(messages_find(messages, "zone"), "zone");
	assert_string_equal(messages_find(messages, ""), "");
	messages_free(messages);
}

/* Expects the form of a number under a rule. */
static void expect_form(const char *rule, size_t rule_length, unsigned long number,
	const char *expected)
{
	const struct pair pairs[] = { { "", rule, rule_length }, PAIR("byte", "octet\0octets") };
	struct messages *messages = open_pairs(pairs, 2);

	assert_non_null(messages);
	assert_string_equal(messages_find_plural(messages, "byte", "bytes", number), expected);
	assert_string_equal(messages_find_plural(messages, "bit", "bits", number),
		number == 1 ? "bit" : "bits");
	messages_free(messages);
}

#define EXPECT_FORM(rule, number, expected) \
	expect_form(HEAD(rule), sizeof(HEAD(rule)) - 1, number, expected)

static void test_numbers_have_forms(void **state)
{
	(void)state;
	EXPECT_FORM("nplurals=2; plural=(n > 1);", 0, "octet");
	EXPECT_FORM("nplurals=2; plural=(n > 1);", 1, "octet");
	EXPECT_FORM("nplurals=2; plural=n>1;", 2, "octets");
	EXPECT_FORM("nplurals=2; plural=(n != 1);", 0, "octets");
	EXPECT_FORM("nplurals=2; plural=n != 1;", 1, "octet");
	EXPECT_FORM("nplurals=2; plural=(n != 1);", 7, "octets");
}

static void test_unknown_rule_stays_english(void **state)
{
	(void)state;
	EXPECT_FORM("nplurals=3; plural=(n%10==1 ? 0 : n%10>=2 ? 1 : 2);", 1, "byte");
	EXPECT_FORM("nplurals=3; plural=(n%10==1 ? 0 : n%10>=2 ? 1 : 2);", 2, "bytes");
}

/* Whatever byte of a file is another, and wherever it is cut off: what is found is text. */
static void test_broken_files(void **state)
{
	static const struct pair pairs[] = { PAIR("", HEAD("nplurals=2; plural=(n > 1);")),
		PAIR("address", "adresse"), PAIR("byte", "octet\0octets") };
	unsigned char file[1024];
	size_t size = make(file, pairs, 3);

	(void)state;
	for (size_t cut = 0; cut < size; cut += 3) {
		struct messages *messages = open_bytes(file, cut);

		if (messages == NULL)
			continue;
		assert_true(strlen(messages_find(messages, "address")) > 0);
		assert_true(strlen(messages_find_plural(messages, "byte", "bytes", 2)) > 0);
		messages_free(messages);
	}
	for (size_t place = 0; place < 28 + 3 * 16; place++) {
		unsigned char kept = file[place];
		struct messages *messages;

		file[place] = 0xff;
		messages = open_bytes(file, size);
		file[place] = kept;
		assert_true(messages != NULL || place < 4);
		if (messages == NULL)
			continue;
		assert_non_null(messages_find(messages, "address"));
		assert_non_null(messages_find_plural(messages, "byte", "bytes", 2));
		messages_free(messages);
	}
	assert_null(messages_open("/nonexistent/nettool.mo"));
	assert_null(messages_open("/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_are_found),
		cmocka_unit_test(test_numbers_have_forms),
		cmocka_unit_test(test_unknown_rule_stays_english),
		cmocka_unit_test(test_broken_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
