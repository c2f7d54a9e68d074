/*
 * The simulated weather between a flow and its sink: pieces that are on their way, each with the time before which it
 * must not be written. A piece is what was read at once, or a packet where the sink keeps boundaries. Packets may get
 * lost, come twice or change places; the bytes of a stream keep their order whatever the weather.
 *
 * Every packet costs the same number of throws of the dice, whatever comes of them. So with a seed the same packets
 * meet with the same fate, however fast they come. Times are the caller's: nobody looks at a clock here.
 */
#ifndef RELAY_WEATHER_H
#define RELAY_WEATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/transfer.h"

struct weather;

bool weather_is_fair(const struct weather_settings *settings);
struct weather *weather_create(const struct weather_settings *settings, bool packets);
void weather_free(struct weather *weather);
void weather_take(struct weather *weather, const void *data, size_t length, int64_t now);
void weather_end(struct weather *weather);
void weather_hurry(struct weather *weather);
bool weather_has_room(const struct weather *weather);
bool weather_is_empty(const struct weather *weather);
int64_t weather_due(const struct weather *weather);
bool weather_next(struct weather *weather, int64_t now, const unsigned char **data, size_t *length);
void weather_wrote(struct weather *weather, size_t length, int64_t now);

#endif
