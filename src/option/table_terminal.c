/* Options of terminals. */
#include "option/table.h"

const struct option option_table_terminal[] = {
	{ .name = NULL },
};
