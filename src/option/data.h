#ifndef OPTION_DATA_H
#define OPTION_DATA_H

#include <stddef.h>

int data_parse(const char *text, size_t length, unsigned char **out, size_t *out_length,
	size_t *bad_at, const char **reason);

#endif
