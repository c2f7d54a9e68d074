#include "face/netcat.h"

#include <stdlib.h>

#include "cli/nettool.h"

/* Runs the program as a netcat. Returns the exit status. */
int netcat_main(int argc, char **argv, const char *name)
{
	(void)name;
	return nettool_main(argc, argv);
}
