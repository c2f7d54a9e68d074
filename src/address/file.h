#ifndef ADDRESS_FILE_H
#define ADDRESS_FILE_H

#include "address/address.h"

extern const struct address_type address_file_types[];

#endif
