#include "filter/digest.h"

#include "base/intl.h"

int digest_check(const char *name, struct error *error)
{
	return error_usage(error, _("--digest=%s: not built in, it needs OpenSSL"), name);
}

void digest_watch(struct stream *stream, bool reading, const char *name, const char *label)
{
	(void)stream;
	(void)reading;
	(void)name;
	(void)label;
}

const char *digest_label(const struct stream *stream, bool reading)
{
	(void)stream;
	(void)reading;
	return "";
}

bool digest_add(const struct stream *stream, bool reading, struct text *hex)
{
	(void)stream;
	(void)reading;
	(void)hex;
	return false;
}
