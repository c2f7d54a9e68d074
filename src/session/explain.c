#include "session/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/intl.h"
#include "base/memory.h"
#include "session/session.h"

#define EXPLAIN_COLUMN 72 /* where remarks begin */
#define EXPLAIN_INDENT 4

/* What has been explained so far, and how. A child that was pretended has its own. */
static struct {
	enum explain_format format;
	pid_t self;
	int depth;    /* how many processes deep */
	int parts;    /* headings so far */
	char *prefix; /* of the names of a child's nodes in a chart */
	int nodes;
	int waits;	 /* the node where it waits first; 0: it hasn't yet */
	const char *way; /* what stands at the arrow to the next node, or NULL */
	int lines;	 /* how many calls and notes were shown */
	int failure;	 /* errno, when they couldn't be printed; or 0 */
} explain;

/* Prints a text on standard output. */
static void explain_print(struct text *text)
{
	if (fd_write_all(STDOUT_FILENO, text->data != NULL ? text->data : "", text->length) < 0)
		explain.failure = errno;
	text_free(text);
}

/* Indents what a child does. */
static void explain_indent(struct text *out, int extra)
{
	for (int i = 0; i < explain.depth * EXPLAIN_INDENT + extra; i++)
		text_add_char(out, ' ');
}

/* Appends words that came from the user, fit for a terminal. */
static void explain_words(struct text *out, const char *words)
{
	escape_terminal(out, words, strlen(words));
}

/* Appends a call with its result and its remark, as a line. */
static void explain_call(struct text *out, const struct call_line *line)
{
	size_t start = out->length, columns;

	explain_indent(out, EXPLAIN_INDENT);
	text_add_string(out, line->call);
	if (line->result[0] != '\0')
		text_print(out, " = %s", line->result);
	columns = escape_columns(out->data + start, out->length - start);
	if (line->remark != NULL) {
		do {
			text_add_char(out, ' ');
		} while (++columns < EXPLAIN_COLUMN);
		text_print(out, " # %s", line->remark);
	}
	text_add_char(out, '\n');
}

/* Prints a line of the text. */
static void explain_text(const struct call_line *line)
{
	struct text out = TEXT_EMPTY;

	switch (line->kind) {
	case CALL_LINE_CALL:
		explain_call(&out, line);
		break;
	case CALL_LINE_PART:
		text_add_char(&out, '\n');
		explain_indent(&out, 0);
		text_print(&out, "%d. ", explain.parts);
		explain_words(&out, line->call);
		if (line->remark != NULL)
			text_print(&out, ": %s", line->remark);
		text_add_char(&out, '\n');
		break;
	case CALL_LINE_NOTE:
	case CALL_LINE_LOOP:
		explain_indent(&out, EXPLAIN_INDENT);
		text_add_string(&out, "- ");
		explain_words(&out, line->remark);
		text_add_char(&out, '\n');
		break;
	}
	explain_print(&out);
}

/* Appends what stands in a node: what has a meaning to mermaid or HTML is named by its code. */
static void explain_label(struct text *out, const char *words)
{
	struct text safe = TEXT_EMPTY;

	explain_words(&safe, words);
	for (size_t i = 0; i < safe.length; i++) {
		char c = safe.data[i];

		if (strchr("\"#&<>[]{}`\\|;", c) != NULL)
			text_print(out, "#%d;", (unsigned char)c);
		else
			text_add_char(out, c);
	}
	text_free(&safe);
}

/* Appends the name of a node of this process. */
static void explain_node(struct text *out, int number)
{
	text_print(out, "%sn%d", explain.prefix, number);
}

/* Appends an arrow from the last node. */
static void explain_arrow(struct text *out, int from, int to, const char *style, const char *words)
{
	text_add_string(out, "    ");
	explain_node(out, from);
	text_print(out, " %s", style);
	if (words != NULL) {
		text_add_string(out, "|\"");
		explain_label(out, words);
		text_add_string(out, "\"|");
	}
	text_add_char(out, ' ');
	explain_node(out, to);
	text_add_char(out, '\n');
}

