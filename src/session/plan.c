#include "session/plan.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/path.h"
#include "relay/weather.h"
#include "session/pass.h"
#include "session/taps.h"

#define PLAN_SIGNAL(number) ((uint64_t)1 << (number))

/* A plan with the defaults and without addresses. */
void plan_init(struct plan *plan)
{
	*plan = (struct plan){
		.relay = { .idle = -1, .linger = -1 },
		.listen_family = AF_INET,
		.prefer_family = AF_UNSPEC,
		.dump_fd = STDERR_FILENO,
		.ready_fd = -1,
		.signals = PLAN_SIGNAL(SIGHUP) | PLAN_SIGNAL(SIGINT) | PLAN_SIGNAL(SIGQUIT) |
			PLAN_SIGNAL(SIGTERM),
	};
}

/* Parses and checks one address. On failure the error is filled, and plan_free still has its work. */
int plan_add(struct plan *plan, int side, const char *text, struct error *error)
{
	struct plan_side *place = &plan->sides[side];
	unsigned leniency = (plan->any_group ? ADDRESS_ANY_GROUP : 0u) |
		(plan->sloppy && plan->classic ? ADDRESS_SKIPS_WRONG : 0u);

	place->text = memory_string(text);
	place->spec = spec_parse(text, error);
	if (place->spec == NULL)
		return -1;
	spec_unquote_commands(place->spec, plan->classic);
	place->reader = address_create(place->spec, leniency, error);
	if (place->reader == NULL)
		return -1;
	place->writer = place->spec->writer == NULL
		? place->reader
		: address_create(place->spec->writer, leniency, error);
	if (place->writer == NULL)
		return -1;
	if (plan->sloppy) {
		options_tolerate(place->reader->options);
		options_tolerate(place->writer->options);
	}
	return 0;
}

/* A hub needs nobody at the second address, and what is given away has none. */
int plan_add_nobody(struct plan *plan, struct error *error)
{
	plan->alone = plan->pass_fd || SETTINGS(plan->sides[0].reader->options, hub)->hub != NULL;
	return plan->alone ? plan_add(plan, 1, "STALL", error) : 0;
}

/* Decides in which directions each side is used. */
static void plan_directions(struct plan *plan)
{
	bool rightward = plan->relay.way == RELAY_RIGHTWARD;

	plan->sides[0].use = plan->sides[1].use = USE_BOTH;
	if (!plan->relay.one_way)
		return;
	plan->sides[0].use = rightward ? USE_READ : USE_WRITE;
	plan->sides[1].use = rightward ? USE_WRITE : USE_READ;
}

/* Whether an option of hubs is given to an address that is none. */
static const char *plan_idle_hub_option(const struct address *address)
{
	static const char *const names[] = { "names", "hub-echo", "hub-queue", "hub-slow" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (options_given(address->options, names[i]))
			return names[i];
	}
	return NULL;
}

/* Whether an address has options about what is read from it that mean nothing where all hear it. */
static bool plan_reads_otherwise(const struct address *address)
{
	const struct transfer_settings *transfer = SETTINGS(address->options, transfer);

	return transfer->escape >= 0 || transfer->read_bytes >= 0 || transfer->read_packets > 0 ||
		transfer->ends_all || transfer->ends_soon || transfer->pause > 0;
}

/* Refuses options for many connections in one process where they can't be had. */
static int plan_check_many(const struct plan_side *side, bool last, const struct address *address,
	struct error *error)
{
	const struct child_settings *child = SETTINGS(address->options, child);
	const struct hub_settings *hub = SETTINGS(address->options, hub);
	const char *word = child->poll ? "poll" : "hub";

	if (hub->hub == NULL && plan_idle_hub_option(address) != NULL)
		return error_usage(error, _("option %s needs option hub"),
			plan_idle_hub_option(address));
	if (!child->poll && hub->hub == NULL)
		return 0;
	if (child->poll + child->fork + (hub->hub != NULL) > 1)
		return error_usage(error,
			_("only one of the options fork, poll and hub is allowed"));
	if (address->type->listen == NULL)
		return error_usage(error, _("option %s is for addresses that listen"), word);
	if (side->reader != side->writer)
		return error_usage(error, _("a half of a dual address cannot have option %s"),
			word);
	if (last && child->poll)
		return error_usage(error, _("option poll is for the first address"));
	if (hub->names && (strcmp(hub->hub, "bytes") == 0 || strcmp(hub->hub, "star") == 0))
		return error_usage(error, _("option names is for a hub that knows lines"));
	if (hub->hub != NULL && (address->type->traits & TRAIT_SINGLE))
		return error_usage(error, _("a hub needs members who stay: %s takes one datagram"),
			address->type->name);
	if (hub->hub != NULL &&
		(plan_reads_otherwise(address) || SETTINGS(address->options, transfer)->ignore_eof))
		return error_usage(error,
			_("escape, readbytes, readpackets, ends-all, pause and ignoreeof are not for the members of a hub"));
	return 0;
}

