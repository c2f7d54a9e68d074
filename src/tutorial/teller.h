/* What the tutorial says to the person before it, and what that person answers. */
#ifndef TUTORIAL_TELLER_H
#define TUTORIAL_TELLER_H

#include <stdbool.h>

#include "base/error.h"

/* How a line looks. */
enum teller_look {
	TELLER_PLAIN,
	TELLER_TITLE,
	TELLER_COMMAND,
	TELLER_SHOWN, /* by a program */
};

int teller_line(enum teller_look look, const char *text, struct error *error);
int teller_paragraph(const char *text, struct error *error);
int teller_ask(const char *prompt, char **answer, struct error *error);

#endif
