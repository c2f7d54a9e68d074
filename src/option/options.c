#include "option/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/log.h"
#include "base/memory.h"
#include "option/hint.h"
#include "option/table.h"

/* A settings block that an option has changed. */
struct options_block {
	const struct settings_block *block;
	void *settings;
};

struct options {
	const struct spec *spec;
	bool tolerant;
	struct option_use *uses; /* in the order of the text */
	size_t count;
	size_t room;
	struct options_block *blocks;
	size_t block_count;
	size_t block_room;
};

/* The block's settings, or NULL where no option has changed them. */
static void *options_changed(const struct options *options, const struct settings_block *block)
{
	for (size_t i = 0; i < options->block_count; i++) {
		if (options->blocks[i].block == block)
			return options->blocks[i].settings;
	}
	return NULL;
}

/* The block's settings to change, a copy of the defaults at first. */
static char *options_block(struct options *options, const struct settings_block *block)
{
	void *settings = options_changed(options, block);

	if (settings != NULL)
		return settings;
	options->blocks = memory_grow(options->blocks, &options->block_room,
		options->block_count + 1, sizeof(*options->blocks));
	settings = memory_copy(block->defaults, block->size);
	options->blocks[options->block_count++] = (struct options_block){ block, settings };
	return settings;
}

/* Stores a number in a member of some size; the option's range has seen to it that it fits. */
static void options_store_number(char *member, size_t size, intmax_t number)
{
	int8_t byte = (int8_t)number;
	int16_t half = (int16_t)number;
	int32_t word = (int32_t)number;
	int64_t wide = (int64_t)number;

	switch (size) {
	case sizeof(byte):
		memcpy(member, &byte, sizeof(byte));
		break;
	case sizeof(half):
		memcpy(member, &half, sizeof(half));
		break;
	case sizeof(word):
		memcpy(member, &word, sizeof(word));
		break;
	default:
		memcpy(member, &wide, sizeof(wide));
		break;
	}
}

/* Adds bits to one member and takes them from the other. */
static void options_store_bits(char *add, char *take, unsigned bits)
{
	unsigned set;

	memcpy(&set, add, sizeof(set));
	set |= bits;
	memcpy(add, &set, sizeof(set));
	memcpy(&set, take, sizeof(set));
	set &= ~bits;
	memcpy(take, &set, sizeof(set));
}

/* Stores the value of an option that an opener reads. */
static void options_store(struct options *options, const struct option_use *use)
{
	const struct option_effect *effect = &use->option->effect;
	char *settings = options_block(options, effect->block);
	char *member = settings + effect->offset;
	char *clear = settings + effect->clear_offset;

	if (effect->clear_offset != 0 && use->value.numbers[0] != 0)
		options_store_bits(member, clear, (unsigned)effect->number);
	else if (effect->clear_offset != 0)
		options_store_bits(clear, member, (unsigned)effect->number);
	else if (use->option->kind == OPTION_CONST)
		options_store_number(member, effect->size, effect->number);
	else if (option_number_count(use->option->kind) == 0)
		memcpy(member, &use->value.string, sizeof(use->value.string));
	else
		options_store_number(member, effect->size, use->value.numbers[0]);
}

/* Refuses a name that stands for no option. */
static int options_refuse_unknown(const char *name, const struct option_scope *scope,
	struct error *error)
{
	const char *nearest;

	if (option_is_absent(name))
		return error_usage(error, _("option '%s' is not built in"), name);
	if (log_is_classic())
		return error_usage(error, "unknown option \"%s\"", name);
	error_usage(error, _("%s has no option '%s'"), scope->name, name);
	nearest = option_nearest(name, scope->groups);
	/* a short word behind a comma belongs to the command more likely than it is misspelt */
	if (nearest != NULL && (!scope->command || strlen(name) > 3))
		error_hint(error, _("did you mean %s?"), nearest);
	else if (!scope->command && name[strcspn(name, " ")] != '\0')
		error_hint(error,
			_("each address is a word of its own: quotes around both make one"));
	else if (scope->command)
		error_hint(error, _("a comma that belongs to the command is written \\,"));
	return -1;
}

/* Refuses an option that belongs to other addresses. */
static int options_refuse_group(const char *name, const struct option *option,
	const struct option_scope *scope, struct error *error)
{
	error_usage(error,
		log_is_classic() ? "option \"%s\" not supported with this address type"
				 : _("option '%s' is not supported with this address type"),
		name);
	if (!log_is_classic())
		option_hint_group(name, option, scope->name, error);
	return -1;
}

