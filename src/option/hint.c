#include "option/hint.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/near.h"
#include "option/check.h"

/* To what the options of some groups belong, and what an address lacks that takes none of them. */
static const struct {
	unsigned groups;
	const char *sentence; /* of the option and the address */
} hint_groups[] = {
	{ GROUP_IP4 | GROUP_IP6, N_("%s belongs to IP sockets, %s has none") },
	{ GROUP_IP6, N_("%s belongs to IPv6, which %s doesn't use") },
	{ GROUP_IP4, N_("%s belongs to IPv4, which %s doesn't use") },
	{ GROUP_TCP | GROUP_UDP | GROUP_SCTP | GROUP_DCCP | GROUP_UDPLITE,
		N_("%s belongs to sockets with a port, %s has none") },
	{ GROUP_TCP, N_("%s belongs to TCP, which %s doesn't use") },
	{ GROUP_UDP, N_("%s belongs to UDP, which %s doesn't use") },
	{ GROUP_UDPLITE, N_("%s belongs to UDP-Lite, which %s doesn't use") },
	{ GROUP_SCTP, N_("%s belongs to SCTP, which %s doesn't use") },
	{ GROUP_DCCP, N_("%s belongs to DCCP, which %s doesn't use") },
	{ GROUP_UNIX, N_("%s belongs to UNIX sockets, %s has none") },
	{ GROUP_SOCKET, N_("%s belongs to sockets, %s has none") },
	{ GROUP_LISTEN, N_("%s belongs to addresses that listen, %s doesn't") },
	{ GROUP_CHILD, N_("%s belongs to addresses that make connections, %s makes none") },
	{ GROUP_RANGE, N_("%s belongs to addresses that others reach, nobody reaches %s") },
	{ GROUP_RETRY, N_("%s belongs to addresses that can try again, %s cannot") },
	{ GROUP_NAMED, N_("%s belongs to names in the file system, %s has none") },
	{ GROUP_OPEN, N_("%s belongs to files, %s opens none") },
	{ GROUP_REG, N_("%s belongs to files, %s is none") },
	{ GROUP_BLK, N_("%s belongs to disks, %s is none") },
	{ GROUP_CHR, N_("%s belongs to devices, %s is none") },
	{ GROUP_FIFO, N_("%s belongs to pipes, %s is none") },
	{ GROUP_PTY, N_("%s belongs to pseudo terminals, %s makes none") },
	{ GROUP_TERMIOS, N_("%s belongs to terminals, %s is none") },
	{ GROUP_FORK, N_("%s belongs to programs, %s runs none") },
	{ GROUP_PARENT, N_("%s belongs to programs, %s runs none") },
	{ GROUP_SHELL, N_("%s belongs to addresses with a shell, %s has none") },
	{ GROUP_EXEC, N_("%s belongs to EXEC, not to %s") },
	{ GROUP_READLINE, N_("%s belongs to READLINE, not to %s") },
	{ GROUP_CHAT, N_("%s belongs to CHAT, not to %s") },
	{ GROUP_OPENSSL, N_("%s belongs to TLS, which %s doesn't speak") },
	{ ~0u, N_("%s belongs to other addresses than %s") },
};

/* Fills in the hint from a sentence of the table, whose %s are the option and the address in this order. */
static void hint_sentence(const char *sentence, const char *option, const char *address,
	struct error *error)
{
	struct text text = TEXT_EMPTY;
	const char *words[] = { option, address };

	for (size_t i = 0; i < 2; i++) {
		size_t length = strcspn(sentence, "%");

		text_add(&text, sentence, length);
		text_add_string(&text, words[i]);
		sentence += length + strlen("%s");
	}
	text_add_string(&text, sentence);
	error_hint(error, "%s", text.data);
	text_free(&text);
}

/* Says where an option belongs that the address has no use for: those of exactly these groups, or of one of them. */
void option_hint_group(const char *name, const struct option *option, const char *address,
	struct error *error)
{
	size_t row = 0;

