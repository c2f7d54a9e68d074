/* The names of files, folders, sockets and programs. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intl.h"
#include "base/memory.h"
#include "cli/complete.h"

/* What an entry is, for people. */
static const char *files_summary(const struct stat *entry)
{
	if (S_ISDIR(entry->st_mode))
		return _("folder");
	if (S_ISSOCK(entry->st_mode))
		return _("socket");
	if (S_ISFIFO(entry->st_mode))
		return _("pipe");
	if (S_ISCHR(entry->st_mode) || S_ISBLK(entry->st_mode))
		return _("device");
	return entry->st_mode & S_IXUSR ? _("program") : _("file");
}

/* Whether an entry is one of those that are wanted. Folders lead to all of them. */
static bool files_fits(const char *path, const struct stat *entry, enum complete_file wanted)
{
	switch (wanted) {
	case COMPLETE_SOCKET:
		return S_ISDIR(entry->st_mode) || S_ISSOCK(entry->st_mode);
	case COMPLETE_FOLDER:
		return S_ISDIR(entry->st_mode);
	case COMPLETE_PROGRAM:
		return S_ISDIR(entry->st_mode) || access(path, X_OK) == 0;
	case COMPLETE_ANY:
		break;
	}
	return true;
}

/* Calls visit for each entry of a folder with the prefix in front of it, the hidden ones if they are asked for. */
static void files_visit(const char *folder, bool hidden,
	void (*visit)(const char *path, const char *name, void *context), void *context)
{
	DIR *list = opendir(folder);
	const struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		const char *name = entry->d_name;
		char *path;

		if ((name[0] == '.' && !hidden) || strcmp(name, ".") == 0 ||
			strcmp(name, "..") == 0)
			continue;
		path = memory_print("%s/%s", folder, name);
		visit(path, name, context);
		free(path);
	}
	if (list != NULL)
		closedir(list);
}

struct files {
	const struct completion *completion;
	enum complete_form form;
	enum complete_file wanted;
	char *prefix; /* what is typed of the path, up to the last slash */
};

static void files_offer(const char *path, const char *name, void *context)
{
	const struct files *files = context;
	const char *base = files->completion->typed + strlen(files->prefix);
	struct stat entry;
	char *whole;

	if (strncmp(name, base, strlen(base)) != 0)
		return;
	if (stat(path, &entry) < 0 && lstat(path, &entry) < 0)
		return;
	if (!files_fits(path, &entry, files->wanted))
		return;
	whole = memory_print("%s%s", files->prefix, name);
	complete_offer(files->completion, files->form, whole, S_ISDIR(entry.st_mode) ? "/" : "",
		files_summary(&entry));
	free(whole);
}

/* The folder to look into. A tilde at the beginning of the word is the shell's, and means our home. */
static char *files_folder(const struct completion *completion, const char *prefix)
{
	const char *home = getenv("HOME");

	if (completion->head == 0 && strncmp(completion->word, "~/", 2) == 0 && home != NULL)
		return memory_print("%s/%s", home, prefix + 2);
	return memory_string(prefix[0] != '\0' ? prefix : ".");
}

/* Offers the entries of the folder that the path leads to so far. */
void complete_files(const struct completion *completion, enum complete_form form,
	enum complete_file wanted)
{
	const char *slash = strrchr(completion->typed, '/');
	size_t length = slash != NULL ? (size_t)(slash + 1 - completion->typed) : 0;
	struct files files = { completion, form, wanted, memory_copy(completion->typed, length) };
	char *folder = files_folder(completion, files.prefix);

	files_visit(folder, completion->typed[length] == '.', files_offer, &files);
	free(folder);
	free(files.prefix);
}

static void files_offer_name(const char *path, const char *name, void *context)
{
	(void)path;
	complete_offer(context, COMPLETE_NAME, name, "", "");
}

/* Offers the names in a folder that the user doesn't see. */
void complete_folder(const struct completion *completion, const char *folder)
{
	files_visit(folder, false, files_offer_name, (void *)completion);
}

static void files_offer_program(const char *path, const char *name, void *context)
{
	const struct files *files = context;
	const char *typed = files->completion->typed;
	struct stat entry;

	if (strncmp(name, typed, strlen(typed)) == 0 && stat(path, &entry) == 0 &&
		S_ISREG(entry.st_mode) && access(path, X_OK) == 0)
		complete_offer(files->completion, files->form, name, "", _("program"));
}

/* Offers the programs of all the folders in PATH. */
static void files_programs(const struct completion *completion, enum complete_form form)
{
	struct files files = { completion, form, COMPLETE_PROGRAM, NULL };
	const char *path = getenv("PATH");

	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		char *folder = memory_copy(path, length);

		files_visit(folder, false, files_offer_program, &files);
		free(folder);
		path += length + (path[length] == ':');
	}
}

/* Whether words of a command can be told apart by blanks alone. A shell obeys quotes of its own. */
static bool files_is_simple(const struct completion *completion, enum complete_form form)
{
	const char *written = completion->word + completion->head;

	if (strpbrk(completion->typed, "\\'\"([{") != NULL)
		return false;
	return form != COMPLETE_SHELL || written[0] == '\0' || strpbrk(written + 1, "'\"") == NULL;
}

/* Offers words of a command: the program first, then files. Whoever quotes inside it is left alone. */
void complete_command(const struct completion *completion, enum complete_form form)
{
	struct completion word = *completion;
	const char *blank = strrchr(completion->typed, ' ');
	const char *typed_blank = strrchr(completion->word + completion->head, ' ');

	if (!files_is_simple(completion, form) || (blank != NULL && typed_blank == NULL))
		return;
	if (blank != NULL) {
		word.typed = blank + 1;
		word.head = (size_t)(typed_blank + 1 - completion->word);
	}
	if (blank == NULL && strchr(word.typed, '/') == NULL)
		files_programs(&word, form);
	else
		complete_files(&word, form, blank == NULL ? COMPLETE_PROGRAM : COMPLETE_ANY);
}
