#include "base/intl.h"

#include <errno.h>
#include <locale.h>
#include <stdbool.h>

#if ENABLE_NLS
#include <libintl.h>
#endif

/*
 * Takes the locale from the environment, once. Only words and characters follow it: a number is written the same
 * way everywhere, or scripts would break. The errno that the message is about survives.
 */
void intl_start(void)
{
	static bool started;
	int number = errno;

	if (started)
		return;
	started = true;
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
#if ENABLE_NLS
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
#endif
	errno = number;
}

/* The text in the user's language. */
const char *intl_translate(const char *text)
{
	intl_start();
#if ENABLE_NLS
	return gettext(text);
#else
	return text;
#endif
}
