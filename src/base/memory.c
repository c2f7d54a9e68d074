/*
 * The one place where an allocation can fail. A program that moves bytes has nothing sensible left to do
 * without memory, so it says so and ends; nobody else checks for NULL.
 */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* Ends the process; the message avoids everything that might allocate. */
static _Noreturn void memory_exhausted(void)
{
	static const char text[] = "nettool: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
		/* nobody is left to tell */
	}
	_exit(EXIT_STATUS_FAULT);
}

/* Allocates size bytes (at least one), owned by the caller. */
void *memory_alloc(size_t size)
{
	void *block = malloc(size > 0 ? size : 1);

	if (block == NULL)
		memory_exhausted();
	return block;
}

/* Allocates count elements of zeroes, owned by the caller. */
void *memory_zero(size_t count, size_t size)
{
	void *block = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (block == NULL)
		memory_exhausted();
	return block;
}

/* Allocates size bytes whose address is a multiple of a power of two, owned by the caller. */
void *memory_aligned(size_t alignment, size_t size)
{
	void *block;

	if (posix_memalign(&block, alignment, size > 0 ? size : 1) != 0)
		memory_exhausted();
	return block;
}

/* Resizes a block; the old pointer is void afterwards. */
void *memory_resize(void *old, size_t size)
{
	void *block = realloc(old, size > 0 ? size : 1);

	if (block == NULL)
		memory_exhausted();
	return block;
}

/* Makes room for need elements of the given size in a growing array; *room is what it holds now. */
void *memory_grow(void *old, size_t *room, size_t need, size_t size)
{
	size_t wanted = *room > 0 ? *room : 4;

	if (need <= *room)
		return old;
	while (wanted < need) {
		if (wanted > SIZE_MAX / 2 / size)
			memory_exhausted();
		wanted *= 2;
	}
	*room = wanted;
	return memory_resize(old, wanted * size);
}

/* Copies size bytes and adds a NUL that does not count; owned by the caller. */
void *memory_copy(const void *data, size_t size)
{
	char *copy = memory_alloc(size + 1);

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* Copies a string, owned by the caller; NULL stays NULL. */
char *memory_string(const char *text)
{
	return text != NULL ? memory_copy(text, strlen(text)) : NULL;
}

/* Prints into a new string, owned by the caller. */
char *memory_print(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		memory_exhausted();
	va_end(args);
	return text;
}
