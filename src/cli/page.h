/* What --help says of one word: the page of an address, or of an option. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/error.h"
#include "base/text.h"

int page_show(const char *word, struct text *out, struct error *error);

#endif
