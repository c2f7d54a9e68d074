/* What a terminal says is pasted: text, of which no character is a key. */
#ifndef CHAT_PASTE_H
#define CHAT_PASTE_H

#include <stdbool.h>

#include "base/text.h"

#define PASTE_BEGIN "\033[200~"

enum paste_step {
	PASTE_MORE,
	PASTE_LINE, /* a line has come to its end */
	PASTE_DONE, /* the paste has */
};

struct paste {
	struct text text; /* of the line that has no end yet */
	bool on;	  /* something is being pasted */
	bool returned;	  /* the last character was a carriage return */
};

void paste_begin(struct paste *paste);
enum paste_step paste_add(struct paste *paste, char c);

#endif
