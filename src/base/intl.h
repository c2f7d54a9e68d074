/* Marks what users read: _() is translated where it stands, N_() is translated where it is printed. */
#ifndef BASE_INTL_H
#define BASE_INTL_H

#include <config.h>

#if ENABLE_NLS
#include <libintl.h>
#define _(text) gettext(text)
#define ngettext_(one, many, n) ngettext(one, many, n)
#else
#define _(text) (text)
#define ngettext_(one, many, n) ((n) == 1 ? (one) : (many))
#endif
#define N_(text) text

#endif
