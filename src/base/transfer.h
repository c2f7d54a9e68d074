/* The words in which options tell streams how to treat data. */
#ifndef BASE_TRANSFER_H
#define BASE_TRANSFER_H

#include <stdint.h>

/* How the writing side is told that no more data comes. */
enum half_close {
	HALF_CLOSE_DEFAULT, /* what suits the kind of descriptor */
	HALF_CLOSE_NONE,
	HALF_CLOSE_DOWN, /* shutdown(SHUT_WR) */
	HALF_CLOSE_CLOSE,
	HALF_CLOSE_NULL, /* an empty datagram */
	HALF_CLOSE_SAID, /* as by default, but not if nothing was said */
};

/* What a line ends with on the side that has the option; inside it is always LF. */
enum line_ends {
	LINE_ENDS_LF,
	LINE_ENDS_CR,
	LINE_ENDS_CRLF,
};

/* The simulated weather of what is written to an address. Shares are millionths of the packets. */
struct weather_settings {
	int64_t delay;	/* nanoseconds, and as all that follow 0 for none */
	int64_t jitter; /* up to so much more */
	int64_t drop;
	int64_t duplicate;
	int64_t reorder;
	int64_t chop; /* bytes of a write */
	int64_t rate; /* bytes a second */
	int64_t seed; /* -1: another one each time */
};

/* How -v and -x show data. */
enum dump_form {
	DUMP_TEXT = 1, /* -v */
	DUMP_HEX = 2,  /* -x; both: a table */
};

#endif
