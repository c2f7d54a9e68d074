/*
 * The main() of a fuzz target where libFuzzer is absent: feeds the empty input and then every file
 * named on the command line, or found under a directory named there, to the target once. "make
 * check" uses it to replay the corpus with any compiler.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program: a replay that cannot read its input must not look like a pass. */
static void fail(const char *what, const char *path)
{
	fprintf(stderr, "replay: unable to %s %s: %s\n", what, path, strerror(errno));
	exit(2);
}

static void *need(void *memory)
{
	if (memory == NULL)
		fail("allocate memory for", "the input");
	return memory;
}

/* Runs the target over one file. The buffer is exactly as large as the input, so that a sanitizer
 * sees the first byte read beyond it. */
static void replay_file(const char *path, size_t size)
{
	uint8_t *data = need(malloc(size > 0 ? size : 1));
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		fail("open", path);
	size = fread(data, 1, size, file);
	if (ferror(file))
		fail("read", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

/* Replays a file, or everything below a directory. */
static void replay(const char *path)
{
	struct stat status;
	struct dirent *entry;
	DIR *dir;

	if (stat(path, &status) != 0)
		fail("stat", path);
	if (!S_ISDIR(status.st_mode)) {
		replay_file(path, (size_t)status.st_size);
		return;
	}
	dir = opendir(path);
	if (dir == NULL)
		fail("open", path);
	while ((entry = readdir(dir)) != NULL) {
		size_t length = strlen(path) + strlen(entry->d_name) + 2;
		char *child;

		if (entry->d_name[0] == '.')
			continue;
		child = need(malloc(length));
		snprintf(child, length, "%s/%s", path, entry->d_name);
		replay(child);
		free(child);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	static const uint8_t nothing[1];

	LLVMFuzzerTestOneInput(nothing, 0);
	for (int i = 1; i < argc; i++) {
		/* libFuzzer's own switches mean nothing here. */
		if (argv[i][0] != '-')
			replay(argv[i]);
	}
	return 0;
}
