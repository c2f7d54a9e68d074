#include "base/near.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NEAR_LONGEST 40 /* a longer word is no misspelt keyword */

/* Lower case, and '_' counts as '-'. */
static char near_fold(char c)
{
	return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t near_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many insertions, deletions, replacements or swaps of neighbours lead from one word to the other. */
static size_t near_distance(const char *a, const char *b)
{
	size_t before[NEAR_LONGEST + 1], last[NEAR_LONGEST + 1], row[NEAR_LONGEST + 1];
	size_t length = strlen(b);

	memset(before, 0, sizeof(before));
	for (size_t j = 0; j <= length; j++)
		last[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t cost = near_fold(a[i - 1]) != near_fold(b[j - 1]);

			row[j] = near_least(last[j - 1] + cost,
				near_least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && near_fold(a[i - 1]) == near_fold(b[j - 2]) &&
				near_fold(a[i - 2]) == near_fold(b[j - 1]))
				row[j] = near_least(row[j], before[j - 2] + 1);
		}
		memcpy(before, last, sizeof(before));
		memcpy(last, row, sizeof(last));
	}
	return last[length];
}

/* Starts a search; a suggestion may differ by a third of the word's letters. */
void near_start(struct near *near, const char *word)
{
	size_t length = strlen(word);

	near->word = word;
	near->best = NULL;
	near->distance = length < 2 || length > NEAR_LONGEST ? 0 : length < 6 ? 2 : length / 3 + 1;
}

/* Considers one known word; it must outlive the search. */
void near_offer(struct near *near, const char *candidate)
{
	size_t distance;

	if (near->distance == 0 || strlen(candidate) > NEAR_LONGEST)
		return;
	distance = near_distance(near->word, candidate);
	if (distance < near->distance) {
		near->distance = distance;
		near->best = candidate;
	}
}

/* The one of some words, with a character between them, that is nearest to a misspelt one; NULL without. Owned by the caller. */
char *near_choice(const char *word, const char *choices, char between)
{
	char *copy = memory_string(choices), *best = NULL;
	struct near near;

	near_start(&near, word);
	for (char *start = copy, *end; start != NULL; start = end) {
		end = strchr(start, between);
		if (end != NULL)
			*end++ = '\0';
		near_offer(&near, start);
	}
	if (near.best != NULL)
		best = memory_string(near.best);
	free(copy);
	return best;
}

/* Considers a known word that doesn't outlive the call; *best is the nearest of them so far, owned by the caller. */
void near_offer_copy(struct near *near, const char *candidate, char **best)
{
	const char *before = near->best;

	near_offer(near, candidate);
	if (near->best == before)
		return;
	free(*best);
	near->best = *best = memory_string(candidate);
}

/* The network interface whose name is nearest to a misspelt one; NULL without. Owned by the caller. */
char *near_interface(const char *name)
{
	struct if_nameindex *list = if_nameindex();
	char *best = NULL;
	struct near near;

	near_start(&near, name);
	for (size_t i = 0; list != NULL && list[i].if_name != NULL; i++)
		near_offer_copy(&near, list[i].if_name, &best);
	if (list != NULL)
		if_freenameindex(list);
	return best;
}
