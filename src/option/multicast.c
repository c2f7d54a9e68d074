#include "option/multicast.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "option/table.h"

/*
 * Cuts a value at the colons outside brackets, and takes the brackets off; freed by
 * multicast_free.
 */
void multicast_split(struct multicast *multicast, const char *value)
{
	char *p;

	*multicast = (struct multicast){ .copy = memory_string(value) };
	p = multicast->copy;
	for (char *next = p; next != NULL; p = next) {
		char *end = p[0] == '[' ? strchr(p, ']') : NULL;

		next = strchr(end != NULL ? end : p, ':');
		if (next != NULL)
			*next++ = '\0';
		if (end != NULL && end[1] == '\0') {
			*end = '\0';
			p++;
		}
		if (multicast->count < MULTICAST_WORDS)
			multicast->words[multicast->count] = p;
		multicast->count++;
	}
}

/* Cuts group:interface at the last colon, so that an IPv6 group does without brackets. */
void multicast_split_ipv6(struct multicast *multicast, const char *value)
{
	const char *colon = strrchr(value, ':');

	if (value[0] == '[' || colon == NULL) {
		multicast_split(multicast, value);
		return;
	}
	*multicast = (struct multicast){ .copy = memory_string(value), .count = 2 };
	multicast->copy[colon - value] = '\0';
	multicast->words[0] = multicast->copy;
	multicast->words[1] = multicast->copy + (colon - value) + 1;
}

/* Frees a value taken apart. */
void multicast_free(struct multicast *multicast)
{
	free(multicast->copy);
}

/* Judges a value by how many words it has, none of them empty, and frees it. */
static int multicast_check(struct multicast *multicast, size_t low, size_t high,
	const char *allowed, char **reason)
{
	bool good = multicast->count >= low && multicast->count <= high;

	for (size_t i = 0; good && i < multicast->count; i++)
		good = multicast->words[i][0] != '\0';
	multicast_free(multicast);
	if (good)
		return 0;
	*reason = memory_print(_("%s is needed"), allowed);
	return -1;
}

/* Whether the value is group:interface or group:address:interface. */
int check_membership(const char *value, char **reason)
{
	struct multicast multicast;

	multicast_split(&multicast, value);
	return multicast_check(&multicast, 2, 3, "group:interface", reason);
}

/* Whether the value is [group]:interface. */
int check_ipv6_join(const char *value, char **reason)
{
	struct multicast multicast;

	multicast_split_ipv6(&multicast, value);
	return multicast_check(&multicast, 2, 2, "[group]:interface", reason);
}

/* Whether the value is group:interface:source. */
int check_source_membership(const char *value, char **reason)
{
	struct multicast multicast;

	multicast_split(&multicast, value);
	return multicast_check(&multicast, 3, 3, "group:interface:source", reason);
}
