#include <locale.h>

#include "base/intl.h"
#include "cli/nettool.h"

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
	return nettool_main(argc, argv);
}
