#include <stdlib.h>
#include <unistd.h>

#include <config.h>

#include "face/face.h"

/*
 * Leaves the program. Nothing here uses stdio, so there is nothing to flush, and a child per connection is
 * spared libc's farewell. Builds that look for leaks or count coverage do that during the farewell.
 */
static _Noreturn void leave(int status)
{
#if ORDERLY_EXIT
	exit(status);
#else
	_exit(status);
#endif
}

int main(int argc, char **argv)
{
	leave(face_main(argc, argv));
}
