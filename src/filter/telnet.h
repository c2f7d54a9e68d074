#ifndef FILTER_TELNET_H
#define FILTER_TELNET_H

#include "filter/filter.h"

struct filter *telnet_reading(void);

#endif
