/*
 * Options that act on a terminal. Each reads the settings, changes its part and writes them, so that
 * they act in the order of the text. Devices leave what they can't do as it was and tell nobody, or
 * the C library tells with EINVAL; so what matters for the line (speed, size of bytes, parity ...)
 * is read again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/call.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "option/constants.h"
#include "option/table.h"

#define BITS(flag) ((flag) == OPTION_MISSING ? 0 : (tcflag_t)(flag))

/* A call on the descriptor failed; that it is no terminal is the usual reason. */
static int terminal_fail(const struct option_target *target, const char *message,
	struct error *error)
{
	if (errno == ENOTTY && target->inherited)
		return error_system(error, errno, _("descriptor %d is not a terminal"), target->fd);
	if (errno == ENOTTY)
		return error_system(error, errno, _("this is not a terminal"));
	return error_system(error, errno, "%s", message);
}

/* Reads the settings. */
static int terminal_get(const struct option_target *target, struct termios *settings,
	struct error *error)
{
	if (call_tcgetattr(target->fd, settings) < 0)
		return terminal_fail(target, _("cannot read the settings of the terminal"), error);
	return 0;
}

/* Says that the device left a setting as it was. */
static int terminal_refuse(const struct option_use *use, struct error *error)
{
	const char *symbol = use->option->effect.symbol;

	return error_failed(error, _("cannot set %s: the device doesn't support this"),
		symbol != NULL ? symbol : _("the settings"));
}

/* Whether two settings are the same, but for the control characters. */
static bool terminal_same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
		a->c_lflag == b->c_lflag;
}

/* Writes the settings, and replaces them by what the device has made of them. */
static int terminal_set(const struct option_use *use, const struct option_target *target,
	struct termios *settings, struct error *error)
{
	const struct termios asked = *settings;
	bool told = false;

	while (!told && call_tcsetattr(target->fd, TCSANOW, settings) < 0) {
		told = errno == EINVAL;
		if (!told && errno != EINTR)
			return terminal_fail(target,
				_("cannot change the settings of the terminal"), error);
	}
	if (terminal_get(target, settings, error) < 0)
		return -1;
	return told && !terminal_same(settings, &asked) ? terminal_refuse(use, error) : 0;
}

/* One of the four words of the settings, by its number in setflags. */
static tcflag_t *terminal_word(struct termios *settings, intmax_t word)
{
	tcflag_t *const words[TERMINAL_WORD_COUNT] = {
		[TERMINAL_INPUT] = &settings->c_iflag,
		[TERMINAL_OUTPUT] = &settings->c_oflag,
		[TERMINAL_CONTROL] = &settings->c_cflag,
		[TERMINAL_LOCAL] = &settings->c_lflag,
	};

	return words[word];
}

/*
 * Changes the bits of a word that are in the mask. Of the word that is about the line it is checked
 * what has become of it.
 */
static int terminal_change(const struct option_use *use, const struct option_target *target,
	int level, tcflag_t mask, tcflag_t bits, struct error *error)
{
	struct termios settings;
	tcflag_t *word = terminal_word(&settings, level);

	if (terminal_get(target, &settings, error) < 0)
		return -1;
	*word = (*word & ~mask) | bits;
	if (terminal_set(use, target, &settings, error) < 0)
		return -1;
	if (level == TERMINAL_CONTROL && (*word & mask) != bits)
		return terminal_refuse(use, error);
	return 0;
}

/* Sets or clears a flag, or gives a field of bits the row's value or the number that was given. */
int apply_terminal_bits(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	tcflag_t mask = effect->mask, lowest = mask & (~mask + 1), bits;

	if (use->option->kind == OPTION_CONST)
		bits = (tcflag_t)effect->number;
	else if (use->option->kind == OPTION_BOOL)
		bits = use->value.numbers[0] != 0 ? mask : 0;
	else
		bits = (tcflag_t)use->value.numbers[0] * lowest;
	return terminal_change(use, target, effect->level, mask, bits, error);
}

/* Whether a value starts with the number of a word. */
int check_terminal_word(const char *value, char **reason)
{
	intmax_t word = strtoimax(value, NULL, 0);

	if (word >= 0 && word < TERMINAL_WORD_COUNT)
		return 0;
	*reason = memory_print(_("there is no word %jd, 0 to %d are allowed"), word,
		TERMINAL_WORD_COUNT - 1);
	return -1;
}

/* Replaces a word of the settings. */
int apply_terminal_word(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return terminal_change(use, target, (int)use->value.numbers[0], ~(tcflag_t)0,
		(tcflag_t)use->value.numbers[1], error);
}

/* Sets a control character, or one of the two numbers that have their place among them. */
int apply_terminal_character(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct termios settings;

	if (terminal_get(target, &settings, error) < 0)
		return -1;
	settings.c_cc[use->option->effect.number] = (cc_t)use->value.numbers[0];
	return terminal_set(use, target, &settings, error);
}

/* Whether a row of the table is a rate that this system has. */
static bool terminal_is_rate(const struct option *option)
{
	return option->effect.apply == apply_terminal_speed && option->kind == OPTION_CONST &&
		option->effect.number != OPTION_MISSING;
}

/* Finds the constant for a rate, which may be given as that constant too. */
static bool terminal_find_speed(intmax_t number, speed_t *speed)
{
	const struct option *found = NULL;

	for (const struct option *row = option_table_terminal; row->name != NULL; row++) {
		if (!terminal_is_rate(row))
			continue;
		if (strtoimax(row->name + 1, NULL, 10) == number) {
			found = row;
			break;
		}
		if (row->effect.number == number)
			found = row;
	}
	if (found != NULL)
		*speed = (speed_t)found->effect.number;
	return found != NULL;
}

