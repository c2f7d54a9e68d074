#include "io/ancillary.h"

/* There is no more. */
void ancillary_read_more(int level, int type, const void *data, size_t length,
	struct exports *exports)
{
	(void)level;
	(void)type;
	(void)data;
	(void)length;
	(void)exports;
}

/* The system doesn't tell. */
void ancillary_watch_local(int fd, int family)
{
	(void)fd;
	(void)family;
}

/* The address stays unknown. */
void ancillary_local(struct msghdr *message, struct sockaddr_any *local)
{
	(void)message;
	local->length = 0;
}

/* The system has another way to tell. */
long ancillary_user(int fd)
{
	(void)fd;
	return -1;
}