/* Why the second address can't be opened for each of many connections; NULL if it can. */
static const char *plan_poll_reason(const struct plan_side *side)
{
	const struct address *second = side->reader;
	const struct transfer_settings *transfer = SETTINGS(second->options, transfer);

	if (side->reader != side->writer)
		return _("with poll the second address cannot be a dual one");
	if (second->type->listen != NULL)
		return _("with poll each connection opens the second address, which cannot listen");
	if (SETTINGS(second->options, child)->fork)
		return _("with poll the second address cannot have option fork");
	if (SETTINGS(second->options, program)->nofork)
		return _("with poll there is no process that could become a program");
	if (transfer->lock_file != NULL || transfer->wait_lock != NULL)
		return _("with poll the second address cannot have a lock: the first one can");
	return NULL;
}

/* Why the second address can't take part in a hub; NULL if it can. */
static const char *plan_hub_reason(const struct address *second)
{
	if (SETTINGS(second->options, child)->fork)
		return _("a hub has one second address: it cannot have option fork");
	if (SETTINGS(second->options, program)->nofork)
		return _("with a hub there is no process that could become a program");
	if (plan_reads_otherwise(second))
		return _(
			"escape, readbytes, readpackets, ends-all and pause are not for the members of a hub");
	return NULL;
}

/* Refuses a star whose middle is missing, or another room. */
static int plan_check_star(const struct plan *plan, struct error *error)
{
	bool star = false, alone = plan->alone;

	for (int i = 0; i < 2; i++) {
		const char *word = SETTINGS(plan->sides[i].reader->options, hub)->hub;

		star = star || (word != NULL && strcmp(word, "star") == 0);
		alone = alone || (i == 1 && word != NULL);
	}
	if (!star || !alone)
		return 0;
	error_usage(error,
		_("hub=star needs a second address, no hub, that each member talks with alone"));
	error_place(error, plan->sides[0].text, 0, strlen(plan->sides[0].text));
	return -1;
}

/*
 * Whether what is written to an address may be packets. For inherited descriptors, programs and names of sockets only
 * opening will tell.
 */
static bool plan_may_keep_packets(const struct address *address)
{
	const struct address_type *type = address->type;

	if (type->traits & (TRAIT_DATAGRAM | TRAIT_STDIO | TRAIT_INHERITS | TRAIT_PROGRAM))
		return true;
	return (type->groups & GROUP_SOCKET) &&
		(type->socket.type != SOCK_STREAM || SETTINGS(address->options, socket)->type >= 0);
}

/* Refuses weather where it can't be had. */
static int plan_check_weather(const struct address *address, bool hub, struct error *error)
{
	const struct weather_settings *weather = SETTINGS(address->options, weather);

	if (hub && !weather_is_fair(weather))
		return error_usage(error,
			_("simulated weather (delay, rate and their kin) is not for the members of a hub"));
	if ((weather->drop > 0 || weather->duplicate > 0 || weather->reorder > 0) &&
		!plan_may_keep_packets(address))
		return error_usage(error,
			_("drop, duplicate and reorder are for addresses that keep packets apart, and %s is a stream"),
			address->type->name);
	return 0;
}

/* Refuses what cannot be opened once for each of many connections, and a second room without a first. */
static int plan_check_second(const struct plan *plan, struct error *error)
{
	const struct address *first = plan->sides[0].reader, *second = plan->sides[1].reader;
	const struct plan_side *side = &plan->sides[1];
	const char *reason = NULL;

	if (SETTINGS(first->options, child)->poll)
		reason = plan_poll_reason(side);
	else if (SETTINGS(first->options, hub)->hub != NULL)
		reason = plan_hub_reason(second);
	else if (SETTINGS(second->options, hub)->hub != NULL)
		reason = _("the second address can only be a hub if the first is one");
	if (reason == NULL)
		return 0;
	error_usage(error, "%s", reason);
	error_place(error, side->text, 0, strlen(side->text));
	return -1;
}

