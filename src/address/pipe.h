#ifndef ADDRESS_PIPE_H
#define ADDRESS_PIPE_H

#include "address/address.h"

extern const struct address_type address_pipe_types[];

#endif
