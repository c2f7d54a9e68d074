/* Ancillary data that other systems don't have, or not in this form. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include "io/ancillary.h"

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
