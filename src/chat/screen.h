/* Text of others, made fit for our terminal. */
#ifndef CHAT_SCREEN_H
#define CHAT_SCREEN_H

#include <stdbool.h>

#include "base/text.h"

#define SCREEN_OWN \
	"-- " /* in front of what the program says itself; a room's own lines begin with a star */

void screen_safe(struct text *out, const char *data, size_t length);
void screen_record(struct text *out, const char *data, size_t length);
void screen_tail(struct text *out, const char *data, size_t length, size_t columns);
bool screen_is_plain(const char *data, size_t length);
size_t screen_name(const char *line, size_t length);
void screen_colored(struct text *out, const char *line, size_t length);
bool screen_is_dumb(void);
bool screen_is_utf8(void);
bool screen_has_colors(int wanted);

#endif
