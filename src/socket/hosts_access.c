/*
 * The tables of TCP wrappers, hosts.allow and hosts.deny, as hosts_access(5) describes them: the
 * first rule of the first table that matches grants, else the first rule of the second one that
 * matches refuses, else the peer is welcome. A trailing option "allow" or "deny" of
 * hosts_options(5) turns a rule around.
 *
 * Whatever cannot be understood on the way to a verdict ends the search with HOSTS_ERROR, which
 * callers treat as a refusal: a table that can't be read, a malformed line or pattern, a netgroup,
 * a missing pattern file. Granting would follow from the rest in most cases, and a typing error
 * must not open a door. Rules for other daemons are looked at only as far as their list of daemons,
 * and patterns behind the deciding one not at all.
 *
 * Nothing is executed. Of the options, those that only do something besides ("spawn", "banners"
 * ...) are left out and noted in the reason. "twist" gives the peer another program in place of
 * this one and "aclexec" asks a program for the verdict; without them the peer is not to be served.
 * Users are always unknown, since no ident server is asked.
 */
#include "socket/hosts_access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "socket/hosts_access_search.h"

/* Matches a word against a daemon's or a user's name. */
static bool hosts_match_word(struct hosts_piece pattern, const char *word)
{
	if (hosts_same(pattern, "ALL"))
		return true;
	if (hosts_same(pattern, "KNOWN"))
		return strcasecmp(word, "unknown") != 0;
	return hosts_glob(pattern, word);
}

/* Splits "name@host"; false when there is no @ behind the first character. */
static bool hosts_split_at(struct hosts_piece word, struct hosts_piece *name,
	struct hosts_piece *host)
{
	const char *at = memchr(word.text + 1, '@', word.length - 1);

	*name = word;
	if (at == NULL)
		return false;
	name->length = (size_t)(at - word.text);
	*host = (struct hosts_piece){ at + 1, word.length - name->length - 1 };
	return true;
}

/*
 * Matches one word of a daemon list: a name or the port asked for, perhaps with a host of our own.
 */
static enum hosts_match hosts_match_daemon(struct hosts_search *s, struct hosts_piece word)
{
	struct hosts_piece name;
	struct hosts_piece host;
	bool has_host = hosts_split_at(word, &name, &host);
	unsigned int port;

	if (name.text[0] == '@')
		return hosts_broken(s, word, "is a netgroup, which no daemon can be in");
	if (!hosts_match_word(name, s->daemon) &&
		(s->local.family == AF_UNSPEC || !hosts_number(name, 65535, &port) ||
			port != s->local.port))
		return HOSTS_NO;
	return has_host ? hosts_match_host(s, &s->local, host) : HOSTS_YES;
}

/* Matches one word of a client list: a host, perhaps with a user. */
static enum hosts_match hosts_match_client(struct hosts_search *s, struct hosts_piece word)
{
	struct hosts_piece user;
	struct hosts_piece host;
	enum hosts_match result;

	if (word.text[0] == '/' || !hosts_split_at(word, &user, &host))
		return hosts_match_host(s, &s->peer, word);
	result = hosts_match_host(s, &s->peer, host);
	return result == HOSTS_YES ? hosts_match_word(user, "unknown") : result;
}

/*
 * Matches a list with its EXCEPTs, which nest to the right: a EXCEPT b EXCEPT c is a EXCEPT (b
 * EXCEPT c). So the list matches when an odd number of its parts do before the first one that
 * doesn't.
 */
static enum hosts_match hosts_match_list(struct hosts_search *s, struct hosts_piece list,
	enum hosts_match (*match)(struct hosts_search *, struct hosts_piece))
{
	struct hosts_piece rest = list;
	struct hosts_piece word;
	enum hosts_match part = HOSTS_NO;
	enum hosts_match result = HOSTS_NO;
	bool decided = false;
	bool empty = true;

