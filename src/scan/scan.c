/*
 * All ports are tried at once, as far as there are descriptors; what is said of them comes in the order in which
 * they were asked for, as soon as nothing before it is missing.
 */
#include "scan/scan.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/system.h"
#include "io/pollset.h"
#include "io/signals.h"
#include "io/stream.h"
#include "io/wait.h"
#include "scan/probe.h"
#include "scan/target.h"
#include "scan/tell.h"

#define SCAN_JOBS 256  /* ports that are tried at the same time */
#define SCAN_SPARED 16 /* descriptors that are left for all else */

/* One port of the report. */
struct entry {
	int target, port;
	bool done;
	struct finding *findings; /* one for each host that was asked */
	size_t finding_count;
};

struct scan {
	const struct scan_settings *settings;
	struct target *targets;
	int target_count;
	struct entry *entries; /* in the order of the report */
	size_t count;
	size_t next;	/* the first that was not yet begun */
	size_t printed; /* how many are behind us */
	size_t found;	/* how many are open */
	struct probe *probes;
	size_t probe_count, jobs;
	int64_t pause_end; /* nothing is begun before */
	struct pollset set;
};

/* Reads and checks all addresses; nothing is opened, and no name looked up. */
static int scan_parse(struct scan *scan, char **texts, int count, struct error *error)
{
	if (count == 0)
		return error_usage(error, _("option %s needs an address"), "--scan");
	scan->targets = memory_zero((size_t)count, sizeof(*scan->targets));
	for (int i = 0; i < count; i++) {
		scan->target_count = i + 1;
		if (target_parse(&scan->targets[i], texts[i], scan->settings->any_group, error) < 0)
			return -1;
		if (scan->settings->sloppy)
			options_tolerate(scan->targets[i].address->options);
	}
	return 0;
}

static void scan_free(struct scan *scan)
{
	for (size_t i = 0; i < scan->probe_count; i++)
		fd_close(&scan->probes[i].fd);
	for (size_t i = 0; i < scan->count; i++)
		free(scan->entries[i].findings);
	for (int i = 0; i < scan->target_count; i++)
		target_free(&scan->targets[i]);
	pollset_free(&scan->set);
	free(scan->probes);
	free(scan->entries);
	free(scan->targets);
}

/* Adds an entry for each port of a target; the traditional netcat counts downwards. */
static void scan_add_entries(struct scan *scan, int index)
{
	const struct target *target = &scan->targets[index];
	bool down = log_style() == LOG_STYLE_TRADITIONAL;
	size_t count = (size_t)(target->high - target->low + 1);

	scan->entries = memory_resize(scan->entries,
		(scan->count + count) * sizeof(*scan->entries));
	for (size_t i = 0; i < count; i++)
		scan->entries[scan->count++] = (struct entry){ .target = index,
			.port = down ? target->high - (int)i : target->low + (int)i };
}

/* Puts the entries into a random order. */
static void scan_shuffle(struct scan *scan)
{
	for (size_t i = scan->count; i > 1; i--) {
		struct entry *last = &scan->entries[i - 1], before = *last, *other;
		uint32_t random = 0;

		if (system_random(&random, sizeof(random)) < 0)
			return;
		other = &scan->entries[random % i];
		*last = *other;
		*other = before;
	}
}

/* Looks up the names. A name that nobody knows is told, and the others are tried all the same. */
static int scan_look_up(struct scan *scan, struct error *error)
{
	for (int i = 0; i < scan->target_count; i++) {
		struct target *target = &scan->targets[i];
		int result = target_look_up(target, scan->settings->prefer, error);

		if (result == 0) {
			scan_add_entries(scan, i);
			continue;
		}
		error_name(error, target->address->text);
		if (error->kind == ERROR_SIGNAL ||
			(scan->count == 0 && i + 1 == scan->target_count))
			return -1;
		log_error_value(LOG_LEVEL_ERROR, error);
		error_clear(error);
	}
	return 0;
}

/* Decides how many ports may be tried at the same time. */
static void scan_choose_jobs(struct scan *scan)
{
	struct rlimit limit;

	scan->jobs = scan->settings->pause >= 0 ? 1 : SCAN_JOBS;
	fd_allow_many();
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < SCAN_JOBS + SCAN_SPARED &&
		scan->jobs > 1)
		scan->jobs = limit.rlim_cur > SCAN_SPARED ? (size_t)limit.rlim_cur - SCAN_SPARED
							  : 1;
	scan->probes = memory_zero(scan->jobs, sizeof(*scan->probes));
}

