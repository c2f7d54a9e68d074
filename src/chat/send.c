#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/call.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "chat/state.h"

/* /send FILE: its bytes go out as they are, behind what was typed before and in front of what is typed then. */
void send_start(struct talk *talk, const char *name)
{
	struct stat status;

	if (name[0] == '\0') {
		show_say(talk, "%s", _("which file? /send FILE"));
		return;
	}
	if (talk->file >= 0) {
		show_say(talk, _("%s is still being sent"), talk->file_name);
		return;
	}
	talk->file = fd_above_standard(
		call_open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0));
	if (talk->file < 0 || fstat(talk->file, &status) < 0 || !S_ISREG(status.st_mode)) {
		show_say(talk, _("cannot send %s: %s"), name,
			talk->file < 0 ? intl_reason(errno) : _("it is no regular file"));
		fd_close(&talk->file);
		return;
	}
	free(talk->file_name);
	talk->file_name = memory_string(name);
	talk->file_size = (uint64_t)status.st_size;
	talk->file_done = 0;
}

/* No more of the file is sent; what was typed meanwhile follows it. */
static void send_end(struct talk *talk)
{
	fd_close(&talk->file);
	text_add(&talk->typed, talk->later.data, talk->later.length);
	text_free(&talk->later);
	show_prompt(talk);
}

/* Takes bytes of the file that is being sent. Returns 0 when it is at its end. */
ssize_t send_read(struct talk *talk, void *data, size_t size)
{
	ssize_t n = call_read(talk->file, data, size);

	if (n > 0) {
		talk->file_done += (uint64_t)n;
		show_prompt(talk);
		return n;
	}
	show_say(talk,
		n < 0 ? P_("%s could not be read whole: %llu byte is sent",
				"%s could not be read whole: %llu bytes are sent", talk->file_done)
		      : P_("%s is sent: %llu byte", "%s is sent: %llu bytes", talk->file_done),
		talk->file_name, (unsigned long long)talk->file_done);
	send_end(talk);
	return 0;
}

/* Ctrl-C while a file is being sent: the rest of it stays here. */
void send_stop(struct talk *talk)
{
	show_say(talk,
		P_("%s is not sent on: %llu of %llu byte is sent",
			"%s is not sent on: %llu of %llu bytes are sent", talk->file_size),
		talk->file_name, (unsigned long long)talk->file_done,
		(unsigned long long)talk->file_size);
	send_end(talk);
}
