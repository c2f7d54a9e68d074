#ifndef ADDRESS_CHAT_H
#define ADDRESS_CHAT_H

#include "address/address.h"

extern const struct address_type address_chat_types[];

#endif
