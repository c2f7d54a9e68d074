#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "base/text.h"

void complete_words(char **words, int count, struct text *out);

#endif
