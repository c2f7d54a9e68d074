#ifndef FILTER_DUMP_H
#define FILTER_DUMP_H

#include "base/transfer.h"
#include "filter/filter.h"

struct filter *dump_to(int fd, char direction, unsigned form);
struct filter *dump_raw(int fd);

#endif
