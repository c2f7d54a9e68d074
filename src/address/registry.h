#ifndef ADDRESS_REGISTRY_H
#define ADDRESS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "address/address.h"

const struct address_type *registry_find(const char *keyword);
const char *registry_nearest(const char *keyword);
bool registry_is_absent(const char *keyword);
void registry_visit(void (*visit)(const struct address_type *type, void *context), void *context);

#endif
