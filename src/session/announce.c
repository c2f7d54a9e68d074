#include "session/announce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/notify.h"
#include "io/sockaddr.h"

/* The word for a kind of socket. */
static const char *announce_word(int fd, const struct sockaddr_any *local)
{
	int type = SOCK_STREAM;
	socklen_t length = sizeof(type);

	if (local->any.sa_family == AF_UNIX)
		return "unix";
	call_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
	return type == SOCK_DGRAM ? "udp" : "tcp";
}

/* Writes a line to the descriptor of --ready-fd. Takes the line over. */
static void announce_ready(const struct plan *plan, char *line)
{
	if (call_pretends() && plan->ready_fd >= 0)
		call_note(_("descriptor %d of --ready-fd is told of it"), plan->ready_fd);
	if (call_pretends()) {
		free(line);
		return;
	}
	/* whoever was told what he waited for has left, and doesn't want to hear of every session */
	if (plan->ready_fd >= 0 && fd_write_all(plan->ready_fd, line, strlen(line)) < 0)
		log_at(errno == EPIPE ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
			_("cannot write to descriptor %d of --ready-fd: %s"), plan->ready_fd,
			intl_reason(errno));
	free(line);
}

/* Whether somebody sits at the terminal who would like to be told, and isn't told by the log. */
static bool announce_is_watched(const struct plan *plan)
{
	return !call_pretends() && !plan->classic && log_style() == LOG_STYLE_NETTOOL &&
		isatty(STDERR_FILENO) && log_shows(LOG_LEVEL_WARNING) &&
		!log_shows(LOG_LEVEL_NOTICE);
}

/* A line for --ready-fd, and one for the person at the terminal. */
static void announce(const struct plan *plan, int fd, const struct sockaddr_any *local)
{
	char text[SOCKADDR_TEXT];
	const char *word = announce_word(fd, local);

	sockaddr_plain(local, text);
	announce_ready(plan, memory_print("LISTEN %s %s\n", word, text));
	notify_ready();
	if (announce_is_watched(plan))
		log_forced(LOG_LEVEL_NOTICE, _("listening on %s %s"), word, text);
}

/* Says which device a pseudo terminal is. */
void announce_place(const struct plan *plan, const struct endpoint *endpoint)
{
	const char *place = endpoint->more != NULL ? endpoint->more->place : NULL;

	if (place == NULL || endpoint->program != NULL)
		return;
	announce_ready(plan, memory_print("PTY %s\n", place));
	if (announce_is_watched(plan))
		log_forced(LOG_LEVEL_NOTICE, _("the terminal is %s"), place);
}

/* Says where a socket listens. */
void announce_listener(const struct plan *plan, int fd)
{
	struct sockaddr_any local;

	if (sockaddr_local(fd, &local) == 0)
		announce(plan, fd, &local);
}

/* Says where a datagram socket receives from anybody: bound, and connected to nobody. */
void announce_receiver(const struct plan *plan, const struct endpoint *endpoint)
{
	struct sockaddr_any local, peer;
	const struct stream *reader = endpoint->reader;

	if (reader == NULL || !(reader->traits & STREAM_DATAGRAM) ||
		!(reader->traits & STREAM_SOCKET))
		return;
	if (reader->rfd != reader->wfd || sockaddr_local(reader->rfd, &local) < 0 ||
		sockaddr_peer(reader->rfd, &peer) == 0)
		return;
	if (sockaddr_port(&local) > 0 ||
		(local.any.sa_family == AF_UNIX && local.length > sizeof(local.any.sa_family)))
		announce(plan, reader->rfd, &local);
}
