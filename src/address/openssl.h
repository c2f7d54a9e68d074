#ifndef ADDRESS_OPENSSL_H
#define ADDRESS_OPENSSL_H

#include "address/address.h"

extern const struct address_type address_openssl_types[];

#endif
