/* Options of UNIX sockets. */
#include "option/settings.h"
#include "option/table.h"

const struct option option_table_unix[] = {
	{ .name = "unix-tightsocklen", .aliases = NAMES("tightsocklen"), .kind = OPTION_BOOL,
	  .groups = GROUP_UNIX, .phase = PHASE_PREBIND,
	  .summary = N_("count the bytes of the name alone in the address length"),
	  .effect = STORE(unix, tight_length) },
	{ .name = "unix-bind-tempname", .aliases = NAMES("bind-tempname"),
	  .kind = OPTION_STRING_OR_NONE, .groups = GROUP_UNIX, .phase = PHASE_PREOPEN,
	  .summary = N_("give our socket a name of its own, XXXXXX is replaced"),
	  .values = "<template>", .check = check_temporary,
	  .effect = STORE(unix, bind_temporary) },
	{ .name = NULL },
};
