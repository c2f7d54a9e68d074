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
 *
 * Names are looked up when the first pattern needs one, and count only if they lead back to the
 * address. A name that doesn't is matched by PARANOID and UNKNOWN and nothing else. Users are
 * always unknown, since no ident server is asked. Patterns made of digits and wildcards are about
 * addresses, so that a host which calls itself 10.example.org doesn't fit "10.*".
 */
#include "socket/hosts_access.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTS_TABLE_MAX ((size_t)1024 * 1024) /* bytes; what is larger is no table */
#define HOSTS_FILES_MAX 64 /* pattern files per query, which also ends those that name themselves */
#define HOSTS_NAME_MAX 1025 /* bytes that a host name takes, with its NUL */
#define HOSTS_BLANKS " \t\r\n"
#define HOSTS_SEPARATORS ", \t\r\n"

/* What became of a pattern, a list, a rule or a table; the first two are the values of a bool. */
enum hosts_match {
	HOSTS_NO,
	HOSTS_YES,
	HOSTS_BROKEN, /* it can't be judged; the reason says why */
};

enum hosts_name {
	HOSTS_NAME_UNASKED,
	HOSTS_NAME_KNOWN,
	HOSTS_NAME_UNKNOWN,
	HOSTS_NAME_FALSE, /* there is one, but it doesn't lead back to the address */
};

/* One end of the connection. IPv4 in an IPv6 coat is stored as IPv4. */
struct hosts_end {
	int family; /* AF_INET, AF_INET6, or AF_UNSPEC for what has no such address */
	unsigned char address[16];
	unsigned int scope;
	unsigned int port;
	enum hosts_name name_state;
	char name[HOSTS_NAME_MAX];
};

/* A piece of a table; not terminated. */
struct hosts_piece {
	const char *text;
	size_t length;
};

struct hosts_search {
	const char *daemon;
	struct hosts_end peer;
	struct hosts_end local;
	const char *path; /* the table at work, and the line where the rule begins */
	unsigned long line;
	int files_left;
	char *reason;
};

/*
 * Appends to the reason, "; " going between remarks. Without memory the remark is lost, never the
 * verdict.
 */
__attribute__((format(printf, 2, 3))) static void hosts_remark(struct hosts_search *s,
	const char *format, ...)
{
	char remark[512];
	size_t old = s->reason != NULL ? strlen(s->reason) : 0;
	size_t room;
	char *longer;
	va_list args;

	va_start(args, format);
	vsnprintf(remark, sizeof(remark), format, args);
	va_end(args);
	for (char *c = remark; *c != '\0'; c++) {
		if (!isprint((unsigned char)*c))
			*c = '?';
	}
	room = old + strlen(remark) + 3;
	if (old > 2000 || (longer = realloc(s->reason, room)) == NULL)
		return;
	s->reason = longer;
	snprintf(longer + old, room - old, "%s%s", old > 0 ? "; " : "", remark);
}

/* Notes what is wrong with a piece of the current rule, and says that the search is over. */
static enum hosts_match hosts_broken(struct hosts_search *s, struct hosts_piece piece,
	const char *why)
{
	int shown = piece.length < 80 ? (int)piece.length : 80;

	hosts_remark(s, "%s, line %lu: \"%.*s\" %s", s->path, s->line, shown, piece.text, why);
	return HOSTS_BROKEN;
}

/* Whether two pieces of text are the same, letter case aside. */
static bool hosts_same(struct hosts_piece piece, const char *word)
{
	return strlen(word) == piece.length && strncasecmp(piece.text, word, piece.length) == 0;
}

/* Whether a piece consists of the given characters only. */
static bool hosts_made_of(struct hosts_piece piece, const char *characters)
{
	for (size_t i = 0; i < piece.length; i++) {
		if (piece.text[i] == '\0' || strchr(characters, piece.text[i]) == NULL)
			return false;
	}
	return true;
}

/* Copies a piece into a buffer as a string; false when it doesn't fit. */
static bool hosts_copy(char *buffer, size_t size, struct hosts_piece piece)
{
	if (piece.length >= size)
		return false;
	memcpy(buffer, piece.text, piece.length);
	buffer[piece.length] = '\0';
	return true;
}

