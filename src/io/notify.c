#include "io/notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/system.h"
#include "io/sockaddr.h"

/* Sends READY=1 to the socket that NOTIFY_SOCKET names, if it names one: a path, or @ and an abstract name. */
void notify_ready(void)
{
	static const char message[] = "READY=1";
	const char *place = getenv("NOTIFY_SOCKET");
	struct sockaddr_any manager;
	struct error error = ERROR_EMPTY;
	bool abstract;
	int fd;

	if (call_pretends() || place == NULL || (place[0] != '/' && place[0] != '@'))
		return;
	abstract = place[0] == '@';
	fd = system_socket(AF_UNIX, SOCK_DGRAM, 0);
	if (sockaddr_unix(&manager, place + abstract, strlen(place + abstract), abstract, true,
		    &error) < 0 ||
		fd < 0 ||
		call_sendto(fd, message, strlen(message), MSG_NOSIGNAL, &manager.any,
			manager.length) < 0)
		log_warning(_("cannot tell %s that we are ready: %s"), place,
			error.message != NULL ? error.message : intl_reason(errno));
	error_clear(&error);
	fd_close(&fd);
}