	while (hosts_next(&rest, HOSTS_SEPARATORS, &word)) {
		if (!hosts_same(word, "EXCEPT")) {
			empty = false;
			if (!decided && part == HOSTS_NO)
				part = match(s, word);
			if (part == HOSTS_BROKEN)
				return HOSTS_BROKEN;
			continue;
		}
		if (empty)
			break;
		decided = decided || part == HOSTS_NO;
		if (!decided)
			result = result == HOSTS_NO ? HOSTS_YES : HOSTS_NO;
		part = HOSTS_NO;
		empty = true;
	}
	if (empty)
		return hosts_broken(s, list, "lacks a pattern");
	if (!decided && part == HOSTS_YES)
		result = result == HOSTS_NO ? HOSTS_YES : HOSTS_NO;
	return result;
}

/*
 * Cuts a line in two at its first colon outside of brackets; HOSTS_NO when there is none, and all
 * is front. An open bracket and an IPv6 address without any are caught here, where they would shift
 * the fields.
 */
static enum hosts_match hosts_cut(struct hosts_search *s, struct hosts_piece line,
	struct hosts_piece *front, struct hosts_piece *behind)
{
	struct hosts_piece rest = line;
	struct hosts_piece word;

	*front = line;
	*behind = (struct hosts_piece){ line.text + line.length, 0 };
	while (hosts_next(&rest, HOSTS_SEPARATORS, &word)) {
		bool inside = false;
		size_t i;

		for (i = 0; i < word.length && (inside || word.text[i] != ':'); i++) {
			if (word.text[i] == '[' || word.text[i] == ']')
				inside = word.text[i] == '[';
		}
		if (inside)
			return hosts_broken(s, word, "lacks a closing bracket");
		if (i == word.length)
			continue;
		if (memchr(word.text + i + 1, ':', word.length - i - 1) != NULL &&
			hosts_made_of(word, "0123456789abcdefABCDEF:./"))
			return hosts_broken(s, word, "is an IPv6 address without its brackets");
		front->length = (size_t)(word.text - line.text) + i;
		*behind = (struct hosts_piece){ word.text + i + 1,
			line.length - front->length - 1 };
		return HOSTS_YES;
	}
	return HOSTS_NO;
}

/*
 * Takes the next option off the front of the list, up to a colon without a backslash; false at the
 * end.
 */
static bool hosts_next_option(struct hosts_piece *list, struct hosts_piece *option,
	struct hosts_piece *keyword)
{
	size_t i = 0;

	if (list->length == 0)
		return false;
	while (i < list->length && (list->text[i] != ':' || (i > 0 && list->text[i - 1] == '\\')))
		i++;
	*option = hosts_trim((struct hosts_piece){ list->text, i });
	i += i < list->length;
	*list = (struct hosts_piece){ list->text + i, list->length - i };
	for (i = 0; i < option->length && strchr(HOSTS_BLANKS "=", option->text[i]) == NULL;)
		i++;
	*keyword = (struct hosts_piece){ option->text, i };
	return true;
}

/* Lets the options of the rule that matched change the verdict. */
static enum hosts_match hosts_read_options(struct hosts_search *s, struct hosts_piece list,
	enum hosts_verdict *verdict)
{
	struct hosts_piece option;
	struct hosts_piece keyword;
	bool refuse = false;
	bool last = false;

	while (hosts_next_option(&list, &option, &keyword)) {
		bool allow = hosts_same(keyword, "allow");
		bool twist = hosts_same(keyword, "twist");

		if (option.length == 0)
			continue;
		if (last)
			return hosts_broken(s, option, "stands behind the end of the rule");
		if (allow || hosts_same(keyword, "deny")) {
			if (option.length > keyword.length)
				return hosts_broken(s, option, "has a value and takes none");
			*verdict = allow ? HOSTS_GRANTED : HOSTS_DENIED;
			last = true;
			continue;
		}
		last = twist;
		refuse = refuse || twist || hosts_same(keyword, "aclexec");
		hosts_remark(s, "%s, line %lu: option \"%.*s\" is not carried out", s->path,
			s->line, option.length < 80 ? (int)option.length : 80, option.text);
	}
	if (refuse)
		*verdict = HOSTS_DENIED;
	return HOSTS_YES;
}

