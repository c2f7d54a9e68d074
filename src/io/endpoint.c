#include "io/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "io/ancillary.h"

/* Gives an endpoint its stream for both directions, as far as the stream has them; it becomes the endpoint's. */
void endpoint_use(struct endpoint *endpoint, struct stream *stream)
{
	endpoint->reader = endpoint->writer = stream;
}

/* Makes an endpoint of descriptors, -1 for none. They are closed on failure, unless they are inherited. */
int endpoint_open(struct endpoint *endpoint, int rfd, int wfd, unsigned traits, struct error *error)
{
	struct stream *stream = memory_zero(1, sizeof(*stream));

	if (stream_open(stream, rfd, wfd, traits) == 0) {
		endpoint_use(endpoint, stream);
		return 0;
	}
	error_system(error, errno, _("cannot use descriptor %d"), rfd >= 0 ? rfd : wfd);
	free(stream);
	if (!(traits & STREAM_KEEP)) {
		if (wfd != rfd)
			fd_close(&wfd);
		fd_close(&rfd);
	}
	return -1;
}

/* Makes an endpoint of a socket that is ours and doesn't block. */
void endpoint_open_socket(struct endpoint *endpoint, int fd, int type)
{
	struct stream *stream = memory_zero(1, sizeof(*stream));

	stream_open_socket(stream, fd, type);
	endpoint_use(endpoint, stream);
}

/* Adds address and port as PEERADDR and PEERPORT, or SOCKADDR and SOCKPORT. */
static void endpoint_export(struct exports *exports, const char *prefix,
	const struct sockaddr_any *address)
{
	char name[16], text[SOCKADDR_TEXT];

	if (address->length == 0)
		return;
	snprintf(name, sizeof(name), "%sADDR", prefix);
	exports_add(exports, name, sockaddr_host(address, text));
	snprintf(name, sizeof(name), "%sPORT", prefix);
	if (sockaddr_port(address) >= 0)
		exports_print(exports, name, "%d", sockaddr_port(address));
}

/* Adds the word for the kind of connection as PROTO. */
static void endpoint_export_protocol(const struct endpoint *endpoint, struct exports *exports)
{
	int family = endpoint->more->peer.any.sa_family, type = SOCK_STREAM;
	socklen_t length = sizeof(type);

	if (endpoint->reader == NULL || (family != AF_INET && family != AF_INET6) ||
		call_getsockopt(endpoint->reader->rfd, SOL_SOCKET, SO_TYPE, &type, &length) < 0)
		return;
	exports_add(exports, "PROTO", type == SOCK_DGRAM ? "UDP" : "TCP");
}

/* Room for what only some endpoints have. */
struct endpoint_more *endpoint_more(struct endpoint *endpoint)
{
	if (endpoint->more == NULL)
		endpoint->more = memory_zero(1, sizeof(*endpoint->more));
	return endpoint->more;
}

/* Forgets who is at the other end, which nobody will ask any more. */
void endpoint_forget(struct endpoint *endpoint)
{
	struct endpoint_more *more = endpoint->more;

	if (more == NULL || more->place != NULL || more->unlink != NULL || more->terminals != NULL)
		return;
	exports_free(&more->exports);
	free(more);
	endpoint->more = NULL;
}

/* Puts what programs are told of the connection into the environment, or takes it out again. */
void endpoint_publish(const struct endpoint *endpoint, const char *program, bool here)
{
	const struct stream *reader = endpoint->reader;
	struct exports addresses = { 0 };
	struct sockaddr_any local;

	if (endpoint->more == NULL)
		return;
	endpoint_export_protocol(endpoint, &addresses);
	endpoint_export(&addresses, "PEER", &endpoint->more->peer);
	/* a socket that others of ours share belongs to no connection */
	if (endpoint->more->peer.length > 0 && reader != NULL &&
		!(reader->traits & STREAM_SHARED) && sockaddr_local(reader->rfd, &local) == 0)
		endpoint_export(&addresses, "SOCK", &local);
	exports_publish(&addresses, program, here);
	exports_publish(&endpoint->more->exports, program, here);
	exports_free(&addresses);
}

