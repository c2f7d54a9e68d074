/* The options of the address on the network's side. */
#ifndef FACE_NETCAT_OPTIONS_H
#define FACE_NETCAT_OPTIONS_H

#include "face/netcat_request.h"

void netcat_option(struct text *out, const char *name, const char *value);
void netcat_option_given(struct text *out, const char *name, const char *value);
void netcat_option_time(struct text *out, const char *name, int64_t time);
char *netcat_seconds(int64_t time);
int netcat_add_options(const struct netcat_request *request, struct text *out, struct error *error);

#endif
