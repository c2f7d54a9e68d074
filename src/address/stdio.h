#ifndef ADDRESS_STDIO_H
#define ADDRESS_STDIO_H

#include "address/address.h"

extern const struct address_type address_stdio_types[];

#endif