	while (hint_groups[row].groups != option->groups && hint_groups[row].groups != ~0u)
		row++;
	if (hint_groups[row].groups == ~0u)
		row = 0;
	while ((hint_groups[row].groups & option->groups) == 0)
		row++;
	hint_sentence(_(hint_groups[row].sentence), name, address, error);
}

/* Fills in a hint that names one word, and frees that. NULL: no hint. */
static void hint_mean(char *word, struct error *error)
{
	if (word != NULL)
		error_hint(error, _("did you mean %s?"), word);
	free(word);
}

/* The user whose name is nearest to a misspelt one, or NULL. Owned by the caller. */
static char *hint_user(const char *name)
{
	const struct passwd *entry;
	char *best = NULL;
	struct near near;

	near_start(&near, name);
	setpwent();
	while ((entry = getpwent()) != NULL)
		near_offer_copy(&near, entry->pw_name, &best);
	endpwent();
	return best;
}

/* The group whose name is nearest to a misspelt one, or NULL. Owned by the caller. */
static char *hint_group(const char *name)
{
	const struct group *entry;
	char *best = NULL;
	struct near near;

	near_start(&near, name);
	setgrent();
	while ((entry = getgrent()) != NULL)
		near_offer_copy(&near, entry->gr_name, &best);
	endgrent();
	return best;
}

/* Words where a number is needed: what they stand for, or NULL. Owned by the caller. */
static char *hint_number(const char *value, bool is_socket_type)
{
	static const struct {
		const char *word, *number;
		bool is_socket_type;
	} words[] = {
		{ "yes", "1", false },
		{ "on", "1", false },
		{ "true", "1", false },
		{ "no", "0", false },
		{ "off", "0", false },
		{ "false", "0", false },
		{ "stream", "1", true },
		{ "dgram", "2", true },
		{ "datagram", "2", true },
		{ "raw", "3", true },
		{ "seqpacket", "5", true },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (words[i].is_socket_type == is_socket_type &&
			strcasecmp(words[i].word, value) == 0)
			return memory_string(words[i].number);
	}
	return NULL;
}

/* Fills in the hint for a value that the option doesn't take: the one that is meant, if one is near. */
void option_hint_value(const struct option *option, const char *value, struct error *error)
{
	if (option->kind == OPTION_USER || option->check == check_user)
		hint_mean(hint_user(value), error);
	else if (option->kind == OPTION_GROUP)
		hint_mean(hint_group(value), error);
	else if (option->check == check_family)
		hint_mean(near_choice(value, "ip4|ip6|ipv4|ipv6|inet6|unix|local", '|'), error);
	else if (option->kind == OPTION_BOOL || option->kind == OPTION_INT)
		hint_mean(hint_number(value, strcmp(option->name, "so-type") == 0), error);
	else if (option->values != NULL && strchr(option->values, '|') != NULL)
		hint_mean(near_choice(value, option->values, '|'), error);
}

/* Fills in the hint for an interface that doesn't exist. */
void option_hint_interface(const char *name, struct error *error)
{
	char *best = near_interface(name);

	if (best == NULL)
		error_hint(error, _("\"ip link\" lists the interfaces of this machine"));
	hint_mean(best, error);
}

/* Fills in the hint for an option that the system refused to apply. */
void option_hint_refused(const struct option *option, const char *value, struct error *error)
{
	if (error->hint != NULL)
		return;
	if (error->number == ENODEV && option->values != NULL &&
		strcmp(option->values, "<interface>") == 0)
		option_hint_interface(value, error);
	else if (error->number == EPERM)
		error_hint(error, _("only root may do that"));
	else if (error->number == ENOPROTOOPT || error->number == EOPNOTSUPP)
		error_hint(error, _("this kind of socket doesn't know that option"));
	else if (error->number == ENOTTY)
		error_hint(error, _("what the address has opened doesn't know that option"));
}
