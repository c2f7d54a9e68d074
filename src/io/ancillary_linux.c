/* Ancillary data that other systems don't have, or not in this form. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include "io/ancillary.h"

#include "base/call.h"

/* An ICMP error that the socket queued. */
static void ancillary_error(const void *data, size_t length, const char *type,
	struct exports *exports)
{
	static const struct {
		const char *name, *variable;
	} rows[] = {
		{ "errno", "IP_RECVERR_ERRNO" },
		{ "origin", "IP_RECVERR_ORIGIN" },
		{ "type", "IP_RECVERR_TYPE" },
		{ "code", "IP_RECVERR_CODE" },
		{ "info", "IP_RECVERR_INFO" },
		{ "data", "IP_RECVERR_DATA" },
	};
	struct sock_extended_err error;
	char text[16];

	if (length < sizeof(error))
		return;
	memcpy(&error, data, sizeof(error));
	const uint32_t values[] = { error.ee_errno, error.ee_origin, error.ee_type, error.ee_code,
		error.ee_info, error.ee_data };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), "%u", values[i]);
		ancillary_tell(exports, type, rows[i].name, rows[i].variable, text);
	}
}

/* Where an IPv4 packet was sent to. */
static void ancillary_target(const void *data, size_t length, struct exports *exports)
{
	struct in_pktinfo info;

	if (length < sizeof(info))
		return;
	memcpy(&info, data, sizeof(info));
	ancillary_interface((unsigned)info.ipi_ifindex, "IP_PKTINFO", "IP_IF", exports);
	ancillary_host(AF_INET, &info.ipi_spec_dst, "IP_PKTINFO", "locaddr", "IP_LOCADDR", exports);
	ancillary_host(AF_INET, &info.ipi_addr, "IP_PKTINFO", "dstaddr", "IP_DSTADDR", exports);
}

/* Reads one message that ancillary_read doesn't know. */
void ancillary_read_more(int level, int type, const void *data, size_t length,
	struct exports *exports)
{
	if (level == IPPROTO_IP && type == IP_PKTINFO)
		ancillary_target(data, length, exports);
	else if (level == IPPROTO_IP && type == IP_RECVERR)
		ancillary_error(data, length, "IP_RECVERR", exports);
	else if (level == IPPROTO_IPV6 && type == IPV6_RECVERR)
		ancillary_error(data, length, "IPV6_RECVERR", exports);
}

/* Has the kernel tell to which of our addresses packets were sent; if it won't, nobody is told. */
void ancillary_watch_local(int fd, int family)
{
	int on = 1;

	if (family == AF_INET)
		call_setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	else if (family == AF_INET6)
		call_setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

/* The address of ours that a packet was sent to, without the port; length 0 if that wasn't told. */
void ancillary_local(struct msghdr *message, struct sockaddr_any *local)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info;

	*local = (struct sockaddr_any){ .length = 0 };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->ip4.sin_family = AF_INET;
			local->ip4.sin_addr = info.ipi_spec_dst;
			local->length = sizeof(local->ip4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			if (IN6_IS_ADDR_MULTICAST(&info6.ipi6_addr))
				continue;
			local->ip6.sin6_family = AF_INET6;
			local->ip6.sin6_addr = info6.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
				local->ip6.sin6_scope_id = info6.ipi6_ifindex;
			local->length = sizeof(local->ip6);
		}
	}
}

/* The id of the user who has connected to, or listens on, the other end of a UNIX socket. */
long ancillary_user(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return call_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? -1
										: (long)peer.uid;
}
