#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/text.h"

void help_usage(const char *program, int depth, struct text *out);
void help_version(const char *program, struct text *out);

#endif