/* Takes the next word off the front of a list; false at its end. */
static bool hosts_next(struct hosts_piece *list, const char *separators, struct hosts_piece *word)
{
	const char *end = list->text + list->length;
	const char *start = list->text;
	const char *stop;

	while (start < end && strchr(separators, *start) != NULL)
		start++;
	for (stop = start; stop < end && strchr(separators, *stop) == NULL;)
		stop++;
	*word = (struct hosts_piece){ start, (size_t)(stop - start) };
	*list = (struct hosts_piece){ stop, (size_t)(end - stop) };
	return stop > start;
}

/* A piece without the blanks around it. */
static struct hosts_piece hosts_trim(struct hosts_piece piece)
{
	while (piece.length > 0 && strchr(HOSTS_BLANKS, piece.text[0]) != NULL) {
		piece.text++;
		piece.length--;
	}
	while (piece.length > 0 && strchr(HOSTS_BLANKS, piece.text[piece.length - 1]) != NULL)
		piece.length--;
	return piece;
}

/* Whether a text fits a pattern with * and ?, letter case aside. */
static bool hosts_glob(struct hosts_piece pattern, const char *text)
{
	const char *retry = NULL;
	size_t star = 0;
	size_t i = 0;

	while (*text != '\0') {
		char c = i < pattern.length ? pattern.text[i] : '\0';

		if (c == '*') {
			star = ++i;
			retry = text;
		} else if (i < pattern.length &&
			(c == '?' || tolower((unsigned char)c) == tolower((unsigned char)*text))) {
			i++;
			text++;
		} else if (retry != NULL) {
			i = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (i < pattern.length && pattern.text[i] == '*')
		i++;
	return i == pattern.length;
}

/* Takes family, address and port out of a socket address; what is no IP address stays unknown. */
static void hosts_set_end(struct hosts_end *end, const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	end->family = AF_UNSPEC;
	end->name_state = HOSTS_NAME_UNASKED;
	if (address == NULL ||
		length < offsetof(struct sockaddr, sa_family) + sizeof(address->sa_family))
		return;
	if (address->sa_family == AF_INET && length >= sizeof(four)) {
		memcpy(&four, address, sizeof(four));
		end->family = AF_INET;
		end->port = ntohs(four.sin_port);
		memcpy(end->address, &four.sin_addr, 4);
	} else if (address->sa_family == AF_INET6 && length >= sizeof(six)) {
		memcpy(&six, address, sizeof(six));
		end->family = AF_INET6;
		end->port = ntohs(six.sin6_port);
		end->scope = six.sin6_scope_id;
		memcpy(end->address, &six.sin6_addr, 16);
		if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
			end->family = AF_INET;
			memmove(end->address, end->address + 12, 4);
		}
	}
}

/* Whether a name resolves to the address of an end; numbers in the place of a name don't. */
static bool hosts_leads_back(const struct hosts_end *end, const char *name)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	bool found = false;

	hints.ai_flags = AI_NUMERICHOST;
	if (getaddrinfo(name, NULL, &hints, &list) == 0) {
		freeaddrinfo(list);
		return false;
	}
	hints.ai_flags = 0;
	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *entry = list; entry != NULL && !found; entry = entry->ai_next) {
		struct hosts_end other = { .family = AF_UNSPEC };

		hosts_set_end(&other, entry->ai_addr, entry->ai_addrlen);
		found = other.family == end->family &&
			memcmp(other.address, end->address, end->family == AF_INET ? 4 : 16) == 0;
	}
	freeaddrinfo(list);
	return found;
}

