#include "session/taps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/intl.h"
#include "filter/digest.h"
#include "filter/pcapng.h"
#include "filter/talk.h"
#include "io/path.h"
#include "session/digests.h"

/* The interface of a half: one for each address, and two for a dual one. */
static unsigned taps_interface(const struct plan *plan, int half)
{
	unsigned number = 0;

	for (int i = 1; i <= half; i++)
		number += plan_half(plan, i) != plan_half(plan, i - 1);
	return number;
}

/* Whether an address reads or writes our standard output. */
static bool taps_uses_stdout(const struct plan *plan, int half)
{
	const struct address *address = plan_half(plan, half);
	unsigned use = plan->sides[half / 2].use & address->type->use;

	if (address->type->traits & TRAIT_INHERITS)
		return strtol(address_param(address, 0), NULL, 0) == STDOUT_FILENO;
	return (address->type->traits & TRAIT_STDIO) && (use & USE_WRITE) &&
		strcmp(address->type->name, "STDERR") != 0;
}

/* Refuses a capture on standard output where it would mix with other things. */
static int taps_check_stdout(const struct plan *plan, struct error *error)
{
	for (int half = 0; half < 4; half++) {
		if (taps_uses_stdout(plan, half))
			return error_usage(error,
				_("--pcap=-: %s has standard output already; name a file or a pipe"),
				plan_half(plan, half)->text);
	}
	if (call_isatty(STDOUT_FILENO))
		return error_usage(error,
			_("--pcap=-: standard output is a terminal, which can't show a capture"));
	return 0;
}

/* Whether an address is the file that the capture goes to. */
static bool taps_is_file(const struct plan *plan, const struct address *address)
{
	struct stat capture, file;
	const char *path;

	if (!(address->type->groups & GROUP_NAMED) || address->spec->param_count == 0)
		return false;
	path = address_param(address, 0);
	if (call_stat(plan->capture_file, &capture) < 0 || call_stat(path, &file) < 0)
		return strcmp(plan->capture_file, path) == 0;
	return capture.st_dev == file.st_dev && capture.st_ino == file.st_ino &&
		S_ISREG(file.st_mode);
}

/* Refuses a capture that would overwrite what it is about. */
static int taps_check_file(const struct plan *plan, struct error *error)
{
	for (int half = 0; half < 4; half++) {
		if (taps_is_file(plan, plan_half(plan, half)))
			return error_usage(error, _("--pcap=%s: that is the file of %s"),
				plan->capture_file, plan_half(plan, half)->text);
	}
	return 0;
}

/* Refuses captures and digests where nothing would pass by, and digests that nobody can compute. */
int taps_check(const struct plan *plan, struct error *error)
{
	const char *option = plan->capture_file != NULL ? "--pcap" : "--digest";

	if (plan->capture_file == NULL && plan->digest == NULL)
		return 0;
	if (plan->pass_fd || SETTINGS(plan->sides[1].reader->options, program)->nofork)
		return error_usage(error,
			_("option %s sees no data, and cannot be used together with %s"), option,
			plan->pass_fd ? "--pass-fd" : "nofork");
	if (plan->capture_file != NULL && strcmp(plan->capture_file, "-") == 0 &&
		taps_check_stdout(plan, error) < 0)
		return -1;
	if (plan->capture_file != NULL && taps_check_file(plan, error) < 0)
		return -1;
	return plan->digest != NULL ? digest_check(plan->digest, error) : 0;
}

/* Opens the file of --pcap, and writes what it begins with. Children go on with it as we do. */
int taps_open(struct plan *plan, struct error *error)
{
	int fd;

	if (plan->capture_file == NULL)
		return 0;
	if (strcmp(plan->capture_file, "-") == 0) {
		fd = call_fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (fd < 0)
			return error_system(error, errno, _("cannot duplicate descriptor %d"),
				STDOUT_FILENO);
	} else {
		/* what passes may be nobody else's business */
		fd = path_open(plan->capture_file,
			O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_NOCTTY, 0600, error);
		if (fd < 0)
			return -1;
	}
	plan->capture = pcapng_create(fd);
	for (int half = 0; half < 4; half++) {
		if (half == 0 || plan_half(plan, half) != plan_half(plan, half - 1))
			pcapng_interface(plan->capture, plan_half(plan, half)->text);
	}
	pcapng_flush(plan->capture);
	return 0;
}

/* Ends the capture. Returns whether all of it could be written. */
bool taps_close(struct plan *plan)
{
	bool whole = true;

	if (plan->capture != NULL) {
		pcapng_flush(plan->capture);
		whole = !pcapng_failed(plan->capture);
	}
	pcapng_free(plan->capture);
	plan->capture = NULL;
	return whole;
}

/* Looks on at what passes through an endpoint of a half. */
static void taps_watch_half(const struct plan *plan, int half, const struct endpoint *endpoint)
{
	const struct address *address = plan_half(plan, half);
	const struct endpoint_more *more = endpoint->more;

	if (endpoint->reader == NULL && endpoint->writer == NULL)
		return;
	if (plan->digest != NULL)
		digests_watch(plan, half, endpoint);
	if (plan->capture == NULL)
		return;
	talk_capture(plan->capture,
		&(struct talk_end){
			.reader = endpoint->reader,
			.writer = endpoint->writer,
			.peer = more != NULL && more->peer.length > 0 ? &more->peer : NULL,
			.name = address->text,
			.interface = taps_interface(plan, half),
			.inbound = (address->type->traits & TRAIT_LISTENS) != 0,
		});
}

/* Looks on at what passes through a connection of the first or the second address. */
void taps_watch_endpoint(const struct plan *plan, int side, const struct endpoint *endpoint)
{
	if (plan->capture != NULL || plan->digest != NULL)
		taps_watch_half(plan, 2 * side, endpoint);
}

/* Looks on at what passes through both sides of a transfer, until they are closed. */
void taps_watch(const struct plan *plan, const struct opened sides[2])
{
	for (int side = 0; side < 2; side++) {
		const struct opened_more *more = sides[side].more;

		taps_watch_endpoint(plan, side, &sides[side].endpoint);
		if ((plan->capture != NULL || plan->digest != NULL) && more != NULL &&
			more->second.writer != NULL)
			taps_watch_half(plan, 2 * side + 1, &more->second);
	}
}
