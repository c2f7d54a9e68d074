/* Every address type, in the order of --list. Each array ends in a row without a name. */
#include "address/registry.h"

#include <stdlib.h>

#include "address/accept_fd.h"
#if HAVE_READLINE
#include "address/chat.h"
#endif
#include "address/exec.h"
#include "address/file.h"
#if HAVE_OPENSSL
#include "address/openssl.h"
#endif
#include "address/pipe.h"
#include "address/pty.h"
#include "address/stdio.h"
#include "address/tcp.h"
#include "address/text.h"
#include "address/udp.h"
#include "address/unix.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/text.h"

static const struct address_type *const registry[] = {
	address_stdio_types,
	address_file_types,
	address_pipe_types,
	address_text_types,
	address_tcp_types,
	address_udp_types,
#if HAVE_OPENSSL
	address_openssl_types,
#endif
	address_unix_types,
	address_accept_fd_types,
	address_exec_types,
	address_pty_types,
#if HAVE_READLINE
	address_chat_types,
#endif
	NULL,
};

/* Words that socat has and this build has not: "not built in" is another answer than "unknown". */
static const char *const registry_absent[] = {
	"DATAGRAM", "DCCP", "DCCP-CONNECT", "DCCP-L", "DCCP-LISTEN", "DCCP4", "DCCP4-CONNECT",
	"DCCP4-L", "DCCP4-LISTEN", "DCCP6", "DCCP6-CONNECT", "DCCP6-L", "DCCP6-LISTEN", "DGRAM", "IF",
	"INTERFACE", "IP", "IP-DATAGRAM", "IP-DGRAM", "IP-RECV", "IP-RECVFROM", "IP-SEND", "IP-SENDTO",
	"IP4", "IP4-DATAGRAM", "IP4-DGRAM", "IP4-RECV", "IP4-RECVFROM", "IP4-SEND", "IP4-SENDTO",
	"IP6", "IP6-DATAGRAM", "IP6-DGRAM", "IP6-RECV", "IP6-RECVFROM", "IP6-SEND", "IP6-SENDTO",
	"POSIXMQ", "POSIXMQ-BIDIRECTIONAL", "POSIXMQ-READ", "POSIXMQ-RECEIVE", "POSIXMQ-RECV",
	"POSIXMQ-SEND", "POSIXMQ-WRITE", "PROXY", "PROXY-CONNECT", "SCTP", "SCTP-CONNECT", "SCTP-L",
	"SCTP-LISTEN", "SCTP4", "SCTP4-CONNECT", "SCTP4-L", "SCTP4-LISTEN", "SCTP6", "SCTP6-CONNECT",
	"SCTP6-L", "SCTP6-LISTEN", "SENDTO", "SOCKET-CONNECT", "SOCKET-DATAGRAM", "SOCKET-LISTEN",
	"SOCKET-RECV", "SOCKET-RECVFROM", "SOCKET-SENDTO", "SOCKS", "SOCKS4", "SOCKS4A", "SOCKS5",
	"SOCKS5-BIND", "SOCKS5-CONNECT", "SOCKS5-LISTEN", "TUN", "UDPLITE", "UDPLITE-CONNECT",
	"UDPLITE-DATAGRAM", "UDPLITE-DGRAM", "UDPLITE-L", "UDPLITE-LISTEN", "UDPLITE-RECV",
	"UDPLITE-RECVFROM", "UDPLITE-SEND", "UDPLITE-SENDTO", "UDPLITE4", "UDPLITE4-CONNECT",
	"UDPLITE4-DATAGRAM", "UDPLITE4-DGRAM", "UDPLITE4-L", "UDPLITE4-LISTEN", "UDPLITE4-RECV",
	"UDPLITE4-RECVFROM", "UDPLITE4-SEND", "UDPLITE4-SENDTO", "UDPLITE6", "UDPLITE6-CONNECT",
	"UDPLITE6-DATAGRAM", "UDPLITE6-DGRAM", "UDPLITE6-L", "UDPLITE6-LISTEN", "UDPLITE6-RECV",
	"UDPLITE6-RECVFROM", "UDPLITE6-SEND", "UDPLITE6-SENDTO", "VSOCK", "VSOCK-CONNECT", "VSOCK-L",
	"VSOCK-LISTEN",
#if !HAVE_OPENSSL
	"DTLS", "DTLS-C", "DTLS-CLIENT", "DTLS-CONNECT", "DTLS-L", "DTLS-LISTEN", "DTLS-SERVER",
	"OPENSSL", "OPENSSL-CONNECT", "OPENSSL-DTLS-CLIENT", "OPENSSL-DTLS-CONNECT",
	"OPENSSL-DTLS-LISTEN", "OPENSSL-DTLS-SERVER", "OPENSSL-LISTEN", "SSL", "SSL-L",
	"OPENSSL-L", "SSL-CONNECT", "SSL-LISTEN", "TLS", "TLS-CONNECT", "TLS-L", "TLS-LISTEN",
#endif
#if !HAVE_READLINE
	"CHAT", "READLINE",
#endif
	NULL,
};

/* Calls visit for every address type. */
void registry_visit(void (*visit)(const struct address_type *type, void *context), void *context)
{
	for (size_t i = 0; registry[i] != NULL; i++) {
		for (const struct address_type *type = registry[i]; type->name != NULL; type++)
			visit(type, context);
	}
}

static bool registry_is_called(const struct address_type *type, const char *keyword)
{
	if (text_same_word(type->name, keyword))
		return true;
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++) {
		if (text_same_word(type->aliases[i], keyword))
			return true;
	}
	return false;
}

/* The type that a keyword names, in whatever case, or NULL. */
const struct address_type *registry_find(const char *keyword)
{
	for (size_t i = 0; registry[i] != NULL; i++) {
		for (const struct address_type *type = registry[i]; type->name != NULL; type++) {
			if (registry_is_called(type, keyword))
				return type;
		}
	}
	return NULL;
}

/* Whether a keyword is known but its type isn't part of this build. */
bool registry_is_absent(const char *keyword)
{
	for (size_t i = 0; registry_absent[i] != NULL; i++) {
		if (text_same_word(registry_absent[i], keyword))
			return true;
	}
	return false;
}

static void registry_offer(const struct address_type *type, void *context)
{
	near_offer(context, type->name);
	for (size_t i = 0; type->aliases != NULL && type->aliases[i] != NULL; i++)
		near_offer(context, type->aliases[i]);
}

/* The known keyword that is nearest to a misspelt one, or NULL. */
const char *registry_nearest(const char *keyword)
{
	char *longer = memory_print("TCP-%s", keyword);
	const struct address_type *type = registry_find(longer);
	struct near near;

	/* who writes LISTEN most often means TCP */
	free(longer);
	if (type != NULL)
		return type->name;
	near_start(&near, keyword);
	registry_visit(registry_offer, &near);
	return near.best;
}
