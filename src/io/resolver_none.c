/* The knobs where libc doesn't show its resolver. */
#include "base/intl.h"
#include "io/resolver.h"

/* Refuses to turn any of them. */
int resolver_change(const struct resolver_knobs *knobs, struct resolver_state *before,
	struct error *error)
{
	before->saved = NULL;
	if (resolver_rests(knobs))
		return 0;
	return error_failed(error, _("options of the name resolver are not built in"));
}

/* Nothing was turned. */
void resolver_restore(struct resolver_state *before)
{
	(void)before;
}
