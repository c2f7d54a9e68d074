#include "socket/unix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "base/system.h"
#include "option/settings.h"
#include "socket/entry.h"
#include "socket/make.h"
#include "socket/packet.h"
#include "socket/report.h"

#define UNIX_TEMPLATE "/tmp/nettool.XXXXXX"
#define UNIX_TRIES 100 /* random names that may be taken before we give up */

/* Makes the address of a name as the options want it. */
int unix_name(const struct options *options, const char *name, size_t length, bool abstract,
	struct sockaddr_any *address, struct error *error)
{
	return sockaddr_unix(address, name, length, abstract, SETTINGS(options, unix)->tight_length,
		error);
}

/* Replaces the Xs of a template by random letters. */
static void unix_fill_template(char *name, size_t at)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[6] = { 0 };

	if (system_random(random, sizeof(random)) < 0)
		random[0] = (unsigned char)getpid();
	for (size_t i = 0; i < sizeof(random); i++)
		name[at + i] = letters[random[i] % (sizeof(letters) - 1)];
}

/* Binds to a name made from a template, until one is free. */
static int unix_bind_temporary(const struct options *options, int fd, bool abstract,
	const char *template, struct endpoint *endpoint, struct error *error)
{
	char *name = memory_string(template[0] != '\0' ? template : UNIX_TEMPLATE);
	const char *place = strstr(name, "XXXXXX");
	struct sockaddr_any address;
	int result = -1;

	if (place == NULL)
		error_usage(error, _("bind-tempname=%s: the template needs XXXXXX in its place"),
			name);
	for (int i = 0; place != NULL && i < UNIX_TRIES && result < 0; i++) {
		error_clear(error);
		unix_fill_template(name, (size_t)(place - name));
		result = unix_name(options, name, strlen(name), abstract, &address, error);
		if (result == 0)
			result = make_bound(options, fd, &address, false, error);
		if (result < 0 && error->number != EADDRINUSE)
			break;
	}
	if (result == 0 && !abstract)
		endpoint_unlink(endpoint, name);
	free(name);
	return result;
}

/* Gives a client's socket the name that bind or bind-tempname asks for; its file goes with the endpoint. */
int unix_bind_client(const struct options *options, int fd, bool abstract,
	struct endpoint *endpoint, struct error *error)
{
	const char *path = SETTINGS(options, socket)->bind;
	const char *template = SETTINGS(options, unix)->bind_temporary;
	struct sockaddr_any address;

	if (path != NULL && template != NULL)
		return error_usage(error, _("do not use both options bind and unix-bind-tempname"));
	if (template != NULL)
		return unix_bind_temporary(options, fd, abstract, template, endpoint, error);
	if (path == NULL)
		return 0;
	if (SETTINGS(options, name)->unlink_early && !abstract)
		call_unlink(path);
	if (unix_name(options, path, strlen(path), abstract, &address, error) < 0 ||
		make_bound(options, fd, &address, false, error) < 0)
		return -1;
	if (!abstract && SETTINGS(options, name)->unlink_close != 0)
		endpoint_unlink(endpoint, path);
	return abstract ? 0 : entry_own(options, path, true, error);
}

/* A connection on its way, to a socket of a kind that has to be found out. */
struct unix_opening {
	struct opening base;
	struct dial dial;
	const struct options *options;
	struct sockaddr_any target;
	bool abstract;
	int type; /* -1: whatever it turns out to be */
	size_t tries;
	bool asked;
	struct endpoint *endpoint; /* that removes our own name */
	dial_finish *finish;
	const void *context;
};

static int unix_dial_bind(struct dial *dial, int family, struct error *error)
{
	const struct unix_opening *self = dial->context;

	(void)family;
	return unix_bind_client(dial->options, dial->fd, self->abstract, self->endpoint, error);
}

