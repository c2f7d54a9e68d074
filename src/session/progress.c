#include "session/progress.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/number.h"

#define PROGRESS_REDRAW (SECOND / 5) /* between two drawings on a terminal */
#define PROGRESS_LINE (5 * SECOND)   /* between two lines elsewhere */
#define PROGRESS_RECENT (5 * SECOND) /* the rate is that of this last time */
#define PROGRESS_COLUMNS 80	     /* of a terminal that doesn't say how wide it is */
#define PROGRESS_ECHO 2		     /* what a terminal shows of Ctrl-C behind the line */

/* The parts of a line in their order. */
enum progress_part {
	PART_BYTES,
	PART_RATE,
	PART_OTHER_BYTES,
	PART_OTHER_RATE,
	PART_ELAPSED,
	PART_PERCENT,
	PART_REST,
	PARTS,
};

/* Whether the data itself is shown on the terminal of standard error. */
static bool progress_shares_terminal(const struct relay *relay)
{
	struct stat errors, sink;

	for (int way = 0; way < 2; way++) {
		const struct stream *to = relay->flows[way].to;

		if (to != NULL && to->wfd >= 0 && isatty(to->wfd) && fstat(to->wfd, &sink) == 0 &&
			fstat(STDERR_FILENO, &errors) == 0 && sink.st_rdev == errors.st_rdev)
			return true;
	}
	return false;
}

/* Whether a direction delivers more or fewer bytes than it reads. */
static bool progress_changes(const struct plan *plan, int way)
{
	const struct transfer_settings *source, *sink;

	source = SETTINGS(plan->sides[way].reader->options, transfer);
	sink = SETTINGS(plan->sides[1 - way].writer->options, transfer);
	return source->line_ends != sink->line_ends || source->telnet || sink->crlf_out;
}

/* How much a direction is going to bring: what is left of a regular file, or all that may be read; 0 if unknown. */
static uint64_t progress_flow_size(const struct plan *plan, const struct flow *flow, int way)
{
	int64_t size = flow->policy.limit > 0 ? flow->policy.limit : 0;
	struct stat file;
	off_t position;

	if (flow->state != FLOW_OPEN || progress_changes(plan, way))
		return 0;
	if (flow->from->ops != NULL || flow->from->rfd < 0 || flow->policy.ignore_end ||
		fstat(flow->from->rfd, &file) < 0 || !S_ISREG(file.st_mode))
		return (uint64_t)size;
	position = lseek(flow->from->rfd, 0, SEEK_CUR);
	if (position < 0 || position >= file.st_size)
		return 0;
	if (size == 0 || file.st_size - position < size)
		size = file.st_size - position;
	return (uint64_t)size;
}

/* Finds out how much there is to come. */
static void progress_find_size(struct progress *progress, const struct plan *plan)
{
	progress->size_way = -1;
	progress->size = (uint64_t)plan->size;
	for (int way = 0; way < 2 && progress->size == 0; way++) {
		progress->size_way = way;
		progress->size = progress_flow_size(plan, &progress->relay->flows[way], way);
	}
}

/* Appends an amount of bytes. */
static void progress_add_bytes(struct text *out, uint64_t bytes)
{
	static const char letters[] = "KMGTPE";
	double amount = (double)bytes / 1024;
	size_t i = 0;

	if (bytes < 1024) {
		text_print(out, "%d B", (int)bytes);
		return;
	}
	for (; amount >= 1023.95 && letters[i + 1] != '\0'; i++)
		amount /= 1024;
	text_print(out, "%.1f %ciB", amount, letters[i]);
}

/* Appends a time. */
static void progress_add_time(struct text *out, int64_t time)
{
	long long seconds = time / SECOND;

	text_print(out, "%lld:%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
		(int)(seconds % 60));
}

/* Bytes in some time as bytes per second. */
static uint64_t progress_per_second(uint64_t bytes, int64_t time)
{
	return time > 0 ? (uint64_t)((double)bytes * (double)SECOND / (double)time) : 0;
}

/* What has passed until now. */
static struct progress_sample progress_look(const struct progress *progress)
{
	return (struct progress_sample){
		.time = clock_now(),
		.bytes = { progress->relay->flows[0].count.bytes,
			progress->relay->flows[1].count.bytes },
	};
}

/* Notes what has passed. */
static void progress_note(struct progress *progress, const struct progress_sample *now)
{
	progress->samples[progress->count++ % PROGRESS_SAMPLES] = *now;
}

