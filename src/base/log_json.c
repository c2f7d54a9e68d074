#include "base/log_json.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/intl.h"
#include "base/json.h"

/* Appends a member whose value is text, behind others. */
static void log_json_text(struct text *out, const char *name, const char *value)
{
	struct text text = TEXT_EMPTY;

	intl_add_utf8(&text, value);
	text_print(out, ", \"%s\": ", name);
	json_string(out, text.data != NULL ? text.data : "", text.length);
	text_free(&text);
}

/* Appends a message as an object of JSON, without the end of the line; the error may be NULL. */
void log_json(struct text *out, enum log_level level, const char *program, const char *message,
	const struct error *error)
{
	static const char *const levels[] = { "debug", "info", "notice", "warning", "error",
		"fatal" };
	struct timespec now;
	struct tm parts;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
	text_print(out, "{\"time\": \"%s.%06ldZ\", \"level\": \"%s\"", stamp, now.tv_nsec / 1000,
		levels[level]);
	log_json_text(out, "program", program);
	text_print(out, ", \"pid\": %ld", (long)getpid());
	log_json_text(out, "message", message);
	if (error != NULL && error->text != NULL) {
		log_json_text(out, "text", error->text);
		text_print(out, ", \"column\": %zu, \"width\": %zu", error->column,
			error->width > 0 ? error->width : 1);
	}
	if (error != NULL && error->hint != NULL)
		log_json_text(out, "hint", error->hint);
	text_add_char(out, '}');
}
