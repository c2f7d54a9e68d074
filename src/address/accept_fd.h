#ifndef ADDRESS_ACCEPT_FD_H
#define ADDRESS_ACCEPT_FD_H

#include "address/address.h"

extern const struct address_type address_accept_fd_types[];

#endif
