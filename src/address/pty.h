#ifndef ADDRESS_PTY_H
#define ADDRESS_PTY_H

#include "address/address.h"

extern const struct address_type address_pty_types[];

#endif
