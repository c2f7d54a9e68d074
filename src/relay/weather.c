#include "relay/weather.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/system.h"

#define WEATHER_ROOM_LATE (1 << 20)   /* bytes that may be on their way where that takes time */
#define WEATHER_ROOM_EARLY (1 << 16)  /* and where it doesn't */
#define WEATHER_PATIENCE (SECOND / 5) /* how long a packet waits for the one that overtakes it */
#define WEATHER_SLICES 50	      /* so many writes a second make an even rate */
#define WEATHER_WHOLE 1000000	      /* what the shares are parts of */

struct weather_piece {
	struct weather_piece *next;
	int64_t due;
	size_t start, length; /* what is left of it */
	unsigned char data[];
};

struct weather {
	const struct weather_settings *settings; /* the caller's, who keeps them */
	bool packets;
	uint64_t random;
	struct weather_piece *first, *last;
	struct weather_piece *late; /* lets the next one pass */
	int64_t late_until;
	int64_t latest;	 /* when the last of the row is due */
	int64_t free_at; /* when the rate allows the next write */
	size_t weight;
};

/* Whether there is no weather at all. A seed alone makes none. */
bool weather_is_fair(const struct weather_settings *settings)
{
	return settings->delay == 0 && settings->jitter == 0 && settings->drop == 0 &&
		settings->duplicate == 0 && settings->reorder == 0 && settings->chop == 0 &&
		settings->rate == 0;
}

/* Makes the weather of one direction; NULL if it is fair. The settings stay the caller's. */
struct weather *weather_create(const struct weather_settings *settings, bool packets)
{
	struct weather *weather;

	if (settings == NULL || weather_is_fair(settings))
		return NULL;
	weather = memory_zero(1, sizeof(*weather));
	weather->settings = settings;
	weather->packets = packets;
	weather->random = (uint64_t)settings->seed;
	if (settings->seed < 0 && system_random(&weather->random, sizeof(weather->random)) < 0)
		weather->random = (uint64_t)clock_now();
	return weather;
}

/* Forgets everything that is on its way. NULL is allowed. */
void weather_free(struct weather *weather)
{
	if (weather == NULL)
		return;
	weather_end(weather);
	while (weather->first != NULL) {
		struct weather_piece *piece = weather->first;

		weather->first = piece->next;
		free(piece);
	}
	free(weather);
}

/* Throws the dice: a number from 0 up to, and without, the limit (splitmix64). */
static int64_t weather_throw(struct weather *weather, int64_t limit)
{
	uint64_t bits = weather->random += UINT64_C(0x9e3779b97f4a7c15);

	bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
	bits ^= bits >> 31;
	return limit <= 0 ? 0 : (int64_t)(bits % (uint64_t)limit);
}

/* Whether what happens to such a share of the packets happens to this one. */
static bool weather_happens(struct weather *weather, int64_t share)
{
	return weather_throw(weather, WEATHER_WHOLE) < share;
}

/* A point in time so much later, which may never come. */
static int64_t weather_later(int64_t time, int64_t delay)
{
	return delay > CLOCK_NEVER - time ? CLOCK_NEVER : time + delay;
}

/* Puts a piece on its way behind the others, none of which it may overtake. */
static void weather_append(struct weather *weather, struct weather_piece *piece)
{
	if (piece->due < weather->latest)
		piece->due = weather->latest;
	weather->latest = piece->due;
	piece->next = NULL;
	if (weather->first == NULL)
		weather->first = piece;
	else
		weather->last->next = piece;
	weather->last = piece;
}

/* A piece of its own with a copy of the bytes. */
static struct weather_piece *weather_piece(struct weather *weather, const void *data, size_t length,
	int64_t due)
{
	struct weather_piece *piece = memory_alloc(sizeof(*piece) + length);

	*piece = (struct weather_piece){ .due = due, .length = length };
	if (length > 0)
		memcpy(piece->data, data, length);
	weather->weight += sizeof(*piece) + length;
	return piece;
}

/* The packet that let others pass goes on its way too. */
static void weather_release(struct weather *weather)
{
	struct weather_piece *late = weather->late;

	weather->late = NULL;
	if (late != NULL)
		weather_append(weather, late);
}

