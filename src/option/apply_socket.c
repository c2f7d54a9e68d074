/* Options that are socket options. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/call.h"
#include "base/number.h"
#include "option/table.h"

/* Of the options in an IP header, as RFC 791 has them. */
#define IP_OPTIONS_END 0
#define IP_OPTIONS_PAD 1
#define IP_OPTIONS_MOST 40 /* bytes */

/* Sets the socket option of the row to some bytes. */
static int apply_bytes(const struct option_use *use, const struct option_target *target,
	const void *data, size_t length, struct error *error)
{
	const struct option_effect *effect = &use->option->effect;

	if (call_setsockopt(target->fd, effect->level, effect->number, data, (socklen_t)length) < 0)
		return error_system(error, errno, _("cannot set %s"), option_constant(effect));
	return 0;
}

/* Sets a socket option of one int, or of as many as the option's kind has. */
int apply_sockopt(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	size_t count = option_number_count(use->option->kind);
	int numbers[3] = { 0 };

	for (size_t i = 0; i < count; i++)
		numbers[i] = (int)use->value.numbers[i];
	return apply_bytes(use, target, numbers, count * sizeof(numbers[0]), error);
}

/* Sets a socket option that is a time. */
int apply_sockopt_seconds(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct timeval time = {
		.tv_sec = (time_t)(use->value.numbers[0] / SECOND),
		.tv_usec = (suseconds_t)(use->value.numbers[0] % SECOND / 1000),
	};

	return apply_bytes(use, target, &time, sizeof(time), error);
}

/* Sets how long close() waits for unsent data. */
int apply_sockopt_linger(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct linger linger = { .l_onoff = 1, .l_linger = (int)use->value.numbers[0] };

	return apply_bytes(use, target, &linger, sizeof(linger), error);
}

/* Sets a socket option that is a text. */
int apply_sockopt_string(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return apply_bytes(use, target, use->value.string, use->value.length + 1, error);
}

/* Sets a socket option of one byte. */
int apply_sockopt_byte(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	unsigned char byte = (unsigned char)use->value.numbers[0];

	return apply_bytes(use, target, &byte, sizeof(byte), error);
}

/* Sets a socket option to the bytes of the value. */
int apply_sockopt_data(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return apply_bytes(use, target, use->value.data, use->value.length, error);
}

/* Sets the socket option whose level and number the value tells. */
int apply_sockopt_given(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_value *value = &use->value;
	int level = (int)value->numbers[0], name = (int)value->numbers[1];
	int number = (int)value->numbers[2];
	const void *data = &number;
	size_t length = sizeof(number);

	if (use->option->kind == OPTION_INT_INT_DATA) {
		data = value->data;
		length = value->length;
	} else if (use->option->kind == OPTION_INT_INT_STRING) {
		data = value->string;
		length = value->length + 1;
	}
	if (call_setsockopt(target->fd, level, name, data, (socklen_t)length) < 0)
		return error_system(error, errno, _("cannot set socket option %d of level %d"),
			name, level);
	return 0;
}

/* Tells the kernel who gets the signals of the socket. */
int apply_socket_owner(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	int owner = (int)use->value.numbers[0];

	if (call_ioctl(target->fd, (unsigned long)(unsigned)effect->number, &owner) < 0)
		return error_system(error, errno, _("cannot set %s"), option_constant(effect));
	return 0;
}

/*
 * Where the options of an IP header end; behind that the kernel has filled up to a multiple of
 * four.
 */
static size_t apply_ip_options_end(const unsigned char *options, size_t length)
{
	size_t at = 0;

	while (at < length && options[at] != IP_OPTIONS_END) {
		size_t size = 1;

		if (options[at] != IP_OPTIONS_PAD)
			size = at + 1 < length && options[at + 1] >= 2 ? options[at + 1] : 2;
		at += size;
	}
	return at < length ? at : length;
}

/* Appends to the options in the headers of outgoing packets. */
int apply_ip_options(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	unsigned char options[IP_OPTIONS_MOST];
	socklen_t room = sizeof(options);
	size_t end;

	if (call_getsockopt(target->fd, effect->level, effect->number, options, &room) < 0)
		return error_system(error, errno, _("cannot read %s"), option_constant(effect));
	end = apply_ip_options_end(options, (size_t)room);
	if (use->value.length > sizeof(options) - end)
		return error_failed(error, _("cannot set %s: more than %d bytes"),
			option_constant(effect), IP_OPTIONS_MOST);
	memcpy(options + end, use->value.data, use->value.length);
	return apply_bytes(use, target, options, end + use->value.length, error);
}
