/* Entries in the file system that an address makes or opens: sockets, fifos, files. */
#ifndef SOCKET_ENTRY_H
#define SOCKET_ENTRY_H

#include <stdbool.h>

#include "base/error.h"
#include "option/options.h"

int entry_remove(const struct options *options, const char *path, struct error *error);
int entry_prepare(const struct options *options, const char *path, struct error *error);
int entry_own(const struct options *options, const char *path, bool with_mode, struct error *error);
int entry_own_device(const struct options *options, const char *path, struct error *error);
int entry_own_descriptor(const struct options *options, int fd, bool named, struct error *error);

#endif