/* Takes what would have been written now, and decides what becomes of it. */
void weather_take(struct weather *weather, const void *data, size_t length, int64_t now)
{
	const struct weather_settings *settings = weather->settings;
	bool drop = weather_happens(weather, settings->drop);
	bool twice = weather_happens(weather, settings->duplicate);
	bool late = weather_happens(weather, settings->reorder);
	int64_t jitter = weather_throw(weather, settings->jitter);
	int64_t due = weather_later(weather_later(now, settings->delay), jitter);
	struct weather_piece *piece;

	if (drop) {
		log_info("weather: dropped a packet of %zu bytes", length);
		return;
	}
	if (twice) {
		log_info("weather: doubled a packet of %zu bytes", length);
		weather_append(weather, weather_piece(weather, data, length, due));
	}
	piece = weather_piece(weather, data, length, due);
	if (late && weather->late == NULL) {
		log_info("weather: a packet of %zu bytes lets the next one pass", length);
		weather->late = piece;
		weather->late_until = weather_later(now, WEATHER_PATIENCE);
		return;
	}
	weather_append(weather, piece);
	weather_release(weather);
}

/* Nothing more comes that could overtake anybody. */
void weather_end(struct weather *weather)
{
	weather_release(weather);
}

/* Makes everything due at once, where nobody is left to wait for it. */
void weather_hurry(struct weather *weather)
{
	weather_release(weather);
	for (struct weather_piece *piece = weather->first; piece != NULL; piece = piece->next)
		piece->due = 0;
	weather->latest = weather->free_at = 0;
}

/* Whether more may be taken; if not, the source has to wait. */
bool weather_has_room(const struct weather *weather)
{
	bool takes_time = weather->settings->delay > 0 || weather->settings->jitter > 0;

	return weather->weight < (takes_time ? WEATHER_ROOM_LATE : WEATHER_ROOM_EARLY);
}

/* Whether nothing is on its way. */
bool weather_is_empty(const struct weather *weather)
{
	return weather->first == NULL && weather->late == NULL;
}

/* When to look again: something may be written then, or a packet has let others pass for long enough. */
int64_t weather_due(const struct weather *weather)
{
	const struct weather_piece *first = weather->first;
	int64_t due = weather->late != NULL ? weather->late_until : CLOCK_NEVER;

	if (first == NULL)
		return due;
	return clock_earlier(due, first->due > weather->free_at ? first->due : weather->free_at);
}

/* What is to be written now, in one piece; false if it is too early for anything. */
bool weather_next(struct weather *weather, int64_t now, const unsigned char **data, size_t *length)
{
	const struct weather_settings *settings = weather->settings;
	const struct weather_piece *piece;
	int64_t most;

	if (weather->late != NULL && now >= weather->late_until)
		weather_release(weather);
	piece = weather->first;
	if (piece == NULL || now < piece->due || now < weather->free_at)
		return false;
	most = (int64_t)piece->length;
	if (settings->chop > 0 && settings->chop < most)
		most = settings->chop;
	/* a packet goes in one piece, and what comes next has to wait the longer */
	if (settings->rate > 0 && !weather->packets && settings->rate / WEATHER_SLICES < most)
		most = settings->rate / WEATHER_SLICES + 1;
	*data = piece->data + piece->start;
	*length = (size_t)most < piece->length ? (size_t)most : piece->length;
	return true;
}

/* So much of what weather_next gave is written. The rate allows the next write when this one has had its time. */
void weather_wrote(struct weather *weather, size_t length, int64_t now)
{
	struct weather_piece *piece = weather->first;
	int64_t rate = weather->settings->rate;

	if (rate > 0) {
		/* a little time that poll has overslept is made up for, and no more */
		if (weather->free_at < now - SECOND / WEATHER_SLICES)
			weather->free_at = now - SECOND / WEATHER_SLICES;
		weather->free_at += (int64_t)((double)length * (double)SECOND / (double)rate);
	}
	piece->start += length;
	piece->length -= length;
	if (piece->length > 0)
		return;
	weather->first = piece->next;
	weather->weight -= sizeof(*piece) + piece->start;
	free(piece);
}
