#include "face/face.h"

#include <stdbool.h>
#include <string.h>

#include "cli/nettool.h"
#include "face/netcat.h"
#include "face/socat.h"

/* The other names, and who answers to them. */
static const struct face {
	const char *name;
	int (*run)(int argc, char **argv, const char *name);
} faces[] = {
	{ "socat", socat_main },
	{ "socat1", socat_main },
	{ "nc", netcat_main },
	{ "netcat", netcat_main },
	{ "ncat", netcat_main },
	{ "nc.openbsd", netcat_main },
	{ "nc.traditional", netcat_main },
	{ NULL, NULL },
};

static const struct face *face_find(const char *name)
{
	for (const struct face *face = faces; face->name != NULL; face++) {
		if (strcmp(face->name, name) == 0)
			return face;
	}
	return NULL;
}

/* The last part of the path by which the program was called. */
static const char *face_called(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Runs the program as what it is called, or what its first word says. Returns the exit status. */
int face_main(int argc, char **argv)
{
	const struct face *face = argc > 0 ? face_find(face_called(argv[0])) : NULL;

	if (face != NULL)
		return face->run(argc, argv, face_called(argv[0]));
	face = argc > 1 ? face_find(argv[1]) : NULL;
	if (face != NULL)
		return face->run(argc - 1, argv + 1, face->name);
	return nettool_main(argc, argv);
}
