#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t size);
void *memory_zero(size_t count, size_t size);
void *memory_aligned(size_t alignment, size_t size);
void *memory_resize(void *old, size_t size);
void *memory_grow(void *old, size_t *room, size_t need, size_t size);
void *memory_copy(const void *data, size_t size);
char *memory_string(const char *text);
void memory_give_back(void);
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
