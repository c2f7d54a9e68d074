#include "relay/advice.h"

#include <errno.h>

#include "base/intl.h"

/* Fills in the hint for packets that nobody takes or that can't be sent. */
static void advice_packets(int number, struct error *error)
{
	if (number == EMSGSIZE)
		error_hint(error, _("each block is one packet; -b 1400 makes smaller ones"));
	else if (number == EACCES)
		error_hint(error, _("a broadcast address needs option broadcast"));
	else if (number == ECONNREFUSED || number == ENOENT)
		error_hint(error, _("nobody receives there; start the receiver first"));
	else if (number == ENETUNREACH || number == EHOSTUNREACH)
		error_hint(error, _("this machine has no way there; is the network up?"));
	else if (number == ENOBUFS)
		error_hint(error, _("the packets come too fast; option rate slows them down"));
}

/* Fills in the hint for a sink that can't be written to. */
void advice_write(int number, bool packets, struct error *error)
{
	if (packets)
		advice_packets(number, error);
	else if (number == EPIPE)
		error_hint(error, _("the other side has stopped reading; what was left is lost"));
	else if (number == EFBIG)
		error_hint(error, _("files may not grow that large here: ulimit -f"));
	else
		advice_read(number, error);
}

/* Fills in the hint for a source that can't be read. */
void advice_read(int number, struct error *error)
{
	if (number == ECONNRESET)
		error_hint(error,
			_("the other side broke the connection off; what was under way is lost"));
	else if (number == ECONNREFUSED)
		error_hint(error, _("nobody receives there; start the receiver first"));
	else if (number == ETIMEDOUT)
		error_hint(error, _("the other side doesn't answer any more"));
}