/* Matches one rule; where it does, its options have their say about the verdict. */
static enum hosts_match hosts_match_rule(struct hosts_search *s, struct hosts_piece rule,
	enum hosts_verdict *verdict)
{
	struct hosts_piece daemons;
	struct hosts_piece clients;
	struct hosts_piece options;
	struct hosts_piece rest;
	enum hosts_match result = hosts_cut(s, rule, &daemons, &rest);

	if (rule.text[rule.length - 1] == '\\')
		return hosts_broken(s, rule, "goes on behind the end of the file");
	if (result == HOSTS_NO)
		return hosts_broken(s, rule, "has no colon between daemons and clients");
	if (result == HOSTS_YES)
		result = hosts_match_list(s, daemons, hosts_match_daemon);
	if (result != HOSTS_YES)
		return result;
	if (hosts_cut(s, rest, &clients, &options) == HOSTS_BROKEN)
		return HOSTS_BROKEN;
	result = hosts_match_list(s, clients, hosts_match_client);
	return result == HOSTS_YES ? hosts_read_options(s, options, verdict) : result;
}

/*
 * Searches one table for the first rule that matches, whose line stays in s; no table is an empty
 * one.
 */
static enum hosts_match hosts_search_table(struct hosts_search *s, const char *path,
	enum hosts_verdict *verdict)
{
	struct hosts_piece rule;
	unsigned long number = 0;
	char *data;
	char *at;
	size_t length;
	enum hosts_match result;

	s->path = path;
	s->line = 1;
	result = hosts_load(s, path, &data, &length);
	if (result != HOSTS_YES)
		return result;
	result = HOSTS_NO;
	at = data;
	while (result == HOSTS_NO && hosts_next_line(&at, data + length, &rule, &number)) {
		if (!hosts_is_idle(rule))
			result = hosts_match_rule(s, rule, verdict);
		if (result == HOSTS_NO)
			s->line = number + 1;
	}
	free(data);
	return result;
}

/*
 * Asks the tables whether a peer may use a daemon; this may wait for name servers. Only
 * HOSTS_GRANTED lets it in. Where reason isn't NULL, *reason becomes a new string for the log,
 * which the caller frees, or NULL where nothing is to be said: why the peer is refused, and which
 * options of the deciding rule were left out.
 */
enum hosts_verdict hosts_access(const struct hosts_query *q, char **reason)
{
	struct hosts_search search = {
		.daemon = q->daemon != NULL ? q->daemon : "unknown",
		.files_left = HOSTS_FILES_MAX,
	};
	enum hosts_verdict verdict = HOSTS_GRANTED;
	enum hosts_match result;

	hosts_set_end(&search.peer, q->peer, q->peer_len);
	hosts_set_end(&search.local, q->local, q->local_len);
	result = hosts_search_table(&search,
		q->allow_path != NULL ? q->allow_path : "/etc/hosts.allow", &verdict);
	if (result == HOSTS_NO) {
		verdict = HOSTS_DENIED;
		result = hosts_search_table(&search,
			q->deny_path != NULL ? q->deny_path : "/etc/hosts.deny", &verdict);
		if (result == HOSTS_NO)
			verdict = HOSTS_GRANTED;
	}
	if (result == HOSTS_BROKEN)
		verdict = HOSTS_ERROR;
	if (verdict == HOSTS_DENIED)
		hosts_remark(&search, "refused by %s, line %lu", search.path, search.line);
	if (reason != NULL)
		*reason = search.reason;
	else
		free(search.reason);
	return verdict;
}
