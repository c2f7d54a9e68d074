/* What a person can do about data that couldn't be read or written: the one hint below the message. */
#ifndef RELAY_ADVICE_H
#define RELAY_ADVICE_H

#include <stdbool.h>

#include "base/error.h"

void advice_write(int number, bool packets, struct error *error);
void advice_read(int number, struct error *error);

#endif
