#include "cli/help.h"

#include <sys/utsname.h>

#include "base/intl.h"
#include "cli/arguments.h"
#include "cli/catalogue.h"

/* The optional parts, a minus in front of those that are missing. */
static const char help_parts[] =
#if ENABLE_NLS
	"NLS"
#else
	"-NLS"
#endif
#if HAVE_LINUX_SPLICE
	" SPLICE"
#else
	" -SPLICE"
#endif
#if HAVE_READLINE
	" READLINE"
#else
	" -READLINE"
#endif
#if HAVE_OPENSSL
	" OPENSSL"
#else
	" -OPENSSL"
#endif
	;

/* What a newcomer needs on one screen; deeper help adds the catalogue. */
void help_usage(const char *program, int depth, struct text *out)
{
	(void)program;
	text_print(out,
		_("nettool %s joins two addresses and moves bytes between them, both ways.\n\n"),
		PACKAGE_VERSION);
	text_add_string(out, _("Usage: nettool [options] <address> <address>\n"));
	text_add_string(out,
		_("\nFor example:\n"
		  "  nettool TCP-LISTEN:9090,fork PIPE      a server that echoes\n"
		  "  nettool - TCP:localhost:9090           talk to it\n"
		  "  nettool -u ./notes TCP:localhost:9090  send it a file\n"));
	text_add_string(out, _("\nOptions:\n"));
	for (const struct argument *row = argument_table; row->name != NULL; row++) {
		struct text name = TEXT_EMPTY;

		text_print(&name, "%s%s%s", row->name,
			row->value == NULL || row->value[0] == '[' ? ""
				: row->name[1] == '-'		   ? "="
								   : " ",
			row->choices != NULL && row->value[0] != '[' ? row->choices
				: row->value != NULL		     ? row->value
								     : "");
		text_print(out, "  %-28s %s\n", name.data, _(row->summary));
		text_free(&name);
	}
	if (depth >= 2) {
		text_add_string(out, _("\nAddresses:\n"));
		catalogue_addresses(LIST_TABLE, out);
	} else {
		text_add_string(out, _("\nAddresses: nettool -hh or nettool --list=addresses\n"));
	}
	if (depth >= 3) {
		text_add_string(out, _("\nOptions of addresses:\n"));
		catalogue_options(LIST_TABLE, out);
	} else {
		text_add_string(out,
			_("Options of addresses: nettool -hhh or nettool --list=options\n"));
	}
}

/* Version, platform, and which optional parts are built in. */
void help_version(const char *program, struct text *out)
{
	struct utsname system;

	text_print(out, "%s %s\n", program, PACKAGE_VERSION);
	if (uname(&system) == 0)
		text_print(out, _("running on %s %s, %s\n"), system.sysname, system.release,
			system.machine);
	text_print(out, _("built in: %s\n"), help_parts);
}
