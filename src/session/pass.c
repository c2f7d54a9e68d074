#include "session/pass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "io/sockaddr.h"
#include "io/wait.h"

/* Why an address can't be given away; NULL if that depends on what it opens. */
static const char *pass_reason(const struct plan_side *side)
{
	const struct address *address = side->reader;
	const struct child_settings *child = SETTINGS(address->options, child);

	if (side->writer != address)
		return _("--pass-fd: a dual address has no single descriptor");
	if (address->type->traits & (TRAIT_PROGRAM | TRAIT_COMMAND))
		return _("--pass-fd: a program would end with nettool");
	if (child->fork || child->poll || SETTINGS(address->options, hub)->hub != NULL)
		return _("--pass-fd passes one descriptor: fork, poll and hub are not possible");
	return NULL;
}

/* Refuses what can be known not to work before anything is opened. */
int pass_check(const struct plan *plan, struct error *error)
{
	const struct plan_side *side = &plan->sides[0];
	const char *reason = pass_reason(side);
	struct sockaddr_any local;

	if (reason != NULL) {
		error_usage(error, "%s", reason);
		error_place(error, side->text, 0, strlen(side->text));
		return -1;
	}
	if (sockaddr_local(STDOUT_FILENO, &local) < 0 || local.any.sa_family != AF_UNIX)
		return error_usage(error,
			_("--pass-fd: standard output is not a UNIX domain socket"));
	return 0;
}

/* Sends a descriptor, and one byte that carries it. */
static int pass_send(int fd, struct error *error)
{
	_Alignas(struct cmsghdr) unsigned char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	char byte = '\0';
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	while (call_sendmsg(STDOUT_FILENO, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return error_system(error, errno, _("cannot pass the descriptor on"));
		if (wait_for(STDOUT_FILENO, POLLOUT, CLOCK_NEVER, error) < 0)
			return -1;
	}
	log_notice("passed descriptor %d on", fd);
	return 0;
}

/* The stream of an endpoint that has one descriptor and nothing else, or NULL. */
static const struct stream *pass_stream(const struct endpoint *endpoint)
{
	const struct stream *stream = endpoint->reader != NULL ? endpoint->reader
							       : endpoint->writer;

	if (stream == NULL || stream->ops != NULL || endpoint->program != NULL ||
		(endpoint->writer != NULL && endpoint->writer != stream))
		return NULL;
	if (stream->rfd >= 0 && stream->wfd >= 0 && stream->rfd != stream->wfd)
		return NULL;
	return stream;
}

/*
 * Gives the descriptor of an endpoint away over standard output. Who gets it expects one that blocks, as descriptors
 * do; one that was inherited stays as it is. Returns -1 with the error filled on failure.
 */
int pass_on(const struct plan *plan, struct endpoint *endpoint, struct error *error)
{
	const struct stream *stream = pass_stream(endpoint);
	int fd;

	if (stream == NULL) {
		error_failed(error, _("there is no single descriptor that could be passed on"));
		error_name(error, plan->sides[0].reader->text);
		return -1;
	}
	fd = stream->rfd >= 0 ? stream->rfd : stream->wfd;
	if (!(stream->traits & STREAM_KEEP) && fd_set_nonblocking(fd, false) < 0)
		return error_system(error, errno, _("cannot use descriptor %d"), fd);
	return pass_send(fd, error);
}