/* Looks up the name of an end, once, and says what became of it. */
static enum hosts_name hosts_look_up(struct hosts_end *end)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_scope_id = end->scope };
	const struct sockaddr *address = (const struct sockaddr *)&six;
	socklen_t length = sizeof(six);
	size_t last;

	if (end->name_state != HOSTS_NAME_UNASKED)
		return end->name_state;
	end->name_state = HOSTS_NAME_UNKNOWN;
	if (end->family == AF_UNSPEC)
		return end->name_state;
	if (end->family == AF_INET) {
		memcpy(&four.sin_addr, end->address, 4);
		address = (const struct sockaddr *)&four;
		length = sizeof(four);
	} else {
		memcpy(&six.sin6_addr, end->address, 16);
	}
	if (getnameinfo(address, length, end->name, sizeof(end->name), NULL, 0, NI_NAMEREQD) != 0)
		return end->name_state;
	last = strlen(end->name);
	if (last > 0 && end->name[last - 1] == '.')
		end->name[last - 1] = '\0';
	end->name_state = hosts_leads_back(end, end->name) ? HOSTS_NAME_KNOWN : HOSTS_NAME_FALSE;
	return end->name_state;
}

/* Whether the first bits of two addresses agree. */
static bool hosts_same_bits(const unsigned char *a, const unsigned char *b, unsigned int bits)
{
	unsigned int bytes = bits / 8;
	unsigned int mask = 0xff00u >> bits % 8 & 0xff;

	return memcmp(a, b, bytes) == 0 && (bits % 8 == 0 || ((a[bytes] ^ b[bytes]) & mask) == 0);
}

/* Reads a decimal number of at most five digits, without sign or leading zero. */
static bool hosts_number(struct hosts_piece piece, unsigned int limit, unsigned int *value)
{
	unsigned int number = 0;

	if (piece.length == 0 || piece.length > 5 || (piece.text[0] == '0' && piece.length > 1))
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		if (piece.text[i] < '0' || piece.text[i] > '9')
			return false;
		number = 10 * number + (unsigned int)(piece.text[i] - '0');
	}
	*value = number;
	return number <= limit;
}

/* Reads an IPv4 address. */
static bool hosts_read_four(struct hosts_piece piece, unsigned char address[4])
{
	char text[INET_ADDRSTRLEN];

	return hosts_copy(text, sizeof(text), piece) && inet_pton(AF_INET, text, address) == 1;
}

/* Matches the first fields of an IPv4 address, "131.155.". */
static enum hosts_match hosts_match_fields(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern)
{
	struct hosts_piece rest = pattern;
	unsigned char address[4];
	unsigned int fields = 0;
	unsigned int value;

	while (rest.length > 0) {
		const char *dot = memchr(rest.text, '.', rest.length);
		struct hosts_piece field = { rest.text,
			dot != NULL ? (size_t)(dot - rest.text) : 0 };

		if (fields == 3 || !hosts_number(field, 255, &value))
			return hosts_broken(s, pattern, "is no beginning of an IPv4 address");
		address[fields++] = (unsigned char)value;
		rest.text += field.length + 1;
		rest.length -= field.length + 1;
	}
	return end->family == AF_INET && hosts_same_bits(end->address, address, 8 * fields);
}

/* Matches "net/mask" and "net/bits" of IPv4. */
static enum hosts_match hosts_match_net(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern, size_t slash)
{
	struct hosts_piece net = { pattern.text, slash };
	struct hosts_piece rest = { pattern.text + slash + 1, pattern.length - slash - 1 };
	unsigned char address[4];
	unsigned char mask[4];
	unsigned int bits;

	if (!hosts_read_four(net, address))
		return hosts_broken(s, pattern, "has no IPv4 address in front of its slash");
	if (hosts_number(rest, 32, &bits))
		return end->family == AF_INET && hosts_same_bits(end->address, address, bits);
	if (!hosts_read_four(rest, mask))
		return hosts_broken(s, pattern,
			"has neither 0 to 32 bits nor a mask behind its slash");
	for (int i = 0; i < 4; i++) {
		if ((address[i] & ~mask[i]) != 0)
			return hosts_broken(s, pattern,
				"can't match, the network has bits beside its mask");
	}
	for (int i = 0; i < 4; i++) {
		if (end->family != AF_INET || (end->address[i] & mask[i]) != address[i])
			return HOSTS_NO;
	}
	return HOSTS_YES;
}

/*
 * Matches "[address]" and "[net]/bits" of IPv6. A pattern for IPv4 in an IPv6 coat is taken as
 * IPv4.
 */
