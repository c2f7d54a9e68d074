/*
 * What is said about connections: in our own words or, for scripts that read those of another program, in the words
 * of a netcat. log_style says which; nothing but the wording depends on it.
 */
#ifndef SOCKET_REPORT_H
#define SOCKET_REPORT_H

#include <stdbool.h>

#include "base/error.h"
#include "io/sockaddr.h"

enum report_event {
	REPORT_LISTENING,   /* a socket waits for connections */
	REPORT_WAITING,	    /* a datagram socket waits for somebody to talk with */
	REPORT_BOUND,	    /* a datagram socket takes what comes from anybody */
	REPORT_ACCEPTED,    /* a connection */
	REPORT_HEARD,	    /* the first datagram of somebody who is talked with from now on */
	REPORT_PACKET,	    /* a datagram that is an endpoint of its own */
	REPORT_TURNED_AWAY, /* a connection or datagram that options don't let in */
	REPORT_CONNECTING,
	REPORT_CONNECTED,
	REPORT_NEXT,		 /* an address of a host doesn't answer, and another one is tried */
	REPORT_FAILED,		 /* the last one doesn't answer */
	REPORT_TIMED_OUT,	 /* the same, within the time that the user allows */
	REPORT_NO_HOST,		 /* a host isn't known */
	REPORT_NOT_BOUND,	 /* the address to wait at can't be had */
	REPORT_NOT_BOUND_CLIENT, /* the address to connect from can't be had */
	REPORT_NOBODY,		 /* nobody has come within the time that the user allows */
	REPORT_EVENTS,
};

/* What is known of an event; members that nobody knows stay zero. */
struct report {
	const char *host;    /* as the user wrote it */
	const char *service; /* as the user wrote it */
	const struct sockaddr_any *peer, *local;
	int type;	    /* SOCK_*; 0: a stream */
	bool numeric;	    /* nothing is looked up */
	int number;	    /* errno */
	const char *reason; /* why a host wasn't found, or isn't let in */
};

void report(enum report_event event, const struct report *facts);
void report_turned_away(const struct report *facts);
int report_failure(enum report_event event, const struct report *facts, struct error *error);
int report_unreachable(const struct report *facts, bool timed_out, bool more, struct error *error);
int report_no_host(const struct report *facts, struct error *error);
int report_nobody(struct error *error);

#endif
