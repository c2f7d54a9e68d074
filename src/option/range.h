/*
 * A network of peers: address/bits, address:mask, [address6]/bits, name/bits, or raw
 * xADDRESS:xMASK.
 */
#ifndef OPTION_RANGE_H
#define OPTION_RANGE_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define RANGE_RAW_MOST 126 /* bytes behind the family in a struct sockaddr_storage */

enum range_kind {
	RANGE_BITS, /* a host and how many leading bits count */
	RANGE_MASK, /* a host and a mask */
	RANGE_HOST, /* a host, all of whose bits count */
	RANGE_RAW,  /* the bytes of a sockaddr behind the family, and their mask */
};

struct range {
	enum range_kind kind;
	char host[NI_MAXHOST]; /* without brackets, for the resolver; "" where raw */
	int family;	       /* of an address in digits, AF_UNSPEC for a name */
	int bits;
	size_t length; /* of the mask, and of the raw address */
	unsigned char mask[RANGE_RAW_MOST];
	unsigned char address[RANGE_RAW_MOST];
};

int range_parse(const char *text, struct range *range, char **reason);
int range_parse_host(const char *text, struct range *range, char **reason);
const char *range_skip(const char *text);
char *range_next(const char **text);
bool range_covers(const struct range *range, const struct sockaddr *network,
	const struct sockaddr *peer);

#endif
