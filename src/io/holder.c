#include "io/holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#define HOLDER_LISTENS 0x0a /* the state of a listening TCP socket in the kernel's tables */

/* The whole of a small file of /proc; owned by the caller, NULL if it can't be read. */
static char *holder_read(const char *path)
{
	struct text text = TEXT_EMPTY;
	char block[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	while ((n = read(fd, block, sizeof(block))) > 0)
		text_add(&text, block, (size_t)n);
	close(fd); /* for a message: not a call that --trace shows */
	return text_take(&text);
}

/* Looks for a socket of the port in one of the kernel's tables: one that listens, or any. Returns whether there is one;
   its inode is 0 where no process has it any more. */
static bool holder_seek(const char *table, int port, bool listens, unsigned long *inode)
{
	char *text = holder_read(table), *rest = text, *line;
	bool found = false;

	while (text != NULL && !found && (line = strsep(&rest, "\n")) != NULL) {
		unsigned here, state;

		if (sscanf(line,
			    " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
			    &here, &state, inode) != 3)
			continue;
		found = (int)here == port && (!listens || state == HOLDER_LISTENS);
	}
	free(text);
	return found;
}

/* The inode of a socket bound to the port, from one of the kernel's tables; 0 if there is none. */
static unsigned long holder_inode(const char *table, int port, bool listens)
{
	unsigned long inode = 0;

	return holder_seek(table, port, listens, &inode) ? inode : 0;
}

/* Whether a process has a descriptor of that name. */
static bool holder_has(const char *pid, const char *name)
{
	char *path = memory_print("/proc/%s/fd", pid);
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
		char target[64];
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target,
			sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		found = strcmp(target, name) == 0;
	}
	if (folder != NULL)
		closedir(folder);
	free(path);
	return found;
}

/* Appends the name and number of the process that has the socket. Returns whether there is one that we may see. */
static bool holder_name(unsigned long inode, struct text *out)
{
	char *name = memory_print("socket:[%lu]", inode);
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
		char *path, *command;

		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
			!holder_has(entry->d_name, name))
			continue;
		path = memory_print("/proc/%s/comm", entry->d_name);
		command = holder_read(path);
		if (command != NULL)
			command[strcspn(command, "\n")] = '\0';
		text_print(out, "%s (%s)", command != NULL ? command : "?", entry->d_name);
		found = true;
		free(command);
		free(path);
	}
	if (folder != NULL)
		closedir(folder);
	free(name);
	return found;
}

/* The inode of the socket that has the port of an address; 0 if there is none. */
static unsigned long holder_find(const struct sockaddr_any *local, int type)
{
	bool stream = type == SOCK_STREAM;
	unsigned long inode;

	if (local->any.sa_family != AF_INET && local->any.sa_family != AF_INET6)
		return 0;
	inode = holder_inode(stream ? "/proc/net/tcp" : "/proc/net/udp", sockaddr_port(local),
		stream);
	if (inode == 0)
		inode = holder_inode(stream ? "/proc/net/tcp6" : "/proc/net/udp6",
			sockaddr_port(local), stream);
	return inode;
}

/* Whether somebody waits at the port of an address of this machine. */
bool holder_waits(const struct sockaddr_any *local, int type)
{
	return holder_find(local, type) != 0;
}

/* Appends who holds the port of an address, as "name (pid)". Returns whether that is known. */
bool holder_of_port(const struct sockaddr_any *local, int type, struct text *out)
{
	unsigned long inode = holder_find(local, type);

	return inode != 0 && holder_name(inode, out);
}

/* Whether nobody waits at a TCP port but an earlier connection of it is still remembered by the kernel. */
bool holder_lingers(const struct sockaddr_any *local)
{
	int port = sockaddr_port(local);
	unsigned long inode;

	return !holder_waits(local, SOCK_STREAM) &&
		(holder_seek("/proc/net/tcp", port, false, &inode) ||
			holder_seek("/proc/net/tcp6", port, false, &inode));
}
