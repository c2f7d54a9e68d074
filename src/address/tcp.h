#ifndef ADDRESS_TCP_H
#define ADDRESS_TCP_H

#include "address/address.h"

extern const struct address_type address_tcp_types[];

#endif