/* Whether the option acts at all on an address that passes the phases of the scope. */
static bool options_acts(const struct option *option, const struct option_scope *scope)
{
	unsigned phases = 1u << option->phase;

	if (option->effect.apply == apply_open_flag)
		phases |= 1u << PHASE_OPEN;
	return option->effect.apply == NULL || option->effect.apply == apply_nothing ||
		(scope->phases & phases) != 0;
}

/* Whether an address of this scope takes the option. */
bool options_takes(const struct option *option, const struct option_scope *scope)
{
	return (option->groups & (scope->groups | GROUPS_EVERYWHERE)) != 0 &&
		options_acts(option, scope);
}

/* Finds the option that a name in the spec stands for, if the address takes it. */
static const struct option *options_find(const struct spec_word *name,
	const struct option_scope *scope, struct error *error)
{
	const struct option *option = option_find(name->data);

	if (option == NULL) {
		options_refuse_unknown(name->data, scope, error);
		return NULL;
	}
	if (option_missing(option) != NULL) {
		error_usage(error, _("option '%s' is not built in: this system has no %s"),
			name->data, option_missing(option));
		return NULL;
	}
	if (!scope->any_group && (option->groups & (scope->groups | GROUPS_EVERYWHERE)) == 0) {
		options_refuse_group(name->data, option, scope, error);
		return NULL;
	}
	if (!options_acts(option, scope)) {
		error_usage(error, _("option '%s' would never act: %s has no phase %s"), name->data,
			scope->name, option_phase_word(option->phase));
		return NULL;
	}
	return option;
}

/* Adds what one option of the spec asks for. */
static int options_add(struct options *options, const struct spec_option *spec,
	const struct option_scope *scope, struct error *error)
{
	struct option_use use = { .spec = spec };
	const struct spec_word *bad = spec->value.data != NULL ? &spec->value : &spec->name;
	char *reason;

	use.option = options_find(&spec->name, scope, error);
	if (use.option == NULL) {
		error_place(error, options->spec->text, spec->name.column, spec->name.width);
		return -1;
	}
	if (option_value_parse(use.option, spec, &use.value, &reason) < 0) {
		if (spec->value.data != NULL)
			error_usage(error, _("option '%s' has the bad value '%s': %s"),
				spec->name.data, spec->value.data, reason);
		else
			error_usage(error, _("option '%s': %s"), spec->name.data, reason);
		if (spec->value.data != NULL && !log_is_classic())
			option_hint_value(use.option, spec->value.data, error);
		error_place(error, options->spec->text, bad->column, bad->width);
		free(reason);
		return -1;
	}
	if (use.option->effect.apply == NULL)
		options_store(options, &use);
	options->uses = memory_grow(options->uses, &options->room, options->count + 1,
		sizeof(*options->uses));
	options->uses[options->count++] = use;
	return 0;
}

/* Warns of options that mean nothing here, once for each that the user gave. */
static void options_warn(const struct options *options)
{
	for (size_t i = 0; i < options->count; i++) {
		if (options->uses[i].option->effect.apply == apply_nothing)
			apply_nothing(&options->uses[i], NULL, NULL);
	}
}

/*
 * Checks the options of an address and stores the values of those that openers read. The result
 * refers to the spec, which has to outlive it, and is owned by the caller; NULL when an option
 * is wrong.
 */
struct options *options_create(const struct spec *spec, const struct option_scope *scope,
	struct error *error)
{
	struct options *options = memory_zero(1, sizeof(*options));

	options->spec = spec;
	for (size_t i = 0; i < spec->option_count; i++) {
		if (options_add(options, &spec->options[i], scope, error) == 0)
			continue;
		if (!scope->skips) {
			options_free(options);
			return NULL;
		}
		log_error_value(LOG_LEVEL_ERROR, error);
		error_clear(error);
	}
	options_warn(options);
	return options;
}

/* -s: an option that cannot be applied is reported, and no failure of its address. */
void options_tolerate(struct options *options)
{
	options->tolerant = true;
}

/* Frees the options; NULL is allowed. */
void options_free(struct options *options)
{
	if (options == NULL)
		return;
	for (size_t i = 0; i < options->count; i++)
		option_value_free(&options->uses[i].value);
	for (size_t i = 0; i < options->block_count; i++)
		free(options->blocks[i].settings);
	free(options->uses);
	free(options->blocks);
	free(options);
}

