/* What a scan found: in lines for people and scripts, or in the words of the netcats. */
#ifndef SCAN_TELL_H
#define SCAN_TELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "scan/probe.h"
#include "scan/target.h"

/* What one host of a target has said of one port. */
struct finding {
	size_t host;
	enum outcome outcome;
	int number; /* errno, unless it is open */
};

bool tell_is_success(const struct target *target, const struct finding *finding);
void tell_line(const struct target *target, int port, const struct finding *finding,
	struct text *out);
void tell_report(const struct target *target, int port, const struct finding *finding, bool all);

#endif
