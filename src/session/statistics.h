/* How much has passed in a transfer, for those who asked. */
#ifndef SESSION_STATISTICS_H
#define SESSION_STATISTICS_H

#include "session/transfer.h"

void statistics_print(const struct transfer *transfer);

#endif
