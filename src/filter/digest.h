/*
 * The digest of what is read from a stream, or written to it. OpenSSL computes it, loaded when somebody asks for it
 * and not before; digest_none.c is for a program that was built without.
 */
#ifndef FILTER_DIGEST_H
#define FILTER_DIGEST_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "io/stream.h"

int digest_check(const char *name, struct error *error);
void digest_watch(struct stream *stream, bool reading, const char *name, const char *label);
const char *digest_label(const struct stream *stream, bool reading);
bool digest_add(const struct stream *stream, bool reading, struct text *hex);

#endif
