/*
 * --explain: the plan is run with calls that are only pretended (base/call.h), and what they say is printed. Whoever
 * opens, serves or transfers asks call_pretends() where a real run would never end.
 */
#ifndef SESSION_EXPLAIN_H
#define SESSION_EXPLAIN_H

#include "address/address.h"
#include "session/open.h"
#include "session/plan.h"

enum explain_format {
	EXPLAIN_TEXT,
	EXPLAIN_MERMAID,
};

int explain_run(struct plan *plan, enum explain_format format, struct error *error);
void explain_address(const struct address *address);
int explain_lines(void);
void explain_end(int status, const struct error *error);
int explain_transfer(const struct plan *plan, struct opened sides[2], struct error *error);
int explain_many(const struct plan *plan, struct opened sides[2], struct error *error);

#endif
