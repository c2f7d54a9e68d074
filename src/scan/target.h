/* One address of a scan: who is tried, by which ports, and from where. */
#ifndef SCAN_TARGET_H
#define SCAN_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address/address.h"
#include "base/error.h"
#include "io/resolve.h"
#include "socket/kind.h"

struct target {
	struct spec *spec;
	struct address *address;
	int low, high; /* the ports; both -1 where there are none */
	struct socket_kind kind;
	bool datagrams;		   /* ports that never say yes, and say no by ICMP at best */
	struct resolve_list hosts; /* each is tried for each port until one answers */
	struct resolve_list locals;
	int64_t timeout;
};

int target_parse(struct target *target, const char *text, bool any_group, struct error *error);
int target_look_up(struct target *target, int prefer, struct error *error);
void target_free(struct target *target);

#endif
