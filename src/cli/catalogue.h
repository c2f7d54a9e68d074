/* The catalogue of addresses and options, printed: for people, for programs, for the manual. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "address/address.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "option/option.h"

void catalogue_addresses(enum list_format format, struct text *out);
char *catalogue_syntax(const struct address_type *type);
char *catalogue_usage(const struct option *option);
void catalogue_options(enum list_format format, struct text *out);

/* catalogue_mdoc.c: tables of the manual, with marks that doc/manual.awk looks for */
const char *catalogue_phase(const struct option *option);
void catalogue_mdoc_addresses(struct text *out);
void catalogue_mdoc_options(struct text *out);

#endif
