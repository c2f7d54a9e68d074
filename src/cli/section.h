/*
 * The sections in which options are shown, in --help and in the manual: from those that few addresses have to those
 * that all have. An option stands in one of them.
 * The words are in the rows: pointers to them would cost time whenever the program starts.
 */
#ifndef CLI_SECTION_H
#define CLI_SECTION_H

#include "option/option.h"

struct section {
	char word[16];	/* its mark in doc/nettool-options.7.in */
	char title[40]; /* N_() */
	unsigned groups;
	const struct settings_block *block; /* or NULL: only options that are stored there */
	option_apply *apply;		    /* or NULL: only options that act by this function */
	int level;			    /* and at this level; -1: at any */
	char address[24];		    /* an example of an address with such options */
};

extern const struct section sections[]; /* ends in a row without a word */

const struct section *section_of(const struct option *option, unsigned groups);
char *section_example(const struct option *option);

#endif