static enum hosts_match hosts_match_six(struct hosts_search *s, const struct hosts_end *end,
	struct hosts_piece pattern)
{
	const char *close = memchr(pattern.text, ']', pattern.length);
	struct hosts_piece net = { pattern.text + 1,
		close != NULL ? (size_t)(close - pattern.text) - 1 : 0 };
	size_t behind = net.length + 2;
	struct hosts_piece rest = { pattern.text, 0 };
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	unsigned int bits = 128;

	if (close == NULL || !hosts_copy(text, sizeof(text), net) ||
		inet_pton(AF_INET6, text, &address) != 1)
		return hosts_broken(s, pattern, "has no IPv6 address in brackets");
	if (behind < pattern.length) {
		rest = (struct hosts_piece){ pattern.text + behind + 1,
			pattern.length - behind - 1 };
		if (pattern.text[behind] != '/' || !hosts_number(rest, 128, &bits))
			return hosts_broken(s, pattern, "wants /0 to /128 behind its bracket");
	}
	if (IN6_IS_ADDR_V4MAPPED(&address) && bits >= 96)
		return end->family == AF_INET &&
			hosts_same_bits(end->address, address.s6_addr + 12, bits - 96);
	return end->family == AF_INET6 && hosts_same_bits(end->address, address.s6_addr, bits);
}

/* Matches * and ? against the address, and against the name where the pattern has letters. */
static enum hosts_match hosts_match_glob(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	char text[INET6_ADDRSTRLEN];

	if (pattern.text[0] == '.' || pattern.text[pattern.length - 1] == '.' ||
		memchr(pattern.text, '/', pattern.length) != NULL)
		return hosts_broken(s, pattern, "mixes * or ? with another kind of pattern");
	if (end->family == AF_UNSPEC)
		return HOSTS_NO;
	inet_ntop(end->family, end->address, text, sizeof(text));
	if (hosts_glob(pattern, text))
		return HOSTS_YES;
	if (hosts_made_of(pattern, "0123456789.*?"))
		return HOSTS_NO;
	return hosts_look_up(end) == HOSTS_NAME_KNOWN && hosts_glob(pattern, end->name);
}