/* Whether the value is a rate that can be set; if not, the reason says which can. */
int check_terminal_speed(const char *value, char **reason)
{
	struct text rates = TEXT_EMPTY;
	speed_t speed;

	if (terminal_find_speed(strtoimax(value, NULL, 0), &speed))
		return 0;
	for (const struct option *row = option_table_terminal; row->name != NULL; row++) {
		if (terminal_is_rate(row))
			text_print(&rates, "%s%s", rates.length > 0 ? ", " : "", row->name + 1);
	}
	*reason = memory_print(_("no such speed; there are %s"), rates.data);
	text_free(&rates);
	return -1;
}

/* Sets the speed of one direction or both. */
int apply_terminal_speed(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option_effect *effect = &use->option->effect;
	bool input = (effect->level & TERMINAL_SPEED_INPUT) != 0;
	bool output = (effect->level & TERMINAL_SPEED_OUTPUT) != 0;
	speed_t speed = (speed_t)effect->number;
	struct termios settings;

	if (use->option->kind != OPTION_CONST &&
		!terminal_find_speed(use->value.numbers[0], &speed))
		return terminal_refuse(use, error);
	if (terminal_get(target, &settings, error) < 0)
		return -1;
	if ((output && cfsetospeed(&settings, speed) < 0) ||
		(input && cfsetispeed(&settings, speed) < 0))
		return terminal_refuse(use, error);
	if (terminal_set(use, target, &settings, error) < 0)
		return -1;
	/* 0 is no speed: it hangs up, or has the input follow the output */
	if (speed != B0 &&
		((output && cfgetospeed(&settings) != speed) ||
			(input && cfgetispeed(&settings) != speed)))
		return terminal_refuse(use, error);
	return 0;
}

/* Changes the settings as a whole by a function. */
static int terminal_become(const struct option_use *use, const struct option_target *target,
	void (*become)(struct termios *), struct error *error)
{
	struct termios settings;

	if (terminal_get(target, &settings, error) < 0)
		return -1;
	become(&settings);
	settings.c_cflag |= CREAD;
	return terminal_set(use, target, &settings, error);
}

/* One byte is enough for a read to return. */
static void terminal_read_bytes(struct termios *settings)
{
	settings->c_cc[VMIN] = 1;
	settings->c_cc[VTIME] = 0;
}

static void terminal_make_raw(struct termios *settings)
{
	settings->c_iflag &= ~(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP | INLCR | IGNCR |
		ICRNL | IXON | IXOFF | BITS(IUCLC) | IXANY | BITS(IMAXBEL));
	settings->c_oflag &= ~OPOST;
	settings->c_lflag &= ~(ISIG | ICANON | BITS(XCASE));
	terminal_read_bytes(settings);
}

/* Passes bytes as they are, but leaves the echo as it is. */
int apply_terminal_raw(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return terminal_become(use, target, terminal_make_raw, error);
}

/* The speed and what else belongs to the line stay: a terminal without speed would hang up. */
static void terminal_make_rawer(struct termios *settings)
{
	settings->c_iflag = 0;
	settings->c_oflag = 0;
	settings->c_lflag = 0;
	settings->c_cflag = (settings->c_cflag & ~(CSIZE | PARENB)) | CS8;
	terminal_read_bytes(settings);
}

/* Passes all bytes as they are, without echo and without any other service. */
int apply_terminal_rawer(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return terminal_become(use, target, terminal_make_rawer, error);
}

/* What the C library takes for raw. */
int apply_terminal_cfmakeraw(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return terminal_become(use, target, cfmakeraw, error);
}

static void terminal_make_sane(struct termios *settings)
{
	settings->c_iflag &= ~(IGNBRK | INLCR | IGNCR | BITS(IUCLC) | IXANY | IXOFF);
	settings->c_iflag |= BRKINT | ICRNL | BITS(IMAXBEL);
	settings->c_oflag = OPOST | BITS(ONLCR);
	settings->c_lflag &= ~(BITS(XCASE) | ECHONL | NOFLSH | TOSTOP | BITS(ECHOPRT));
	settings->c_lflag |= ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | BITS(ECHOCTL) |
		BITS(ECHOKE);
}

/* Serves people again who type lines. Their control characters stay. */
int apply_terminal_sane(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	return terminal_become(use, target, terminal_make_sane, error);
}

/* Says how large the window is; programs at the terminal get SIGWINCH. */
int apply_terminal_size(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	struct winsize size = {
		.ws_col = (unsigned short)use->value.numbers[0],
		.ws_row = (unsigned short)use->value.numbers[1],
	};

	if (call_ioctl(target->fd, TIOCSWINSZ, &size) < 0)
		return terminal_fail(target, _("cannot set the size of the window"), error);
	return 0;
}

/* Makes it our controlling terminal. Where we may not have one, things go on without. */
int apply_terminal_control(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	if (use->value.numbers[0] == 0 || call_ioctl(target->fd, TIOCSCTTY, 0) == 0)
		return 0;
	if (errno == ENOTTY)
		return terminal_fail(target, "", error);
	log_warning(_("option %s: cannot make it the controlling terminal: %s"),
		use->spec->name.data, intl_reason(errno));
	return 0;
}
