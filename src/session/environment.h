/* What a process is while an address opens (directory, umask, network namespace) and becomes afterwards. */
#ifndef SESSION_ENVIRONMENT_H
#define SESSION_ENVIRONMENT_H

#include "address/address.h"
#include "base/error.h"

struct environment {
	int directory;	   /* descriptor of the directory before, -1: unchanged */
	int net_namespace; /* the same for the namespace */
	int umask;
};

int environment_visit(struct environment *before, const struct address *address,
	struct error *error);
int environment_settle(const struct address *address, struct error *error);
int environment_enter(struct environment *before, const struct address *address,
	struct error *error);
int environment_leave(struct environment *before, struct error *error);
int environment_change(const struct address *address, struct error *error);

#endif
