#ifndef FILTER_STOP_H
#define FILTER_STOP_H

#include "filter/filter.h"

struct filter *stop_at(unsigned char byte);

#endif
