#ifndef ADDRESS_TEXT_H
#define ADDRESS_TEXT_H

#include "address/address.h"

extern const struct address_type address_text_types[];

#endif