/* Writes all, or what the reader takes at once when a signal asks the program to end: -1 with the error filled. */
static int scan_write(int fd, const char *data, size_t length, struct error *error)
{
	while (length > 0) {
		struct pollfd slot = { .fd = fd, .events = POLLOUT };
		ssize_t n;

		if (call_poll(&slot, 1, 0) <= 0 && wait_for(fd, POLLOUT, CLOCK_NEVER, error) < 0)
			return -1;
		n = stream_write_shared(fd, data, length);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_system(error, errno, _("cannot write the report"));
		if (n > 0) {
			data += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

/* Whether a finding that is no success is wanted; the traditional netcat tells it of a port that is alone. */
static bool scan_tells_failures(const struct scan *scan)
{
	int verbose = scan->settings->verbose;

	if (log_style() == LOG_STYLE_NETTOOL)
		return verbose > 0;
	if (log_style() == LOG_STYLE_OPENBSD) /* it decides for itself */
		return true;
	return verbose > (log_style() == LOG_STYLE_TRADITIONAL && scan->count > 1 ? 1 : 0);
}

/* Tells what was found of one port, in our own words into a text, in those of others at once. */
static void scan_tell(const struct scan *scan, const struct entry *entry, struct text *out)
{
	const struct target *target = &scan->targets[entry->target];
	bool all = scan_tells_failures(scan);

	for (size_t i = 0; i < entry->finding_count; i++) {
		const struct finding *finding = &entry->findings[i];

		if (log_style() != LOG_STYLE_NETTOOL)
			tell_report(target, entry->port, finding, all);
		else if (all || tell_is_success(target, finding))
			tell_line(target, entry->port, finding, out);
	}
}

/* Tells what is known and not yet told: all of it, or as far as nothing before it is missing. */
static int scan_print(struct scan *scan, bool all, struct error *error)
{
	struct text out = TEXT_EMPTY;
	int result;

	for (; scan->printed < scan->count; scan->printed++) {
		struct entry *entry = &scan->entries[scan->printed];

		if (!entry->done && !all)
			break;
		scan_tell(scan, entry, &out);
		free(entry->findings);
		entry->findings = NULL;
		entry->finding_count = 0;
	}
	result = scan_write(STDOUT_FILENO, out.data, out.length, error);
	text_free(&out);
	return result;
}

/* What netcats say at the end. */
static void scan_tell_end(const struct scan *scan, int64_t begun)
{
	if (log_style() == LOG_STYLE_TRADITIONAL && scan->settings->verbose > 1)
		log_told(LOG_LEVEL_NOTICE, " sent 0, rcvd 0");
	if (log_style() == LOG_STYLE_NCAT && scan->settings->verbose > 0 && scan->found > 0)
		log_told(LOG_LEVEL_NOTICE, "0 bytes sent, 0 bytes received in %.2f seconds.",
			(double)(clock_now() - begun) / (double)SECOND);
}

/* Notes what a host has answered. Returns whether the port needs no other host. */
static bool scan_note(struct scan *scan, const struct probe *probe)
{
	struct finding finding = { probe->host, probe->outcome, probe->number };
	struct entry *entry = &scan->entries[probe->entry];
	bool success = tell_is_success(probe->target, &finding);

	entry->findings = memory_resize(entry->findings,
		(entry->finding_count + 1) * sizeof(finding));
	entry->findings[entry->finding_count++] = finding;
	entry->done = success || probe->host + 1 == probe->target->hosts.count;
	if (success)
		scan->found++;
	return entry->done;
}

/*
 * Takes a probe as far as it goes without waiting. Returns 1 if it waits, 0 once its port is done or was put
 * back for later, and -1 with the error filled.
 */
static int scan_follow(struct scan *scan, struct probe *probe, enum probe_state state,
	struct error *error)
{
	while (state == PROBE_FOUND) {
		if (scan_note(scan, probe))
			return 0;
		probe->host++;
		probe->attempt = 0;
		state = probe_start(probe, error);
	}
	if (state == PROBE_WAITING)
		return 1;
	error_name(error, probe->target->address->text);
	return -1;
}

/* Begins with the next port. Returns 0 if that has to wait for a descriptor. */
static int scan_begin(struct scan *scan, struct error *error)
{
	struct entry *entry = &scan->entries[scan->next];
	struct probe *probe = &scan->probes[scan->probe_count];
	enum probe_state state;
	int result;

	*probe = (struct probe){ .target = &scan->targets[entry->target],
		.port = entry->port,
		.entry = scan->next,
		.fd = -1 };
	state = probe_start(probe, error);
	if (state == PROBE_CROWDED && scan->probe_count > 0) {
		error_clear(error);
		scan->jobs = scan->probe_count;
		return 0;
	}
	scan->next++;
	result = scan_follow(scan, probe, state, error);
	if (result > 0)
		scan->probe_count++;
	else if (result == 0 && scan->settings->pause >= 0)
		scan->pause_end = clock_after(scan->settings->pause);
	return result < 0 ? -1 : 1;
}

/* Begins with as many ports as may be tried now. */
static int scan_fill(struct scan *scan, struct error *error)
{
	int result = 1;

	while (result > 0 && scan->next < scan->count && scan->probe_count < scan->jobs &&
		(scan->pause_end == 0 || clock_now() >= scan->pause_end) && signals_ending() == 0)
		result = scan_begin(scan, error);
	return result;
}

/* Waits until something happens. */
static int scan_wait(struct scan *scan, struct error *error)
{
	struct pollset *set = &scan->set;
	int number;

	pollset_clear(set);
	pollset_add(set, signals_fd(), POLLIN);
	for (size_t i = 0; i < scan->probe_count; i++)
		probe_prepare(&scan->probes[i], set);
	if (scan->next < scan->count && scan->probe_count < scan->jobs)
		pollset_deadline(set, scan->pause_end);
	if (pollset_wait(set) < 0)
		return error_system(error, errno, _("cannot wait for the ports"));
	number = signals_ending();
	return number != 0 ? error_signal(error, number) : 0;
}

/* Looks at all that waits. What is done gives its place to the last. */
static int scan_look(struct scan *scan, struct error *error)
{
	for (size_t i = scan->probe_count; i > 0; i--) {
		struct probe *probe = &scan->probes[i - 1];
		enum probe_state state = probe_step(probe, &scan->set, error);
		int result = scan_follow(scan, probe, state, error);

		if (result > 0)
			continue;
		fd_close(&probe->fd);
		*probe = scan->probes[--scan->probe_count];
		if (result < 0)
			return -1;
		if (scan->settings->pause >= 0)
			scan->pause_end = clock_after(scan->settings->pause);
	}
	return 0;
}

/* Tries all ports. */
static int scan_all(struct scan *scan, struct error *error)
{
	if (scan_look_up(scan, error) < 0)
		return -1;
	if (scan->settings->random)
		scan_shuffle(scan);
	scan_choose_jobs(scan);
	for (;;) {
		if (scan_fill(scan, error) < 0 || scan_print(scan, false, error) < 0)
			return -1;
		if (scan->printed == scan->count)
			return 0;
		if (scan_wait(scan, error) < 0 || scan_look(scan, error) < 0)
			return -1;
	}
}

/* Shows the addresses as they were written, if they are right. Opens nothing. */
int scan_check(char **texts, int count, const struct scan_settings *settings, struct text *out,
	struct error *error)
{
	struct scan scan = { .settings = settings };
	int result = scan_parse(&scan, texts, count, error);

	for (int i = 0; result == 0 && i < count; i++) {
		text_add_string(out, scan.targets[i].address->text);
		text_add_char(out, '\n');
	}
	scan_free(&scan);
	return result;
}

/* Scans. Returns the exit status, 0 if at least one port is open, or -1 with the error filled. */
int scan_run(char **texts, int count, const struct scan_settings *settings, struct error *error)
{
	struct scan scan = { .settings = settings };
	struct error ignored = ERROR_EMPTY;
	int64_t begun = clock_now();
	int result = scan_parse(&scan, texts, count, error);

	if (result == 0 && signals_open(settings->ending) < 0)
		result = error_system(error, errno, _("cannot catch signals"));
	if (result == 0) {
		result = scan_all(&scan, error);
		scan_print(&scan, true, &ignored);
		scan_tell_end(&scan, begun);
		error_clear(&ignored);
	}
	if (result == 0)
		result = scan.found > 0 ? EXIT_STATUS_DONE : EXIT_STATUS_FAILED;
	if (result < 0 && error->kind == ERROR_SIGNAL) {
		log_error_value(LOG_LEVEL_NOTICE, error);
		result = EXIT_STATUS_SIGNAL + error->number;
	}
	scan_free(&scan);
	return result;
}
