/* --digest: what both ends of a transfer compare. */
#ifndef SESSION_DIGESTS_H
#define SESSION_DIGESTS_H

#include "session/transfer.h"

void digests_watch(const struct plan *plan, int half, const struct endpoint *endpoint);
void digests_tell(const struct transfer *transfer);
void digests_add_json(const struct transfer *transfer, int way, struct text *out);
void digests_tell_member(const struct plan *plan, int side, const struct stream *reader,
	const struct stream *writer);

#endif