/* The id of the user at the other end of a UNIX socket, or -1 where that is none or can't be known. */
long endpoint_user(const struct endpoint *endpoint)
{
	const struct stream *reader = endpoint->reader;

	if (reader == NULL || endpoint->more == NULL || endpoint->more->peer.length == 0 ||
		endpoint->more->peer.any.sa_family != AF_UNIX)
		return -1;
	return ancillary_user(reader->rfd);
}

/* A path that still means the same entry in another directory. Owned by the caller. */
char *endpoint_path(const char *path)
{
	char *directory = path[0] != '/' ? getcwd(NULL, 0) : NULL;
	char *result = directory != NULL ? memory_print("%s/%s", directory, path)
					 : memory_string(path);

	free(directory);
	return result;
}

/* Has a path removed when the endpoint is closed by this very process. */
void endpoint_unlink(struct endpoint *endpoint, const char *path)
{
	struct endpoint_more *more = endpoint_more(endpoint);

	free(more->unlink);
	more->unlink = endpoint_path(path);
	more->owner = getpid();
}

/* Has a terminal put back into its present state when the endpoint is closed by this very process. */
void endpoint_keep_terminal(struct endpoint *endpoint, int fd)
{
	struct endpoint_more *more = endpoint_more(endpoint);

	terminal_keep(&more->terminals, fd);
	more->owner = getpid();
}

static void endpoint_remove(char **path, pid_t owner)
{
	if (*path != NULL && owner == getpid())
		call_unlink(*path);
	free(*path);
	*path = NULL;
}

/* Ends the connection for all processes that share it. */
void endpoint_shut(struct endpoint *endpoint)
{
	if (endpoint->reader != NULL)
		stream_shut(endpoint->reader);
	if (endpoint->writer != NULL && endpoint->writer != endpoint->reader)
		stream_shut(endpoint->writer);
}

/* Undoes what the endpoint has done to the world: terminals are as they were, its entry is removed. */
void endpoint_release(struct endpoint *endpoint)
{
	struct endpoint_more *more = endpoint->more;

	if (more == NULL)
		return;
	if (more->terminals != NULL && more->owner == getpid())
		terminal_restore(&more->terminals);
	terminal_forget(&more->terminals);
	endpoint_remove(&more->unlink, more->owner);
}

/* Closes and frees everything the endpoint has; it may be called twice. */
void endpoint_close(struct endpoint *endpoint)
{
	endpoint_release(endpoint);
	/* a program hears that it shall end before its terminal vanishes */
	program_free(endpoint->program);
	endpoint->program = NULL;
	if (endpoint->writer != NULL && endpoint->writer != endpoint->reader) {
		tap_free(&endpoint->writer->taps);
		stream_close(endpoint->writer);
		free(endpoint->writer);
	}
	if (endpoint->reader != NULL) {
		tap_free(&endpoint->reader->taps);
		stream_close(endpoint->reader);
		free(endpoint->reader);
	}
	endpoint->reader = endpoint->writer = NULL;
	if (endpoint->more != NULL) {
		exports_free(&endpoint->more->exports);
		free(endpoint->more->place);
	}
	free(endpoint->more);
	endpoint->more = NULL;
}

/* Stops listening; what has to be removed stays until acceptor_close. */
void acceptor_stop(struct acceptor *acceptor)
{
	fd_close(&acceptor->fd);
}

/* Stops listening and frees everything. */
void acceptor_close(struct acceptor *acceptor)
{
	acceptor_stop(acceptor);
	endpoint_remove(&acceptor->unlink, acceptor->owner);
	if (acceptor->ops->free != NULL)
		acceptor->ops->free(acceptor);
	free(acceptor);
}
