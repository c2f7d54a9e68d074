/* Who is called what in a hub, and the commands that are about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "session/hub_state.h"
#include "session/nick.h"

/* Who has that name, or NULL. */
static const struct member *hub_find(const struct hub *hub, const char *name)
{
	for (const struct member *member = hub->first; member != NULL; member = member->next) {
		if (member->name != NULL && nick_same(member->name, name))
			return member;
	}
	return NULL;
}

/* A name like the given one that nobody has. Owned by the caller. */
char *hub_unique_name(const struct hub *hub, const char *wish)
{
	char *name = nick_clean(wish);

	for (int i = 2; hub_find(hub, name) != NULL; i++) {
		free(name);
		name = nick_numbered(wish, i);
	}
	return name;
}

/* What a peer is called before it says otherwise: its address, or on UNIX sockets its user. */
char *hub_first_name(const struct hub *hub, const struct endpoint *endpoint)
{
	char text[SOCKADDR_TEXT];
	long user = endpoint_user(endpoint);

	if (endpoint->more == NULL)
		return hub_unique_name(hub, "");
	if (user >= 0)
		snprintf(text, sizeof(text), "uid%ld", user);
	else
		sockaddr_plain(&endpoint->more->peer, text);
	return hub_unique_name(hub, text);
}

/* Tells somebody what he is called. */
void hub_greet(struct hub *hub, struct member *member)
{
	hub_answer(hub, member, ROOM_GREETING, member->name);
}

/* /nick NAME */
static void hub_rename(struct hub *hub, struct member *member, const char *name, size_t length)
{
	const char *reason = nick_check(name, length);
	const struct member *other;
	char *wish;

	if (reason != NULL) {
		hub_answer(hub, member, "* %s", reason);
		return;
	}
	wish = memory_copy(name, length);
	other = hub_find(hub, wish);
	if (other != NULL && other != member) {
		hub_answer(hub, member, ROOM_TAKEN, wish);
		free(wish);
		return;
	}
	hub_report(hub, member, ROOM_RENAMED, member->name, wish);
	hub_answer(hub, member, ROOM_YOU_RENAMED, wish);
	free(member->name);
	member->name = wish;
}

/* /who */
static void hub_list_names(struct hub *hub, struct member *member)
{
	struct text names = TEXT_EMPTY;

	for (const struct member *other = hub->first; other != NULL; other = other->next) {
		if (other->name == NULL)
			continue;
		text_add_string(&names, names.length > 0 ? ", " : "");
		text_add_string(&names, other->name);
	}
	hub_answer(hub, member, ROOM_HERE, names.data);
	text_free(&names);
}

/* Whether the text begins with the word, and nothing or a blank follows; *rest is what does. */
static bool hub_is_command(const char *data, size_t length, const char *word, const char **rest)
{
	size_t size = strlen(word);

	if (length < size || memcmp(data, word, size) != 0 || (length > size && data[size] != ' '))
		return false;
	*rest = data + size;
	return true;
}

/* Obeys a line that is a command, and returns whether it was one. */
bool hub_obey(struct hub *hub, struct member *member, const struct piece *piece)
{
	const char *data = piece->data, *rest = NULL;
	size_t length = piece->length;

	if (!member->settings->names || !piece->starts || !piece->ends || data[0] != '/')
		return false;
	while (length > 0 && strchr("\r\n ", data[length - 1]) != NULL && data[length - 1] != '\0')
		length--;
	if (hub_is_command(data, length, "/who", &rest)) {
		hub_list_names(hub, member);
		return true;
	}
	if (!hub_is_command(data, length, "/nick", &rest))
		return false;
	while (rest < data + length && *rest == ' ')
		rest++;
	hub_rename(hub, member, rest, (size_t)(data + length - rest));
	return true;
}
