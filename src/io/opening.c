#include "io/opening.h"

#include <stdlib.h>

#include "base/intl.h"
#include "io/signals.h"

/* Goes on until the endpoint is open. Returns -1 with the error filled on failure, or when a signal wants an end. */
int opening_wait(struct opening *opening, struct endpoint *endpoint, struct error *error)
{
	struct pollset set = { 0 };
	int result = 0;

	opening->slot = POLLSET_NONE;
	for (;;) {
		int number;

		result = opening->ops->step(opening, &set, endpoint, error);
		if (result != 0)
			break;
		pollset_clear(&set);
		pollset_add(&set, signals_fd(), POLLIN);
		opening->ops->prepare(opening, &set);
		if (pollset_wait(&set) < 0) {
			result = error_failed(error, _("cannot wait for the connection"));
			break;
		}
		number = pollset_result(&set, 0) != 0 ? signals_ending() : 0;
		if (number != 0) {
			result = error_signal(error, number);
			break;
		}
	}
	pollset_free(&set);
	return result < 0 ? -1 : 0;
}

/* Frees it, wherever it stands; what isn't open yet is closed. NULL is allowed. */
void opening_free(struct opening *opening)
{
	if (opening == NULL)
		return;
	opening->ops->free(opening);
	free(opening);
}
