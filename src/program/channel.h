/* How a program is joined to us: by a socket pair, two pipes, or a pseudo terminal. */
#ifndef PROGRAM_CHANNEL_H
#define PROGRAM_CHANNEL_H

#include <stdbool.h>

#include "io/endpoint.h"
#include "option/options.h"
#include "program/pty.h"

struct channel {
	bool reads, writes; /* what the program does with it */
	int input, output;  /* the program's, -1 where it keeps what we have */
	int terminal;	    /* the device, -1 unless it is a pseudo terminal */
	int theirs[2];	    /* those descriptors, each once */
	int rfd, wfd;	    /* ours, but for a pseudo terminal */
	struct pty pty;
	const char *word; /* for messages */
};

bool channel_is_pty(const struct options *options);
int channel_open(struct channel *channel, const struct options *options, bool reads, bool writes,
	bool window, struct error *error);
int channel_use(struct channel *channel, const struct options *options, struct endpoint *endpoint,
	struct error *error);
void channel_hand_over(struct channel *channel);
void channel_free(struct channel *channel);

#endif