/* Prepares the next kind of socket to try: a stream, then sequenced packets, then datagrams. */
static bool unix_next_kind(struct unix_opening *self)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct socket_kind kind = { .family = AF_UNIX, .type = self->type };

	if (self->tries >= (self->type >= 0 ? 1 : sizeof(types) / sizeof(*types)))
		return false;
	make_kind(self->options, &kind);
	if (self->type < 0)
		kind.type = types[self->tries];
	self->tries++;
	self->asked = false;
	dial_init(&self->dial, self->options, &kind);
	self->dial.bind = unix_dial_bind;
	self->dial.context = self;
	self->dial.targets.addresses = memory_copy(&self->target, sizeof(self->target));
	self->dial.targets.count = 1;
	return true;
}

/* There is no way to wait for a listener whose queue is full. */
static void unix_opening_prepare(struct opening *opening, struct pollset *set)
{
	(void)opening;
	pollset_deadline(set, clock_after(DIAL_PAUSE));
}

static int unix_opening_step(struct opening *opening, const struct pollset *set,
	struct endpoint *endpoint, struct error *error)
{
	struct unix_opening *self = (struct unix_opening *)opening;
	int fd;

	(void)set;
	self->endpoint = endpoint;
	for (;;) {
		enum dial_state state = self->asked ? dial_continue(&self->dial, false)
						    : dial_next(&self->dial);

		self->asked = true;
		if (state == DIAL_WAITING)
			return 0;
		if (state == DIAL_CONNECTED)
			break;
		error_move(error, &self->dial.error);
		dial_free(&self->dial);
		if ((error->number != EPROTOTYPE && error->number != EPROTONOSUPPORT) ||
			!unix_next_kind(self))
			return -1;
		error_clear(error);
		endpoint_release(endpoint); /* the next try binds the name again */
	}
	fd = self->dial.fd;
	self->dial.fd = -1;
	return self->finish(self->context, fd, self->dial.kind.type, endpoint, error) == 0 ? 1 : -1;
}

static void unix_opening_free(struct opening *opening)
{
	struct unix_opening *self = (struct unix_opening *)opening;

	fd_close(&self->dial.fd);
	dial_free(&self->dial);
}

/* Starts to connect to a socket; of a type of -1 it is found out which kind it is. Owned by the caller. */
struct opening *unix_start(const struct options *options, int type,
	const struct sockaddr_any *target, bool abstract, dial_finish *finish, const void *context)
{
	static const struct opening_ops ops = {
		.prepare = unix_opening_prepare,
		.step = unix_opening_step,
		.free = unix_opening_free,
	};
	struct socket_kind kind = { .family = AF_UNIX, .type = type };
	struct unix_opening *self = memory_zero(1, sizeof(*self));

	make_kind(options, &kind);
	*self = (struct unix_opening){
		.base = { .ops = &ops, .slot = POLLSET_NONE },
		.options = options,
		.target = *target,
		.abstract = abstract,
		.type = kind.type,
		.finish = finish,
		.context = context,
	};
	unix_next_kind(self);
	return &self->base;
}

/* Sees to it that a path is free to be bound: what is there is removed if asked for, or an error. */
int unix_prepare_path(const struct options *options, const char *path, struct error *error)
{
	struct sockaddr_any local = { .length = 0 };
	struct error ignored = ERROR_EMPTY;
	struct stat status;

	if (entry_remove(options, path, error) < 0)
		return -1;
	if (call_lstat(path, &status) == 0) {
		error_failed(error, _("\"%s\" exists"), path);
		if (S_ISSOCK(status.st_mode))
			error_hint(error,
				_("if no program uses it any more, remove it or add the option unlink-early"));
		else
			error_hint(error, _("that is no socket; take another name"));
		sockaddr_unix(&local, path, strlen(path), false, true, &ignored);
		error_clear(&ignored);
		return report_failure(REPORT_NOT_BOUND,
			&(struct report){ .local = &local, .number = EADDRINUSE }, error);
	}
	return 0;
}
