#ifndef BASE_LOG_JSON_H
#define BASE_LOG_JSON_H

#include "base/log.h"
#include "base/text.h"

void log_json(struct text *out, enum log_level level, const char *program, const char *message,
	const struct error *error);

#endif
