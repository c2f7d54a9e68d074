#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

/* A search for the known word that is nearest to a misspelt one. */
struct near {
	const char *word; /* what the user wrote */
	const char *best; /* the nearest so far, or NULL */
	size_t distance;
};

void near_start(struct near *near, const char *word);
void near_offer(struct near *near, const char *candidate);
void near_offer_copy(struct near *near, const char *candidate, char **best);
char *near_choice(const char *word, const char *choices, char between);
char *near_interface(const char *name);

#endif