/*
 * The block's settings as the options have changed them, or its defaults. NULL options have
 * changed none.
 */
const void *options_settings(const struct options *options, const struct settings_block *block)
{
	const void *settings = options != NULL ? options_changed(options, block) : NULL;

	return settings != NULL ? settings : block->defaults;
}

/* Whether a later use of the same option replaces this one; what takes texts or data adds up. */
static bool options_replaced(const struct options *options, size_t index)
{
	const struct option *option = options->uses[index].option;

	if ((option->kind != OPTION_BOOL && option->kind != OPTION_INT) ||
		option->effect.apply == apply_ioctl)
		return false;
	for (size_t i = index + 1; i < options->count; i++) {
		if (options->uses[i].option == option)
			return true;
	}
	return false;
}

/* Puts the option as the user wrote it in front of the message. */
static void options_name_error(const struct spec_option *spec, struct error *error)
{
	struct text name = TEXT_EMPTY;

	text_add_string(&name, spec->name.data);
	if (spec->value.data != NULL)
		text_print(&name, "=%s", spec->value.data);
	error_name(error, name.data);
	text_free(&name);
}

/* Applies one option; whoever follows the calls is told that they are made for it. */
static int options_apply_use(const struct option_use *use, const struct option_target *target,
	struct error *error)
{
	const struct option *option = use->option;
	int result;

	if (call_manner == CALL_STRAIGHT)
		return option->effect.apply(use, target, error);
	call_for_option(use->spec->name.data, option->summary);
	result = option->effect.apply(use, target, error);
	call_because(NULL);
	return result;
}

/* Applies the options of one phase to the target, up to the first that fails. */
int options_apply(const struct options *options, enum option_phase phase,
	const struct option_target *target, struct error *error)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		const struct option_use *use = &options->uses[i];
		const struct option *option = use->option;

		if (option->phase != phase || option->effect.apply == NULL ||
			option->effect.apply == apply_nothing || options_replaced(options, i))
			continue;
		if (options_apply_use(use, target, error) == 0)
			continue;
		option_hint_refused(option, use->value.string, error);
		options_name_error(use->spec, error);
		if (!options->tolerant)
			return -1;
		error_name(error, options->spec->text + options->spec->column);
		log_error_value(LOG_LEVEL_ERROR, error);
		error_clear(error);
	}
	return 0;
}

/* The flags for open(): those the address starts with, changed as the options ask. */
int options_open_flags(const struct options *options, int flags)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		const struct option_use *use = &options->uses[i];
		const struct option_effect *effect = &use->option->effect;

		if (effect->apply != apply_open_flag)
			continue;
		if (effect->level != O_ACCMODE)
			flags &= ~effect->number;
		else if (use->value.numbers[0] != 0)
			flags &= ~O_ACCMODE;
		if (use->value.numbers[0] != 0)
			flags |= effect->number;
	}
	return flags;
}

/* The first option given that belongs to these groups and to no other, as the user called it; or NULL. */
const char *options_of_groups(const struct options *options, unsigned groups)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		if ((options->uses[i].option->groups & ~groups) == 0)
			return options->uses[i].spec->name.data;
	}
	return NULL;
}

/* The text that was given to one of the uses of an option, or NULL: there are not so many. */
const char *options_text(const struct options *options, const char *name, size_t index)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		if (option_is_called(options->uses[i].option, name) && index-- == 0)
			return options->uses[i].value.string;
	}
	return NULL;
}

/* Whoever follows the calls is told that those that come now are made for an option, if it was given. */
void options_because(const struct options *options, const char *name)
{
	for (size_t i = 0; call_manner != CALL_STRAIGHT && options != NULL && i < options->count;
		i++) {
		const struct option_use *use = &options->uses[i];

		if (option_is_called(use->option, name))
			call_for_option(use->spec->name.data, use->option->summary);
	}
}

/* Calls visit for every option that was given, in the order of the text. */
void options_visit(const struct options *options,
	void (*visit)(const struct option_use *use, void *context), void *context)
{
	for (size_t i = 0; options != NULL && i < options->count; i++)
		visit(&options->uses[i], context);
}

/* Whether the user gave the option, under this name or any other it has. */
bool options_given(const struct options *options, const char *name)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		if (option_is_called(options->uses[i].option, name))
			return true;
	}
	return false;
}
