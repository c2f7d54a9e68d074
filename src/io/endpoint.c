#include "io/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"

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
	free(stream);
	error_system(error, errno, _("cannot use descriptor %d"), rfd >= 0 ? rfd : wfd);
	if (!(traits & STREAM_KEEP)) {
		if (wfd != rfd)
			fd_close(&wfd);
		fd_close(&rfd);
	}
	return -1;
}

/* Has a path removed when the endpoint is closed by this very process. */
void endpoint_unlink(struct endpoint *endpoint, const char *path)
{
	free(endpoint->unlink);
	endpoint->unlink = memory_string(path);
	endpoint->owner = getpid();
}

static void endpoint_remove(char **path, pid_t owner)
{
	if (*path != NULL && owner == getpid())
		unlink(*path);
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

/* Closes and frees everything the endpoint has; it may be called twice. */
void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->writer != NULL && endpoint->writer != endpoint->reader) {
		stream_close(endpoint->writer);
		free(endpoint->writer);
	}
	if (endpoint->reader != NULL) {
		stream_close(endpoint->reader);
		free(endpoint->reader);
	}
	endpoint->reader = endpoint->writer = NULL;
	endpoint_remove(&endpoint->unlink, endpoint->owner);
	exports_free(&endpoint->exports);
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
