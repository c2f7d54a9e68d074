/* Ports as netcats write them: numbers, ranges of numbers, and names of services. */
#ifndef FACE_NETCAT_PORTS_H
#define FACE_NETCAT_PORTS_H

#include "face/netcat_request.h"

/* From first to last; a service is one port. */
struct netcat_ports {
	int first, last;
};

int netcat_ports(const struct netcat_request *request, const char *text, int low,
	struct netcat_ports *ports, struct error *error);

#endif
