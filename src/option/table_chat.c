/* Options for a person at the keyboard. */
#include "option/settings.h"
#include "option/table.h"

#define CHAT_BOTH (GROUP_READLINE | GROUP_CHAT)

const struct option option_table_chat[] = {
	{ .name = "history-file", .aliases = NAMES("history"), .kind = OPTION_STRING,
	  .groups = CHAT_BOTH, .phase = PHASE_LATE,
	  .summary = N_("keep typed lines in this file, to be called back another time"),
	  .values = "<path>", .effect = STORE(chat, history) },
	{ .name = "prompt", .kind = OPTION_STRING, .groups = CHAT_BOTH, .phase = PHASE_LATE,
	  .summary = N_("what stands in front of the line that is typed"), .values = "<text>",
	  .effect = STORE(chat, prompt) },
	{ .name = "noprompt", .kind = OPTION_BOOL, .groups = GROUP_READLINE,
	  .phase = PHASE_LATE,
	  .summary = N_("don't take the other side's unfinished line as the prompt"),
	  .effect = STORE(chat, no_prompt) },
	{ .name = "noecho", .kind = OPTION_STRING, .groups = GROUP_READLINE,
	  .phase = PHASE_LATE,
	  .summary = N_("show nothing of what is typed behind prompts that match"),
	  .values = "<regular-expression>", .effect = STORE(chat, no_echo) },
	{ .name = "nick", .kind = OPTION_STRING, .groups = GROUP_CHAT, .phase = PHASE_LATE,
	  .summary = N_("the name to be known by"), .values = "<name>",
	  .effect = STORE(chat, nick) },
	{ .name = "timestamps", .kind = OPTION_BOOL, .groups = GROUP_CHAT, .phase = PHASE_LATE,
	  .summary = N_("put the time of day in front of what comes in"),
	  .effect = STORE(chat, timestamps) },
	{ .name = "color", .kind = OPTION_BOOL, .groups = GROUP_CHAT, .phase = PHASE_LATE,
	  .summary = N_("show names in colours (on a terminal that has them, without NO_COLOR)"),
	  .effect = STORE(chat, color) },
	{ .name = "bell", .kind = OPTION_BOOL, .groups = GROUP_CHAT, .phase = PHASE_LATE,
	  .summary = N_("ring when something comes in"), .effect = STORE(chat, bell) },
	{ .name = "transcript", .kind = OPTION_STRING, .groups = GROUP_CHAT,
	  .phase = PHASE_LATE, .summary = N_("add all that is said to this file"),
	  .values = "<path>", .effect = STORE(chat, transcript) },
	{ .name = "turns", .kind = OPTION_STRING_OR_NONE, .groups = GROUP_CHAT,
	  .phase = PHASE_LATE,
	  .summary = N_("speak a line each in turn; the connecting side begins"),
	  .values = "begin|wait", .check = check_turns, .effect = STORE(chat, turns) },
	{ .name = NULL },
};
