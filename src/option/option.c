#include "option/option.h"

#include <string.h>

#include "base/near.h"
#include "option/table.h"

const struct option *const option_tables[] = {
	option_table_every,
	option_table_process,
	option_table_file,
	option_table_socket,
	option_table_ip,
	option_table_tcp,
	option_table_unix,
	option_table_listen,
	option_table_program,
	option_table_terminal,
	option_table_chat,
#if HAVE_OPENSSL
	option_table_tls,
#endif
	NULL,
};

static const char *const option_kind_words[OPTION_KIND_COUNT] = {
	[OPTION_CONST] = "CONST",
	[OPTION_BOOL] = "BOOL",
	[OPTION_INT] = "INT",
	[OPTION_INT_OR_EMPTY] = "INT/NULL",
	[OPTION_MODE] = "MODE_T",
	[OPTION_USER] = "UID_T",
	[OPTION_GROUP] = "GID_T",
	[OPTION_SECONDS] = "STRUCT-TIMEVAL",
	[OPTION_SIZE] = "SIZE",
	[OPTION_PERCENT] = "PERCENT",
	[OPTION_STRING] = "STRING",
	[OPTION_STRING_OR_NONE] = "STRING-NULL",
	[OPTION_DATA] = "BIN",
	[OPTION_INT_INT] = "INT:INT",
	[OPTION_INT_DATA] = "INT:BIN",
	[OPTION_INT_STRING] = "INT:STRING",
	[OPTION_INT_INT_INT] = "INT:INT:INT",
	[OPTION_INT_INT_DATA] = "INT:INT:BIN",
	[OPTION_INT_INT_STRING] = "INT:INT:STRING",
};

static const char *const option_phase_words[PHASE_COUNT] = {
	[PHASE_INIT] = "INIT",
	[PHASE_EARLY] = "EARLY",
	[PHASE_PREOPEN] = "PREOPEN",
	[PHASE_OPEN] = "OPEN",
	[PHASE_PASTOPEN] = "PASTOPEN",
	[PHASE_PRESOCKET] = "PRESOCKET",
	[PHASE_SOCKET] = "SOCKET",
	[PHASE_PASTSOCKET] = "PASTSOCKET",
	[PHASE_BIGEN] = "BIGEN",
	[PHASE_PASTBIGEN] = "PASTBIGEN",
	[PHASE_PREBIND] = "PREBIND",
	[PHASE_BIND] = "BIND",
	[PHASE_LISTEN] = "LISTEN",
	[PHASE_CONNECT] = "CONNECT",
	[PHASE_CONNECTED] = "CONNECTED",
	[PHASE_ACCEPT] = "ACCEPT",
	[PHASE_PASTACCEPT] = "PASTACCEPT",
	[PHASE_OFFSET] = "OFFSET",
	[PHASE_FD] = "FD",
	[PHASE_PASTFORK] = "PASTFORK",
	[PHASE_LATE] = "LATE",
	[PHASE_LATE2] = "LATE2",
	[PHASE_PREEXEC] = "PREEXEC",
	[PHASE_SPECIFIC] = "SPECIFIC",
};

/* In the order of the bits of enum option_group. */
static const char *const option_group_words[] = { "FD", "FIFO", "CHR", "BLK", "REG", "SOCKET",
	"NAMED", "OPEN", "TERMIOS", "UNIX", "IP4", "IP6", "TCP", "UDP", "SCTP", "DCCP", "UDPLITE",
	"LISTEN", "CHILD", "RANGE", "RETRY", "(all)", "APPL", "PROCESS", "EXEC", "FORK", "SHELL",
	"PTY", "PARENT", "READLINE", "CHAT", "OPENSSL" };

/* Whether two words start alike, which spares the comparison of most. */
static bool option_starts_alike(const char *a, const char *b)
{
	return ((unsigned char)*a | 0x20) == ((unsigned char)*b | 0x20);
}

/* Whether a word is the name or an alias of the option. */
bool option_is_called(const struct option *option, const char *name)
{
	if (option_starts_alike(option->name, name) && text_same_word(option->name, name))
		return true;
	for (const char *const *alias = option->aliases; alias != NULL && *alias != NULL; alias++) {
		if (option_starts_alike(*alias, name) && text_same_word(*alias, name))
			return true;
	}
	return false;
}

/* The option of that name or alias, regardless of case; NULL when no table has it. */
const struct option *option_find(const char *name)
{
	for (const struct option *const *table = option_tables; *table != NULL; table++) {
		for (const struct option *option = *table; option->name != NULL; option++) {
			if (option_is_called(option, name))
				return option;
		}
	}
	return NULL;
}

/* The name of the constant that an effect sets, without the level in front of it. */
const char *option_constant(const struct option_effect *effect)
{
	const char *comma = strstr(effect->symbol, ", ");

	return comma != NULL ? comma + 2 : effect->symbol;
}

/* What this system would need to apply the option; NULL where it has all of it. */
const char *option_missing(const struct option *option)
{
	return option->effect.number == OPTION_MISSING ? option_constant(&option->effect) : NULL;
}

struct option_search {
	struct near near;
	unsigned groups;
};

/* Offers the names of an option that belongs to one of the groups to a search. */
static void option_offer(const struct option *option, void *context)
{
	struct option_search *search = context;

	if ((option->groups & search->groups) == 0)
		return;
	near_offer(&search->near, option->name);
	for (const char *const *alias = option->aliases; alias != NULL && *alias != NULL; alias++)
		near_offer(&search->near, *alias);
}

/*
 * The known word nearest to a misspelt one, of the given groups if there is one; NULL when none
 * is near.
 */
const char *option_nearest(const char *name, unsigned groups)
{
	struct option_search search = { .groups = groups | GROUPS_EVERYWHERE };

	near_start(&search.near, name);
	option_visit(option_offer, &search);
	if (search.near.best == NULL) {
		search.groups = ~0u;
		option_visit(option_offer, &search);
	}
	return search.near.best;
}

/* The word for what value an option takes. */
const char *option_kind_word(enum option_kind kind)
{
	return option_kind_words[kind];
}

/* The word for when an option acts. */
const char *option_phase_word(enum option_phase phase)
{
	return option_phase_words[phase];
}

/* Appends the words of the groups, with commas between them. */
void option_groups_words(unsigned groups, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < sizeof(option_group_words) / sizeof(option_group_words[0]); i++) {
		if ((groups & 1u << i) != 0) {
			text_print(out, "%s%s", comma, option_group_words[i]);
			comma = ",";
		}
	}
}

/* Calls visit for every option in every table that this system can apply. */
void option_visit(void (*visit)(const struct option *option, void *context), void *context)
{
	for (const struct option *const *table = option_tables; *table != NULL; table++) {
		for (const struct option *option = *table; option->name != NULL; option++) {
			if (option_missing(option) == NULL)
				visit(option, context);
		}
	}
}

/* Level and name of a socket option as they are written in C, such as "IPPROTO_TCP, TCP_NODELAY"; or NULL. */
const char *option_symbol(int level, int number)
{
	for (size_t i = 0; option_tables[i] != NULL; i++) {
		for (const struct option *row = option_tables[i]; row->name != NULL; row++) {
			const struct option_effect *effect = &row->effect;

			if (effect->apply != NULL && effect->level == level &&
				effect->number == number && effect->symbol != NULL &&
				(strncmp(effect->symbol, "SOL_", 4) == 0 ||
					strncmp(effect->symbol, "IPPROTO_", 8) == 0))
				return effect->symbol;
		}
	}
	return NULL;
}