/* Prints a line as a node of the chart, with an arrow to it. */
static void explain_chart(const struct call_line *line)
{
	static const char *const shapes[][2] = {
		[CALL_LINE_CALL] = { "[\"", "\"]" },
		[CALL_LINE_NOTE] = { "(\"", "\")" },
		[CALL_LINE_PART] = { "([\"", "\"])" },
	};
	struct text out = TEXT_EMPTY;

	if (line->kind == CALL_LINE_LOOP) {
		if (explain.waits > 0)
			explain_arrow(&out, explain.nodes, explain.waits, "-.->", line->remark);
		explain_print(&out);
		return;
	}
	explain.nodes++;
	text_add_string(&out, "    ");
	explain_node(&out, explain.nodes);
	text_add_string(&out, shapes[line->kind][0]);
	if (line->call != NULL)
		explain_label(&out, line->call);
	if (line->result != NULL && line->result[0] != '\0') {
		text_add_string(&out, " = ");
		explain_label(&out, line->result);
	}
	if (line->remark != NULL) {
		text_add_string(&out, line->call != NULL ? "<br/>" : "");
		explain_label(&out, line->remark);
	}
	text_print(&out, "%s\n", shapes[line->kind][1]);
	if (explain.nodes > 1)
		explain_arrow(&out, explain.nodes - 1, explain.nodes, "-->", explain.way);
	explain.way = NULL;
	explain_print(&out);
}

/* The first node of a child hangs on the fork of its parent. */
static void explain_child(void)
{
	struct text out = TEXT_EMPTY;
	char *parent = explain.prefix;
	int fork = explain.nodes + 1; /* the parent has shown that by now */

	explain.self = getpid();
	explain.depth++;
	explain.prefix = memory_print("%sn%d_", parent, fork);
	explain.nodes = explain.waits = 0;
	explain.way = NULL;
	if (explain.format == EXPLAIN_MERMAID)
		text_print(&out, "    %sn%d -->|\"%s\"| %sn1\n", parent, fork, _("child"),
			explain.prefix);
	explain_print(&out);
	free(parent);
}

/* Shows a line, which may be the first of a child. */
static void explain_show(const struct call_line *line)
{
	bool waits = line->kind == CALL_LINE_CALL && strncmp(line->call, "poll(", 5) == 0;

	if (getpid() != explain.self)
		explain_child();
	explain.parts += line->kind == CALL_LINE_PART;
	explain.lines += line->kind == CALL_LINE_CALL || line->kind == CALL_LINE_NOTE;
	if (explain.format == EXPLAIN_MERMAID)
		explain_chart(line);
	else
		explain_text(line);
	if (waits && explain.waits == 0)
		explain.waits = explain.nodes;
	if (line->kind == CALL_LINE_CALL && strncmp(line->call, "fork(", 5) == 0 &&
		explain.nodes > 0 && line->result[0] != '0')
		explain.way = _("parent");
}

/* Tells of an option that is no call of its own: what it is about, and when it acts. */
static void explain_option(const struct option_use *use, void *context)
{
	const struct option *option = use->option;

	(void)context;
	if (option->effect.apply == NULL && option->summary != NULL)
		call_note(_("option %s: %s"), use->spec->name.data, _(option->summary));
}

/* An address is about to be opened. */
void explain_address(const struct address *address)
{
	if (!call_pretends())
		return;
	call_part(address->text, _(address->type->summary));
	options_visit(address->options, explain_option, NULL);
}

/* How many calls and notes have been shown. */
int explain_lines(void)
{
	return explain.lines;
}

/* Says how the process would end. */
void explain_end(int status, const struct error *error)
{
	if (error->message != NULL && error->kind != ERROR_SIGNAL)
		call_note(_("here it fails: %s"), error->message);
	if (error->message != NULL)
		call_note(_("the process ends with status %d"), status);
}

/* Explains a checked plan. Returns the exit status, or -1. */
int explain_run(struct plan *plan, enum explain_format format, struct error *error)
{
	struct text out = TEXT_EMPTY;

	/* what would be written about the transfer beside it */
	plan->statistics = plan->describe = false;
	plan->progress = PLAN_PROGRESS_NEVER;
	explain.format = format;
	explain.self = getpid();
	explain.prefix = memory_string("");
	if (format == EXPLAIN_MERMAID)
		text_add_string(&out, "flowchart TD\n");
	else
		text_print(&out, "%s\n", _("This would happen; nothing is opened or changed now."));
	explain_print(&out);
	call_watch(CALL_PRETENDED, explain_show);
	call_part(_("Preparation"), NULL);
	session_run(plan);
	call_watch(CALL_STRAIGHT, NULL);
	free(explain.prefix);
	if (explain.failure == 0)
		return EXIT_STATUS_DONE;
	/* whoever has read enough may go */
	if (explain.failure == EPIPE)
		return EXIT_STATUS_FAILED;
	return error_system(error, explain.failure, _("cannot write standard output"));
}
