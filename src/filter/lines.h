#ifndef FILTER_LINES_H
#define FILTER_LINES_H

#include "base/transfer.h"
#include "filter/filter.h"

struct filter *lines_reading(enum line_ends ends);
struct filter *lines_writing(enum line_ends ends);
struct filter *lines_completing(void);

#endif
