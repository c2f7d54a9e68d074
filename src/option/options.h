/* The options of one address: checked, their values stored in settings, the rest applied phase by phase. */
#ifndef OPTION_OPTIONS_H
#define OPTION_OPTIONS_H

#include "option/option.h"

struct options;

/* What may be given to an address: its groups, the phases its opener passes, and how messages call it. */
struct option_scope {
	const char *name;
	unsigned groups;
	unsigned phases; /* bits 1u << enum option_phase */
	bool any_group;	 /* -g: the user knows better */
	bool skips;	 /* -s of socat: an option that is wrong is told, and left out */
	bool command;	 /* commas in the address may be meant for a command */
};

struct options *options_create(const struct spec *spec, const struct option_scope *scope,
	struct error *error);
bool options_takes(const struct option *option, const struct option_scope *scope);
void options_tolerate(struct options *options);
void options_free(struct options *options);
const void *options_settings(const struct options *options, const struct settings_block *block);
int options_apply(const struct options *options, enum option_phase phase,
	const struct option_target *target, struct error *error);
int options_open_flags(const struct options *options, int flags);
const char *options_of_groups(const struct options *options, unsigned groups);
const char *options_text(const struct options *options, const char *name, size_t index);
void options_because(const struct options *options, const char *name);
void options_visit(const struct options *options,
	void (*visit)(const struct option_use *use, void *context), void *context);
bool options_given(const struct options *options, const char *name);

/* The settings of one kind, the defaults where no option was given: SETTINGS(options, retry)->interval */
#define SETTINGS(options, block) \
	((const struct block##_settings *)options_settings(options, &block##_block))

#endif
