/* What descriptors are: the table of -D, and that of --describe-fds. */
#include "session/describe.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "io/descriptor.h"

/* Where the system keeps no folder of our descriptors, these are looked at. */
#define DESCRIBE_MOST 65536

static void describe_one(int fd)
{
	struct text line = TEXT_EMPTY;

	if (descriptor_describe(fd, &line))
		log_forced(LOG_LEVEL_NOTICE, "%s", line.data);
	text_free(&line);
}

/* Describes the descriptors of both directions. */
void describe_streams(const struct flow flows[2])
{
	log_forced(LOG_LEVEL_NOTICE, "  FD type    facts");
	for (int i = 0; i < 2; i++) {
		if (flows[i].from != NULL)
			describe_one(flows[i].from->rfd);
		if (flows[i].to != NULL)
			describe_one(flows[i].to->wfd);
	}
}

static int describe_compare(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

/* The numbers that a folder of descriptors lists, but not that of the folder itself. */
static int *describe_list(DIR *folder, size_t *count)
{
	const struct dirent *entry;
	intmax_t number;
	char *reason;
	size_t room = 0;
	int *list = NULL;

	*count = 0;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (number_parse(entry->d_name, 0, INT32_MAX, &number, &reason) < 0) {
			free(reason);
			continue;
		}
		if (number == dirfd(folder))
			continue;
		list = memory_grow(list, &room, *count + 1, sizeof(*list));
		list[(*count)++] = (int)number;
	}
	if (list != NULL)
		qsort(list, *count, sizeof(*list), describe_compare);
	return list;
}

static void describe_line(int fd, int first, int last, struct text *out)
{
	if (fd >= first && fd <= last && descriptor_describe(fd, out))
		text_add_char(out, '\n');
}

/* Appends a line for each open descriptor from the first number to the last. */
void describe_descriptors(int first, int last, struct text *out)
{
	DIR *folder = opendir("/dev/fd");
	size_t count;
	int *list;

	if (folder == NULL) {
		for (int fd = 0; fd < DESCRIBE_MOST; fd++)
			describe_line(fd, first, last, out);
		return;
	}
	list = describe_list(folder, &count);
	closedir(folder);
	for (size_t i = 0; i < count; i++)
		describe_line(list[i], first, last, out);
	free(list);
}
