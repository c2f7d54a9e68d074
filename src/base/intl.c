/*
 * Languages. gettext() does the work where the system has the user's locale. A fresh machine often has none but C:
 * then the system refuses what LANG asks for, and the messages of that language are looked up here.
 */
#include "base/intl.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#if ENABLE_NLS
#include <libintl.h>
#endif

#include "base/memory.h"
#include "base/messages.h"

static struct {
	bool started;
	bool english; /* whatever the locale says */
	bool byte_letters;
	bool latin1;
	struct messages *messages; /* of a language that the system hasn't, or NULL */
} intl;

#if !HAVE_SECURE_GETENV
/* A variable, unless the program has rights that its user hasn't. */
static const char *secure_getenv(const char *name)
{
	return getuid() == geteuid() && getgid() == getegid() ? getenv(name) : NULL;
}
#endif

/* The locale that the environment asks for in a matter, NULL if it asks for none. */
static const char *intl_wanted(const char *category)
{
	const char *const names[] = { "LC_ALL", category, "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* Whether the name of a locale asks for UTF-8. */
static bool intl_wants_utf8(const char *name)
{
	const char *dot = name != NULL ? strchr(name, '.') : NULL;

	return dot != NULL &&
		(strncasecmp(dot, ".UTF-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0);
}

#if ENABLE_NLS
/* The folder with the translations: that of a program which isn't installed yet is elsewhere. */
static const char *intl_folder(void)
{
	const char *folder = secure_getenv("NETTOOL_LOCALEDIR");

	return folder != NULL && folder[0] == '/' ? folder : LOCALEDIR;
}

/* Opens the messages of a language, "fr_CA" or "fr". The name is the user's, and no path. */
static struct messages *intl_open(const char *name, size_t length)
{
	char *path;
	struct messages *messages;

	if (length == 0 || memchr(name, '/', length) != NULL || name[0] == '.')
		return NULL;
	path = memory_print("%s/%.*s/LC_MESSAGES/%s.mo", intl_folder(), (int)length, name, PACKAGE);
	messages = messages_open(path);
	free(path);
	return messages;
}

/* Looks for a translation by ourselves: LANGUAGE has a list of languages, the best first, or it is that of LANG. */
static void intl_look(void)
{
	const char *list = getenv("LANGUAGE"), *wanted = intl_wanted("LC_MESSAGES");

	if (list == NULL || list[0] == '\0')
		list = wanted;
	while (intl.messages == NULL && list != NULL && *list != '\0') {
		size_t length = strcspn(list, ":");
		size_t name = strcspn(list, ":.@"), language = strcspn(list, ":.@_");

		if (language == 2 && strncmp(list, "en", 2) == 0)
			return;
		intl.messages = intl_open(list, name);
		if (intl.messages == NULL && language < name)
			intl.messages = intl_open(list, language);
		list += length + (list[length] == ':');
	}
}
#endif

/* Whether bytes beyond ASCII are letters here, each of them, as in Latin-1. */
static bool intl_find_byte_letters(void)
{
	static const char *const names[] = { "ISO-8859", "KOI8", "CP125", "TIS-620" };
	const char *name = nl_langinfo(CODESET);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/*
 * Takes the locale from the environment, once. Only words and characters follow it: a number is written the same
 * way everywhere, or scripts would break. The errno that the message is about survives.
 */
void intl_start(void)
{
	int number = errno;

	if (intl.started)
		return;
	intl.started = true;
	if (setlocale(LC_CTYPE, "") == NULL && intl_wants_utf8(intl_wanted("LC_CTYPE")))
		setlocale(LC_CTYPE, "C.UTF-8");
#if ENABLE_NLS
	if (!intl.english && setlocale(LC_MESSAGES, "") == NULL &&
		strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		intl_look();
	bindtextdomain(PACKAGE, intl_folder());
	/* OUTPUT_CHARSET is not asked: UTF-16 would end a message at its first letter */
	bind_textdomain_codeset(PACKAGE, nl_langinfo(CODESET));
#endif
	intl.byte_letters = intl_find_byte_letters();
	intl.latin1 = strcmp(nl_langinfo(CODESET), "ISO-8859-1") == 0;
	errno = number;
}

/* From now on messages are English, for those who know the words of another program. */
void intl_english(void)
{
	intl.english = true;
	if (intl.started)
		setlocale(LC_MESSAGES, "C");
}

/* The text in the user's language. */
const char *intl_translate(const char *text)
{
	intl_start();
	if (intl.english)
		return text;
	if (intl.messages != NULL)
		return messages_find(intl.messages, text);
#if ENABLE_NLS
	return dgettext(PACKAGE, text);
#else
	return text;
#endif
}

/* The form of a text that a number asks for, in the user's language. */
const char *intl_plural(const char *one, const char *many, unsigned long long number)
{
	/* what a rule looks at are the last digits */
	unsigned long small = number <= ULONG_MAX ? (unsigned long)number
						  : (unsigned long)(number % 1000000 + 1000000);

	intl_start();
	if (intl.messages != NULL && !intl.english)
		return messages_find_plural(intl.messages, one, many, small);
#if ENABLE_NLS
	if (!intl.english)
		return dngettext(PACKAGE, one, many, small);
#endif
	return small == 1 ? one : many;
}

/*
 * Why a system call failed, in the user's language. The C library is asked first; its own translations are
 * installed separately and are often missing, so the frequent reasons are among our messages (po/reasons.h).
 */
const char *intl_reason(int number)
{
	intl_start();
	return intl_translate(strerror(number));
}

/* Why a system call failed, for lines that are English everywhere because programs read them. */
const char *intl_english_reason(int number)
{
	const char *reason = NULL;

#if HAVE_STRERRORDESC_NP
	reason = strerrordesc_np(number);
#endif
	return reason != NULL ? reason : strerror(number);
}

/* Whether bytes beyond ASCII are letters for the user, each of them, as in Latin-1. */
bool intl_has_byte_letters(void)
{
	intl_start();
	return intl.byte_letters;
}

/* Appends text of the user's locale in UTF-8. Of the charsets that aren't, this knows Latin-1. */
void intl_add_utf8(struct text *out, const char *string)
{
	intl_start();
	for (; *string != '\0'; string++) {
		unsigned char c = (unsigned char)*string;

		if (!intl.latin1 || c < 0xa0) {
			text_add_char(out, *string);
		} else {
			text_add_char(out, (char)(0xc0 | c >> 6));
			text_add_char(out, (char)(0x80 | (c & 0x3f)));
		}
	}
}