/* Refuses options that make no sense together. */
static int plan_check_address(const struct plan_side *side, bool last,
	const struct address *address, struct error *error)
{
	const struct child_settings *child = SETTINGS(address->options, child);
	const struct transfer_settings *transfer = SETTINGS(address->options, transfer);

	if (transfer->lock_file != NULL && transfer->wait_lock != NULL) {
		error_usage(error, _("only one of the options lockfile and waitlock is allowed"));
		error_place(error, side->text, address->spec->column, strlen(address->text));
		return -1;
	}
	if (child->max_children > 0 && !child->fork && !child->poll &&
		SETTINGS(address->options, hub)->hub == NULL) {
		error_usage(error, _("option max-children not allowed without option fork"));
		error_place(error, side->text, address->spec->column, strlen(address->text));
		return -1;
	}
	if (SETTINGS(address->options, program)->nofork &&
		(!last || side->reader != side->writer)) {
		error_usage(error, _("option nofork is for the whole second address alone"));
		error_place(error, side->text, address->spec->column, strlen(address->text));
		return -1;
	}
	if (plan_check_many(side, last, address, error) < 0) {
		error_place(error, side->text, address->spec->column, strlen(address->text));
		return -1;
	}
	if (child->fork && side->reader != side->writer) {
		error_usage(error, _("a half of a dual address cannot have option fork"));
		error_place(error, side->text, address->spec->column, strlen(address->text));
		return -1;
	}
	return 0;
}

/* Warns of an address that can only do half of what it is used for. */
static void plan_warn_direction(const struct address *address, unsigned use)
{
	static const char *const words[] = { "", "read-only", "write-only", "read-write" };

	if (use & ~address->type->use)
		log_warning(_("%s: address is opened in %s mode but only supports %s"),
			address->text, words[use], words[address->type->use]);
}

/* Which directions of a side an address serves. */
static unsigned plan_use(const struct plan_side *side, const struct address *address)
{
	if (side->reader == side->writer)
		return side->use;
	return side->use & (address == side->reader ? (unsigned)USE_READ : (unsigned)USE_WRITE);
}

/* An address that can only do the other half would leave nothing to do. */
static int plan_check_direction(const struct plan_side *side, const struct address *address,
	struct error *error)
{
	unsigned use = plan_use(side, address);

	if (use == 0 || (use & address->type->use) != 0 || address->type->use == USE_BOTH) {
		plan_warn_direction(address, use);
		return 0;
	}
	error_usage(error,
		use == USE_READ ? _("%s can only be written, and here it would be read")
				: _("%s can only be read, and here it would be written"),
		address->type->name);
	error_hint(error, _("swap the addresses"));
	error_place(error, side->text, address->spec->column, strlen(address->text));
	return -1;
}

/* Whether data can go from one side to the other. */
static bool plan_has_way(const struct plan *plan, int from)
{
	const struct plan_side *source = &plan->sides[from], *sink = &plan->sides[1 - from];

	return (source->use & source->reader->type->use & USE_READ) &&
		(sink->use & sink->writer->type->use & USE_WRITE);
}

/* The option that has several transfers run at the same time, or none in this process; NULL without one. */
static const char *plan_many_word(const struct plan *plan)
{
	if (plan->pass_fd)
		return "--pass-fd";
	for (int i = 0; i < 2; i++) {
		const struct address *address = plan->sides[i].reader;
		const struct child_settings *child = SETTINGS(address->options, child);

		if (child->fork)
			return "fork";
		if (child->poll)
			return "poll";
		if (SETTINGS(address->options, hub)->hub != NULL)
			return "hub";
		if (SETTINGS(address->options, program)->nofork)
			return "nofork";
	}
	return NULL;
}

/* The progress is that of one transfer. */
static int plan_check_progress(const struct plan *plan, struct error *error)
{
	const char *word = plan_many_word(plan);

	if (plan->size > 0 && plan->progress == PLAN_PROGRESS_UNASKED)
		return error_usage(error, _("option %s needs option %s"), "--size", "--progress");
	if (plan->progress <= PLAN_PROGRESS_NEVER || word == NULL)
		return 0;
	return error_usage(error,
		_("option %s shows one transfer, and cannot be used together with %s"),
		"--progress", word);
}

/* The address of a half: 0 and 1 are the first address, 2 and 3 the second; the even ones are read. */
const struct address *plan_half(const struct plan *plan, int half)
{
	const struct plan_side *side = &plan->sides[half / 2];

	return half % 2 == 0 ? side->reader : side->writer;
}

/* The weather of what is written to a side. */
const struct weather_settings *plan_weather(const struct plan *plan, int side)
{
	return plan->rate > 0 ? &plan->weather[side]
			      : SETTINGS(plan->sides[side].writer->options, weather);
}

/* Where an address says nothing else, both directions have the rate of the command line. */
static int plan_set_rate(struct plan *plan, bool hub, struct error *error)
{
	if (plan->rate > 0 && hub)
		return error_usage(error, _("option %s is not for the members of a hub"), "--rate");
	for (int i = 0; i < 2; i++) {
		plan->weather[i] = *SETTINGS(plan->sides[i].writer->options, weather);
		if (plan->weather[i].rate == 0)
			plan->weather[i].rate = plan->rate;
	}
	return 0;
}