/* The oldest sample that is recent enough, or what was before the first. */
static struct progress_sample progress_recent(const struct progress *progress, int64_t now)
{
	struct progress_sample oldest = { .time = progress->begun };
	size_t count = progress->count < PROGRESS_SAMPLES ? progress->count : PROGRESS_SAMPLES;

	if (now - progress->begun <= PROGRESS_RECENT)
		return oldest;
	for (size_t i = 1; i <= count; i++) {
		const struct progress_sample *sample =
			&progress->samples[(progress->count - i) % PROGRESS_SAMPLES];

		if (i > 1 && now - sample->time > PROGRESS_RECENT)
			break;
		oldest = *sample;
	}
	return oldest;
}

/* The part of the whole that has passed, and when the rest of it will have. */
static void progress_add_share(const struct progress *progress, const struct progress_sample *now,
	const uint64_t rates[2], bool last, struct text parts[PARTS])
{
	int way = progress->size_way >= 0 ? progress->size_way : now->bytes[1] > now->bytes[0];
	uint64_t bytes = now->bytes[way] < progress->size ? now->bytes[way] : progress->size;
	uint64_t rest = progress->size - bytes;
	struct text time = TEXT_EMPTY;

	if (progress->size == 0)
		return;
	text_print(&parts[PART_PERCENT], "%d%%",
		(int)((double)bytes * 100 / (double)progress->size));
	if (last)
		return;
	if (rest == 0 || rates[way] > 0)
		progress_add_time(&time,
			rest > 0 ? (int64_t)((double)rest / (double)rates[way] * (double)SECOND)
				 : 0);
	else
		text_add_string(&time, "-");
	/* TRANSLATORS: when the transfer will have ended, as in ETA 0:01:30 */
	text_print(&parts[PART_REST], _("ETA %s"), time.data);
	text_free(&time);
}

/* Says what there is to say. The last time the rate is that of the whole time. */
static void progress_describe(const struct progress *progress, const struct progress_sample *now,
	bool last, struct text parts[PARTS])
{
	struct progress_sample then = { .time = progress->begun };
	bool both = now->bytes[0] > 0 && now->bytes[1] > 0;
	uint64_t rates[2];

	if (!last)
		then = progress_recent(progress, now->time);
	for (int way = 0; way < 2; way++) {
		struct text *bytes = &parts[way == 0 ? PART_BYTES : PART_OTHER_BYTES];
		struct text *rate = &parts[way == 0 ? PART_RATE : PART_OTHER_RATE];

		rates[way] = progress_per_second(now->bytes[way] - then.bytes[way],
			now->time - then.time);
		if (!both && (now->bytes[1] > 0) != (way == 1))
			continue;
		if (both)
			text_add_string(bytes, way == 0 ? "> " : "< ");
		progress_add_bytes(bytes, now->bytes[way]);
		progress_add_bytes(rate, rates[way]);
		text_add_string(rate, "/s");
	}
	progress_add_time(&parts[PART_ELAPSED], now->time - progress->begun);
	progress_add_share(progress, now, rates, last, parts);
}

/* Joins the parts, and leaves out the less important ones until the line is no longer than room. */
static void progress_join(struct text parts[PARTS], size_t room, struct text *line)
{
	static const enum progress_part order[] = { PART_ELAPSED, PART_OTHER_RATE, PART_RATE,
		PART_REST, PART_OTHER_BYTES, PART_PERCENT, PART_BYTES };

	for (size_t dropped = 0;; dropped++) {
		text_clear(line);
		for (size_t i = 0; i < PARTS; i++) {
			if (parts[i].length == 0)
				continue;
			if (line->length > 0)
				text_add_string(line, "  ");
			text_add(line, parts[i].data, parts[i].length);
		}
		if (dropped == PARTS || line->length == 0 ||
			escape_columns(line->data, line->length) <= room)
			return;
		text_clear(&parts[order[dropped]]);
	}
}

/* Makes the line for so many columns. */
static void progress_line(struct progress *progress, size_t room, bool last, struct text *line)
{
	struct progress_sample now = progress_look(progress);
	struct text parts[PARTS] = { TEXT_EMPTY };

	progress_describe(progress, &now, last, parts);
	progress_note(progress, &now);
	progress_join(parts, room, line);
	for (size_t i = 0; i < PARTS; i++)
		text_free(&parts[i]);
}

/* How much fits into a line of the terminal. */
static size_t progress_room(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return PROGRESS_COLUMNS - 1;
	return size.ws_col - 1u;
}

