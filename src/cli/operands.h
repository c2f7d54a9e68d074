#ifndef CLI_OPERANDS_H
#define CLI_OPERANDS_H

#include "cli/arguments.h"

void operands_hint_netcat(const struct arguments *arguments, struct error *error);
int operands_wrong_count(const struct arguments *arguments, struct error *error);

#endif
