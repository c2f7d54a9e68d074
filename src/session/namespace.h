/* Network namespaces: namespace_linux.c has them, namespace_none.c is for systems without. */
#ifndef SESSION_NAMESPACE_H
#define SESSION_NAMESPACE_H

#include "base/error.h"

int namespace_enter(const char *name, int *before, struct error *error);
int namespace_return(int before, struct error *error);

#endif
