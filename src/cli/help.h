#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/text.h"

void help_usage(int depth, struct text *out);
void help_version(struct text *out);

#endif
