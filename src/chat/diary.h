/* What is kept of a talk in files: lines to call back, and a transcript. */
#ifndef CHAT_DIARY_H
#define CHAT_DIARY_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

char *diary_history_path(void);
int diary_open(const char *path, struct error *error);
void diary_load(const char *path, void (*visit)(void *context, const char *line), void *context);
void diary_append(int fd, const char *line, size_t length);
void diary_add(int fd, const char *front, const char *line, size_t length);

#endif
