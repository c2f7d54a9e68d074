/* What a person may have meant with an option that is refused: the words beside the mark below it. */
#ifndef OPTION_HINT_H
#define OPTION_HINT_H

#include "option/option.h"

void option_hint_group(const char *name, const struct option *option, const char *address,
	struct error *error);
void option_hint_value(const struct option *option, const char *value, struct error *error);
void option_hint_interface(const char *name, struct error *error);
void option_hint_refused(const struct option *option, const char *value, struct error *error);

#endif