/* Weather is that of what is written: says so where nothing is. */
static void plan_warn_weather(const struct plan *plan, int half)
{
	const struct address *address = plan_half(plan, half);
	const struct plan_side *side = &plan->sides[half / 2];
	bool written = address == side->writer && plan_has_way(plan, 1 - half / 2);
	bool twice = half % 2 == 0 && side->reader == side->writer;

	if (!written && !twice && !weather_is_fair(SETTINGS(address->options, weather)))
		log_warning(
			_("%s: delay, rate and their kin act on what is written to an address, and this one is only read"),
			address->text);
}

/* Looks at the weather of both halves of both sides. */
static int plan_check_weathers(struct plan *plan, struct error *error)
{
	bool hub = false;

	for (int i = 0; i < 2; i++)
		hub = hub || SETTINGS(plan->sides[i].reader->options, hub)->hub != NULL;
	if (plan_set_rate(plan, hub, error) < 0)
		return -1;
	for (int i = 0; i < 4; i++) {
		const struct plan_side *side = &plan->sides[i / 2];
		const struct address *address = plan_half(plan, i);

		if (plan_check_weather(address, hub, error) < 0) {
			error_place(error, side->text, address->spec->column,
				strlen(address->text));
			return -1;
		}
		plan_warn_weather(plan, i);
	}
	return 0;
}

/* The last look at the whole before anything is opened. */
int plan_check(struct plan *plan, struct error *error)
{
	unsigned traits[2];

	if (plan->ready_fd >= 0 && call_fcntl(plan->ready_fd, F_GETFD, 0) < 0)
		return error_usage(error, _("--ready-fd=%d: descriptor %d is not open"),
			plan->ready_fd, plan->ready_fd);
	if (plan->dump_file != NULL && plan->dump == 0)
		return error_usage(error,
			_("--dump-to=%s: without -v or -x nothing is written there"),
			plan->dump_file);
	if (plan->pass_fd && pass_check(plan, error) < 0)
		return -1;
	if (plan_check_progress(plan, error) < 0)
		return -1;
	plan_directions(plan);
	for (int i = 0; i < 2; i++) {
		const struct plan_side *side = &plan->sides[i];

		if (plan_check_address(side, i == 1, side->reader, error) < 0 ||
			plan_check_address(side, i == 1, side->writer, error) < 0 ||
			plan_check_direction(side, side->reader, error) < 0 ||
			(side->reader != side->writer &&
				plan_check_direction(side, side->writer, error) < 0))
			return -1;
		traits[i] = side->reader->type->traits & side->writer->type->traits;
	}
	if (plan_check_weathers(plan, error) < 0 || plan_check_star(plan, error) < 0 ||
		plan_check_second(plan, error) < 0 || taps_check(plan, error) < 0)
		return -1;
	if (!plan_has_way(plan, 0) && !plan_has_way(plan, 1))
		return error_usage(error,
			_("neither address can be read while the other is written"));
	if (traits[0] & traits[1] & TRAIT_STDIO && !plan->relay.one_way && !plan->classic)
		log_warning(_(
			"both addresses use standard input and output: what is typed goes to either of them"));
	return 0;
}

/* Opens the file of --dump-to, and empties it. Children append to it as we do. */
int plan_open_dump(struct plan *plan, struct error *error)
{
	if (plan->dump_file == NULL)
		return 0;
	plan->dump_fd = path_open(plan->dump_file,
		O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_NOCTTY, 0666, error);
	return plan->dump_fd < 0 ? -1 : 0;
}

/* The exit status that says how a plan failed. What has no message any more failed during the transfer. */
int plan_failure_status(const struct plan *plan, const struct error *error)
{
	if (plan->classic && plan->sloppy && error->message != NULL)
		return EXIT_STATUS_UNOPENED;
	return error->kind == ERROR_USAGE && !plan->classic ? EXIT_STATUS_USAGE
							    : EXIT_STATUS_FAILED;
}

/* Frees everything a plan holds. */
void plan_free(struct plan *plan)
{
	for (int i = 0; i < 2; i++) {
		struct plan_side *side = &plan->sides[i];

		if (side->writer != side->reader)
			address_free(side->writer);
		address_free(side->reader);
		spec_free(side->spec);
		free(side->text);
	}
	if (plan->dump_fd > STDERR_FILENO)
		fd_close(&plan->dump_fd);
	*plan = (struct plan){ .dump_fd = STDERR_FILENO, .ready_fd = -1 };
}
