/* One port on trial: every host of the target in turn, by steps that never block. */
#ifndef SCAN_PROBE_H
#define SCAN_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "io/pollset.h"
#include "io/sockaddr.h"
#include "scan/target.h"

/* What a host has said of its port. */
enum outcome {
	OUTCOME_OPEN,
	OUTCOME_SILENT, /* nothing, for as long as we waited */
	OUTCOME_REFUSED,
	OUTCOME_FAILED, /* it cannot be asked: probe->number is errno */
};

enum probe_state {
	PROBE_WAITING,
	PROBE_FOUND,   /* probe->outcome is known */
	PROBE_CROWDED, /* there is no descriptor for it now */
	PROBE_BROKEN,  /* the fault is on our side, and will be the same for every port */
};

struct probe {
	const struct target *target;
	int port;	/* -1: none */
	size_t entry;	/* whose line it is in the report */
	size_t host;	/* that is being asked */
	size_t attempt; /* of the types that a UNIX socket may have */
	int fd;
	struct sockaddr_any to;
	int64_t deadline, again;
	size_t slot;
	enum outcome outcome;
	int number;
};

enum probe_state probe_start(struct probe *probe, struct error *error);
void probe_prepare(struct probe *probe, struct pollset *set);
enum probe_state probe_step(struct probe *probe, const struct pollset *set, struct error *error);

#endif
