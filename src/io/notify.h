/* Telling a service manager that we are ready. */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

void notify_ready(void);

#endif
