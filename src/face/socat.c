#include "face/socat.h"

#include "cli/complete.h"
#include "cli/nettool.h"
#include "face/socat_help.h"
#include "face/socat_version.h"

/* Runs the program as socat. Returns the exit status. */
int socat_main(int argc, char **argv, const char *name)
{
	const struct manner manner = {
		.program = name,
		.classic = true,
		.help = socat_help,
		.version = socat_version,
	};

	return nettool_run(argc, argv, &manner);
}

/* Offers candidates for the last of the words behind socat's name. */
void socat_complete(const char *name, char **words, int count, struct text *out)
{
	(void)name;
	complete_words(words, count, socat_has_argument, out);
}
