/* Telling programs who we are and who is at the other end, by variables in the environment. */
#ifndef SESSION_PUBLISH_H
#define SESSION_PUBLISH_H

#include "session/plan.h"

void publish_session(const struct plan *plan, pid_t first);
void publish_endpoint(const struct plan *plan, const struct endpoint *endpoint);
void publish_withdraw(const struct plan *plan, const struct endpoint *endpoint);

#endif
