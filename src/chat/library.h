/*
 * GNU readline, loaded when somebody sits at the keyboard and not before: linking it would cost every other command
 * the time to load it. What is used of it is named once, in LIBRARY_FUNCTIONS and LIBRARY_VARIABLES; and for the same
 * reason, in LIBRARY_SYSTEM, what nobody else here needs of the C library, which readline brings along.
 */
#ifndef CHAT_LIBRARY_H
#define CHAT_LIBRARY_H

#include <regex.h>
#include <stdio.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/error.h"

#define LIBRARY_FUNCTIONS(X) \
	X(rl_callback_handler_install) \
	X(rl_callback_handler_remove) \
	X(rl_callback_read_char) \
	X(rl_set_prompt) \
	X(rl_redisplay) \
	X(rl_clear_visible_line) \
	X(rl_on_new_line) \
	X(rl_insert_text) \
	X(rl_replace_line) \
	X(rl_newline) \
	X(rl_get_screen_size) \
	X(rl_reset_screen_size) \
	X(rl_bind_key) \
	X(rl_bind_key_in_map) \
	X(rl_bind_keyseq) \
	X(rl_get_keymap_by_name) \
	X(rl_variable_bind) \
	X(rl_prep_terminal) \
	X(rl_deprep_terminal) \
	X(rl_completion_matches) \
	X(rl_crlf) \
	X(add_history) \
	X(using_history) \
	X(stifle_history)

#define LIBRARY_SYSTEM(X) \
	X(fflush) \
	X(fwrite) \
	X(getpgrp) \
	X(tcgetpgrp) \
	X(regcomp) \
	X(regerror) \
	X(regexec) \
	X(regfree)

#define LIBRARY_VARIABLES(X) \
	X(rl_readline_name) \
	X(rl_line_buffer) \
	X(rl_point) \
	X(rl_end) \
	X(rl_instream) \
	X(rl_getc_function) \
	X(rl_input_available_hook) \
	X(rl_outstream) \
	X(rl_catch_signals) \
	X(rl_catch_sigwinch) \
	X(rl_prep_term_function) \
	X(rl_deprep_term_function) \
	X(rl_redisplay_function) \
	X(rl_attempted_completion_function) \
	X(rl_attempted_completion_over) \
	X(rl_completer_word_break_characters)

#define LIBRARY_FUNCTION(name) __typeof__(name) *name;
#define LIBRARY_VARIABLE(name) __typeof__(name) *name;

struct library {
	LIBRARY_FUNCTIONS(LIBRARY_FUNCTION)
	LIBRARY_SYSTEM(LIBRARY_FUNCTION)
	LIBRARY_VARIABLES(LIBRARY_VARIABLE)
};

const struct library *library_load(struct error *error);
void library_insist(const struct library *library);

#endif
