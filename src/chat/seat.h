/* The terminal of standard input, while a line is edited there. */
#ifndef CHAT_SEAT_H
#define CHAT_SEAT_H

#include <stdbool.h>
#include <termios.h>

#include "chat/library.h"

/* What comes next from the keyboard. */
enum seat_key {
	SEAT_NOTHING, /* or the beginning of a letter only */
	SEAT_KEY,
	SEAT_NO_TEXT, /* a byte that is no part of a letter */
};

struct seat {
	struct termios before, ours;
	bool known;		  /* how the terminal was found */
	unsigned char keys[4096]; /* that have been read, but not taken */
	size_t first, count;
	size_t inside; /* so many of them end the letter whose beginning was taken */
};

bool seat_is_behind(const struct library *library);
bool seat_has_messages(void);
bool seat_has_input(const struct seat *seat);
bool seat_fill(struct seat *seat);
enum seat_key seat_look(const struct seat *seat);
int seat_next(struct seat *seat);
void seat_look_around(struct seat *seat);
void seat_take(struct seat *seat, const struct library *library);
void seat_keep(const struct seat *seat);
void seat_give(struct seat *seat, const struct library *library);

#endif
