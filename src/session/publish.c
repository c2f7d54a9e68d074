#include "session/publish.h"

#include <unistd.h>

#include "base/log.h"

/* Whether anybody will read the variables of a session: a program, or the names of -r and -R. */
static bool publish_is_wanted(const struct plan *plan)
{
	for (int i = 0; i < 2; i++) {
		const struct plan_side *side = &plan->sides[i];

		if (side->reader == NULL)
			continue;
		if ((side->reader->type->traits | side->writer->type->traits) & TRAIT_PROGRAM)
			return true;
	}
	return plan->copies[0] != NULL || plan->copies[1] != NULL;
}

/* Puts who we are into the environment; first is the process that the user has started. */
void publish_session(const struct plan *plan, pid_t first)
{
	struct exports exports = { 0 };

	if (!publish_is_wanted(plan))
		return;
	exports_add(&exports, "VERSION", PACKAGE_VERSION);
	exports_print(&exports, "PID", "%ld", (long)getpid());
	exports_print(&exports, "PPID", "%ld", (long)first);
	exports_publish(&exports, log_program(), true);
	exports_free(&exports);
}

/* Puts into the environment what is known of an endpoint. */
void publish_endpoint(const struct plan *plan, const struct endpoint *endpoint)
{
	if (publish_is_wanted(plan))
		endpoint_publish(endpoint, log_program(), true);
}

/* Takes out of the environment what was known of an endpoint: the next one is another. */
void publish_withdraw(const struct plan *plan, const struct endpoint *endpoint)
{
	if (publish_is_wanted(plan))
		endpoint_publish(endpoint, log_program(), false);
}
