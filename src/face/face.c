#include "face/face.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/intl.h"
#include "cli/complete.h"
#include "cli/nettool.h"
#include "face/netcat.h"
#include "face/socat.h"

#define FACE_COMPLETE "--complete" /* the first word of those who ask for completion */

/* The other names, who answers to them, and who completes their command lines. */
static const struct face {
	const char *name;
	int (*run)(int argc, char **argv, const char *name);
	void (*complete)(const char *name, char **words, int count, struct text *out);
} faces[] = {
	{ "socat", socat_main, socat_complete },
	{ "socat1", socat_main, socat_complete },
	{ "nc", netcat_main, netcat_complete },
	{ "netcat", netcat_main, netcat_complete },
	{ "ncat", netcat_main, netcat_complete },
	{ "nc.openbsd", netcat_main, netcat_complete },
	{ "nc.traditional", netcat_main, netcat_complete },
	{ NULL, NULL, NULL },
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

/* Offers the names of the faces, which may be the first word. */
static void face_offer(const char *word, struct text *out)
{
	struct completion completion;

	complete_word_init(&completion, word, 0, out);
	for (const struct face *face = faces; face->name != NULL; face++)
		complete_offer(&completion, COMPLETE_PLAIN, face->name, "",
			_("the command line of that program"));
}

/* Prints candidates for the last of the words, which a face may own. Returns the exit status. */
static int face_complete(const struct face *face, char **words, int count)
{
	struct text out = TEXT_EMPTY;

	if (face == NULL && count > 1 && (face = face_find(words[0])) != NULL) {
		words++;
		count--;
	}
	if (face != NULL)
		face->complete(face->name, words, count, &out);
	else
		complete_words(words, count, NULL, &out);
	if (face == NULL && count <= 1)
		face_offer(count > 0 ? words[0] : "", &out);
	complete_sort(&out);
	return nettool_print(&out);
}

/* Runs the program as what it is called, or what its first word says. Returns the exit status. */
int face_main(int argc, char **argv)
{
	const struct face *face = argc > 0 ? face_find(face_called(argv[0])) : NULL;

	if (argc > 1 && strcmp(argv[1], FACE_COMPLETE) == 0)
		return face_complete(face, argv + 2, argc - 2);
	if (face != NULL)
		return face->run(argc, argv, face_called(argv[0]));
	face = argc > 1 ? face_find(argv[1]) : NULL;
	if (face != NULL)
		return face->run(argc - 1, argv + 1, face->name);
	return nettool_main(argc, argv);
}
