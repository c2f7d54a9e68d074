/* Variables for programs: SOCAT_PEERADDR and the like, collected where they are known and set in one place. */
#ifndef BASE_EXPORTS_H
#define BASE_EXPORTS_H

#include <stdbool.h>
#include <stddef.h>

struct exports {
	struct export *list;
	size_t count, room;
};

void exports_add(struct exports *exports, const char *name, const char *value);
void exports_print(struct exports *exports, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void exports_publish(const struct exports *exports, const char *program, bool here);
void exports_forget(const char *program, const char *start);
void exports_free(struct exports *exports);

#endif
