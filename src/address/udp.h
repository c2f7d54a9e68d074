#ifndef ADDRESS_UDP_H
#define ADDRESS_UDP_H

#include "address/address.h"

extern const struct address_type address_udp_types[];

#endif
