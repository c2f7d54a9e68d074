#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/intl.h"
#include "cli/nettool.h"

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

/*
 * Only words and characters follow the locale: a number is written the same way everywhere, or scripts would
 * break.
 */
int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
#if ENABLE_NLS
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
#endif
	leave(nettool_main(argc, argv));
}
