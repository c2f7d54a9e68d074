/* Values that name a multicast group: words between colons, IPv6 addresses in brackets. */
#ifndef OPTION_MULTICAST_H
#define OPTION_MULTICAST_H

#include <stddef.h>

#define MULTICAST_WORDS 3

/* A value taken apart; the words point into the copy. */
struct multicast {
	char *copy;
	char *words[MULTICAST_WORDS];
	size_t count; /* may exceed what fits */
};

void multicast_split(struct multicast *multicast, const char *value);
void multicast_split_ipv6(struct multicast *multicast, const char *value);
void multicast_free(struct multicast *multicast);

#endif
