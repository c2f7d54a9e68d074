#ifndef ADDRESS_EXEC_H
#define ADDRESS_EXEC_H

#include "address/address.h"

extern const struct address_type address_exec_types[];

#endif