/* Matches a name, or ".domain" against the end of it. */
static enum hosts_match hosts_match_name(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	size_t length;

	if (!hosts_made_of(pattern,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."))
		return hosts_broken(s, pattern, "is no pattern for hosts");
	if (hosts_made_of(pattern, "0123456789."))
		return hosts_broken(s, pattern, "is no IPv4 address");
	if (hosts_look_up(end) != HOSTS_NAME_KNOWN)
		return HOSTS_NO;
	length = strlen(end->name);
	if (pattern.text[0] != '.')
		return hosts_same(pattern, end->name);
	return length > pattern.length && hosts_same(pattern, end->name + length - pattern.length);
}

static enum hosts_match hosts_match_file(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern);

/* Matches one host pattern against one end of the connection. */
static enum hosts_match hosts_match_host(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	const char *slash = memchr(pattern.text, '/', pattern.length);
	unsigned char address[4];

	if (hosts_same(pattern, "ALL"))
		return HOSTS_YES;
	if (hosts_same(pattern, "KNOWN"))
		return hosts_look_up(end) == HOSTS_NAME_KNOWN;
	if (hosts_same(pattern, "UNKNOWN"))
		return hosts_look_up(end) != HOSTS_NAME_KNOWN;
	if (hosts_same(pattern, "PARANOID"))
		return hosts_look_up(end) == HOSTS_NAME_FALSE;
	if (hosts_same(pattern, "LOCAL"))
		return hosts_look_up(end) == HOSTS_NAME_KNOWN && strchr(end->name, '.') == NULL;
	if (pattern.length == 0 || hosts_same(pattern, "EXCEPT"))
		return hosts_broken(s, pattern, "stands where a host belongs");
	if (pattern.text[0] == '@')
		return hosts_broken(s, pattern, "is a netgroup, which is not supported");
	if (pattern.text[0] == '/')
		return hosts_match_file(s, end, pattern);
	if (pattern.text[0] == '[')
		return hosts_match_six(s, end, pattern);
	if (memchr(pattern.text, '*', pattern.length) != NULL ||
		memchr(pattern.text, '?', pattern.length) != NULL)
		return hosts_match_glob(s, end, pattern);
	if (slash != NULL)
		return hosts_match_net(s, end, pattern, (size_t)(slash - pattern.text));
	if (pattern.text[pattern.length - 1] == '.')
		return hosts_match_fields(s, end, pattern);
	if (hosts_read_four(pattern, address))
		return end->family == AF_INET && memcmp(end->address, address, 4) == 0;
	return hosts_match_name(s, end, pattern);
}

/*
 * Reads a table or a pattern file. HOSTS_YES: *data is a new buffer without NULs inside, which the
 * caller frees; HOSTS_NO: there is no such file; HOSTS_BROKEN: it can't be used, as the reason
 * says.
 */
static enum hosts_match hosts_load(struct hosts_search *s, const char *path, char **data,
	size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum hosts_match result = HOSTS_BROKEN;
	struct stat status;
	size_t used = 0;
	ssize_t count;

	if (fd < 0 && errno == ENOENT)
		return HOSTS_NO;
	*data = fd >= 0 ? malloc(HOSTS_TABLE_MAX + 1) : NULL;
	if (*data == NULL || fstat(fd, &status) < 0) {
		hosts_remark(s, "unable to read %s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
		hosts_remark(s, "unable to read %s: not a regular file", path);
	} else {
		do {
			count = read(fd, *data + used, HOSTS_TABLE_MAX + 1 - used);
			used += count > 0 ? (size_t)count : 0;
		} while (count > 0 || (count < 0 && errno == EINTR));
		if (count < 0)
			hosts_remark(s, "unable to read %s: %s", path, strerror(errno));
		else if (used > HOSTS_TABLE_MAX)
			hosts_remark(s, "%s is larger than %zu bytes", path, HOSTS_TABLE_MAX);
		else if (memchr(*data, '\0', used) != NULL)
			hosts_remark(s, "%s holds NUL bytes", path);
		else
			result = HOSTS_YES;
	}
	*length = used;
	if (result != HOSTS_YES)
		free(*data);
	if (fd >= 0)
		close(fd);
	return result;
}

/*
 * Takes the next line off the front of a text and joins continued ones in place; false at the end.
 * number counts physical lines. A backslash with nothing to continue with stays at the end of the
 * line.
 */
static bool hosts_next_line(char **at, char *end, struct hosts_piece *line, unsigned long *number)
{
	char *start = *at;
	char *row = start;
	char *to = start;
	char *from;

	for (from = start; from < end; from++) {
		if (*from != '\n') {
			*to++ = *from;
			continue;
		}
		++*number;
		if (to > row && to[-1] == '\r')
			to--;
		if (to == row || to[-1] != '\\' || from + 1 == end) {
			from++;
			break;
		}
		row = --to;
	}
	*at = from;
	*line = hosts_trim((struct hosts_piece){ start, (size_t)(to - start) });
	return from > start;
}

/* Whether a line says nothing. */
static bool hosts_is_idle(struct hosts_piece line)
{
	return line.length == 0 || line.text[0] == '#';
}

/* Matches the patterns listed in a file, which are separated by blanks. */
static enum hosts_match hosts_match_file(struct hosts_search *s, struct hosts_end *end,
	struct hosts_piece pattern)
{
	enum hosts_match result;
	struct hosts_piece line;
	struct hosts_piece word;
	unsigned long number = 0;
	char *path;
	char *data;
	char *at;
	size_t length;

	if (s->files_left-- <= 0)
		return hosts_broken(s, pattern, "is one pattern file too many");
	path = strndup(pattern.text, pattern.length);
	if (path == NULL)
		return hosts_broken(s, pattern, "takes more memory than there is");
	result = hosts_load(s, path, &data, &length);
	free(path);
	if (result != HOSTS_YES)
		return hosts_broken(s, pattern, "can't be used");
	result = HOSTS_NO;
	at = data;
	while (result == HOSTS_NO && hosts_next_line(&at, data + length, &line, &number)) {
		if (hosts_is_idle(line))
			continue;
		while (result == HOSTS_NO && hosts_next(&line, HOSTS_BLANKS, &word))
			result = hosts_match_host(s, end, word);
	}
	free(data);
	return result;
}

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