/* Takes the line from the terminal: something else is to stand there. */
static void progress_clear(void *context)
{
	struct progress *progress = context;
	struct text out = TEXT_EMPTY;
	size_t room = progress_room();

	text_clear(&progress->shown);
	if (progress->columns == 0)
		return;
	text_add_char(&out, '\r');
	for (size_t i = 0; i < progress->columns && i < room; i++)
		text_add_char(&out, ' ');
	text_add_char(&out, '\r');
	progress->columns = 0;
	fd_write_all(STDERR_FILENO, out.data, out.length);
	text_free(&out);
}

/* Draws the line over the one before. */
static void progress_draw(struct progress *progress, bool last)
{
	size_t room = progress_room(), columns, covered;
	struct text line = TEXT_EMPTY, out = TEXT_EMPTY;

	progress_line(progress, room, last, &line);
	columns = line.length > 0 ? escape_columns(line.data, line.length) : 0;
	text_add_char(&out, '\r');
	text_add(&out, line.data, line.length);
	covered = progress->columns + (last ? PROGRESS_ECHO : 0);
	/* of a window that was wider the last column has something, too */
	if (covered > room)
		covered = progress->columns > room ? room + 1 : room;
	for (size_t i = columns; i < covered; i++)
		text_add_char(&out, ' ');
	text_add_string(&out, last ? "\r\n" : "");
	if (last || line.length != progress->shown.length ||
		memcmp(line.data, progress->shown.data, line.length) != 0)
		fd_write_all(STDERR_FILENO, out.data, out.length);
	text_free(&out);
	text_free(&progress->shown);
	progress->shown = line;
	progress->columns = columns;
}

/* Writes a line for those who read lines, among them who talks at the terminal meanwhile. */
static void progress_tell(struct progress *progress, bool last)
{
	struct text line = TEXT_EMPTY;

	if (progress->shy && !log_is_diverted())
		return;
	progress_line(progress, SIZE_MAX, last, &line);
	log_report(&line);
}

/* Whether standard error takes a line now: the transfer doesn't wait for that. Others have the terminal meanwhile. */
static bool progress_may_write(const struct progress *progress)
{
	struct pollfd slot = { .fd = STDERR_FILENO, .events = POLLOUT };
	pid_t front = progress->drawn ? tcgetpgrp(STDERR_FILENO) : -1;

	return (front <= 0 || front == getpgrp()) && poll(&slot, 1, 0) == 1 &&
		(slot.revents & POLLOUT);
}

/* Starts to show how a relay gets on, if the plan says so. */
void progress_start(struct progress *progress, const struct plan *plan, const struct relay *relay,
	int64_t begun)
{
	bool terminal = isatty(STDERR_FILENO) != 0;
	bool always = plan->progress == PLAN_PROGRESS_ALWAYS;

	*progress = (struct progress){ .begun = begun, .next = CLOCK_NEVER };
	if (!always && (plan->progress != PLAN_PROGRESS_AUTO || !terminal))
		return;
	progress->drawn = terminal && !progress_shares_terminal(relay);
	progress->shy = !progress->drawn && !always;
	progress->relay = relay;
	progress->next = begun + (progress->drawn ? PROGRESS_REDRAW : PROGRESS_LINE);
	progress_find_size(progress, plan);
	if (progress->drawn)
		log_before(progress_clear, progress);
}

/* Asks to be woken in time. */
void progress_prepare(const struct progress *progress, struct pollset *set)
{
	if (progress->relay != NULL)
		pollset_deadline(set, progress->next);
}

/* Shows how far the relay has come, if it is time to. */
void progress_step(struct progress *progress)
{
	int64_t now;

	if (progress->relay == NULL)
		return;
	now = clock_now();
	if (now < progress->next)
		return;
	progress->next = now + (progress->drawn ? PROGRESS_REDRAW : PROGRESS_LINE);
	if (!progress_may_write(progress))
		return;
	if (progress->drawn)
		progress_draw(progress, false);
	else
		progress_tell(progress, false);
}

/* The terminal has another size, or others had it meanwhile. */
void progress_redraw(struct progress *progress)
{
	if (!progress->drawn)
		return;
	text_clear(&progress->shown);
	progress->next = 0;
}

/* Says for the last time how much has passed. It may be called twice. */
void progress_finish(struct progress *progress)
{
	if (progress->relay == NULL)
		return;
	if (progress->drawn)
		progress_draw(progress, true);
	else
		progress_tell(progress, true);
	if (progress->drawn)
		log_before(NULL, NULL);
	progress->relay = NULL;
	text_free(&progress->shown);
}
