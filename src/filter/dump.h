#ifndef FILTER_DUMP_H
#define FILTER_DUMP_H

#include "filter/filter.h"

enum dump_form {
	DUMP_TEXT = 1, /* -v */
	DUMP_HEX = 2,  /* -x; both: a table */
};

struct filter *dump_to(int fd, char direction, unsigned form);
struct filter *dump_raw(int fd);

#endif
