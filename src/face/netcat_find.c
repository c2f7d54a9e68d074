/* Finds options by their letters and words. */
#include <stdlib.h>
#include <string.h>

#include "base/intl.h"
#include "base/memory.h"
#include "base/near.h"
#include "face/netcat_request.h"

/* Whom a face asks first, second and third. */
static const enum netcat_family *netcat_order(enum netcat_family family)
{
	static const enum netcat_family nc[] = { NETCAT_OPENBSD, NETCAT_TRADITIONAL, NETCAT_NCAT };
	static const enum netcat_family old[] = { NETCAT_TRADITIONAL, NETCAT_OPENBSD, NETCAT_NCAT };
	static const enum netcat_family ncat[] = { NETCAT_NCAT, NETCAT_OPENBSD,
		NETCAT_TRADITIONAL };

	return family == NETCAT_OPENBSD ? nc : family == NETCAT_TRADITIONAL ? old : ncat;
}

/* What a letter means under a face, or NULL. */
const struct netcat_option *netcat_find_letter(enum netcat_family family, char letter)
{
	const enum netcat_family *order = netcat_order(family);

	for (int i = 0; i < 3; i++) {
		const struct netcat_option *row = netcat_options;

		for (; row->summary != NULL; row++) {
			if (row->letter == letter && (row->families & order[i]))
				return row;
		}
	}
	return NULL;
}

/* Says that no word begins like this, and which one might have been meant. */
static void netcat_unknown(const char *word, size_t length, struct error *error)
{
	char *known = memory_copy(word, length);
	struct near near;

	error_usage(error, _("unknown option \"--%s\"; use option \"-h\" for help"), known);
	near_start(&near, known);
	for (const struct netcat_option *row = netcat_options; row->summary != NULL; row++) {
		if (row->word != NULL)
			near_offer(&near, row->word);
	}
	if (near.best != NULL) {
		error_place(error, known, 0, length);
		error_hint(error, _("did you mean --%s?"), near.best);
	}
	free(known);
}

/* The option with this word, or the only one that begins so. NULL with the error filled if there is none. */
const struct netcat_option *netcat_find_word(const char *word, size_t length, struct error *error)
{
	const struct netcat_option *found = NULL;

	for (const struct netcat_option *row = netcat_options; row->summary != NULL; row++) {
		if (row->word == NULL || strncmp(row->word, word, length) != 0)
			continue;
		if (row->word[length] == '\0')
			return row;
		if (found != NULL) {
			error_usage(error, _("option \"--%.*s\" may be --%s or --%s"), (int)length,
				word, found->word, row->word);
			return NULL;
		}
		found = row;
	}
	if (found == NULL)
		netcat_unknown(word, length, error);
	return found;
}
