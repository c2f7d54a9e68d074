#ifndef ADDRESS_UNIX_H
#define ADDRESS_UNIX_H

#include "address/address.h"

extern const struct address_type address_unix_types[];

#endif
