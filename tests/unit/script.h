/*
 * A peer that follows a script, for a stream without descriptors:
 *
 *     "R:hello,AGAIN,EOF"      what reading gives: data, or one of
 *         EOF                  the end of input
 *         EMPTY                an empty message
 *         AGAIN                nothing now
 *         *1000                a thousand x
 *         ECONNRESET ...       an error
 *     "W:3,AGAIN,EPIPE,END"    what writing gives: so many bytes are taken at most, or one of
 *         ALL                  everything is taken
 *         AGAIN, EPIPE ...     as above
 *         HOLD                 everything is taken, and waits to be sent
 *         SENT                 what waits is sent now; AGAIN and errors stand for flushing as well
 *         END, NOEND           no write may come but the half-close, which succeeds, or fails
 *         HOLDEND              the half-close, which waits to be sent
 *
 * Behind its script a source says nothing more and never ends, and a sink takes everything. Steps may be
 * prefixed R: or W: wherever that helps to read them. What the sink has met is a text: every write with a
 * '|' behind it, '.' for the half-close, and '~' where what waited was sent.
 */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include "base/text.h"
#include "io/stream.h"

struct script {
	struct stream stream; /* first, so that one is the other */
	const char *at;	      /* the next step */
	struct text met;
	unsigned reads, writes, ends; /* how often it was asked */
};

void script_open(struct script *script, const char *steps, unsigned traits);
bool script_is_over(const struct script *script);
void script_free(struct script *script);

#endif
