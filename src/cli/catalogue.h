/* The catalogue of addresses and options, printed: for people, for programs, for the manual. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "base/text.h"
#include "cli/arguments.h"

void catalogue_addresses(enum list_format format, struct text *out);
void catalogue_options(enum list_format format, struct text *out);

#endif
