/* The table of -D: what the descriptors of a transfer are. */
#include "session/describe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/sockaddr.h"

static const char *describe_kind(mode_t mode)
{
	static const struct {
		mode_t format;
		const char *word;
	} words[] = {
		{ S_IFREG, "file" },
		{ S_IFDIR, "dir" },
		{ S_IFCHR, "chrdev" },
		{ S_IFBLK, "blkdev" },
		{ S_IFIFO, "pipe" },
		{ S_IFSOCK, "socket" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if ((mode & S_IFMT) == words[i].format)
			return words[i].word;
	}
	return "?";
}

/* The part of a line that depends on what the descriptor is. */
static void describe_details(int fd, const struct stat *status, struct text *line)
{
	struct sockaddr_any address;
	char text[SOCKADDR_TEXT];

	if (S_ISSOCK(status->st_mode)) {
		if (sockaddr_local(fd, &address) == 0)
			text_print(line, " local=%s", sockaddr_plain(&address, text));
		if (sockaddr_peer(fd, &address) == 0)
			text_print(line, " peer=%s", sockaddr_plain(&address, text));
	} else if (S_ISREG(status->st_mode)) {
		text_print(line, " offset=%lld size=%lld", (long long)lseek(fd, 0, SEEK_CUR),
			(long long)status->st_size);
	} else if (isatty(fd)) {
		text_print(line, " tty=%s", ttyname(fd) != NULL ? ttyname(fd) : "?");
	}
}

static void describe_one(int fd)
{
	struct text line = TEXT_EMPTY;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return;
	text_print(&line,
		"%4d %-7s device=%llu:%llu inode=%llu mode=%04o links=%llu uid=%u gid=%u flags=0%o",
		fd, describe_kind(status.st_mode), (unsigned long long)status.st_dev >> 8,
		(unsigned long long)status.st_dev & 0xff, (unsigned long long)status.st_ino,
		(unsigned)status.st_mode & 07777, (unsigned long long)status.st_nlink,
		(unsigned)status.st_uid, (unsigned)status.st_gid, (unsigned)fcntl(fd, F_GETFL));
	describe_details(fd, &status, &line);
	log_forced(LOG_LEVEL_NOTICE, "%s", line.data);
	text_free(&line);
}

/* Describes the descriptors of both directions. */
void describe_streams(const struct flow flows[2])
{
	log_forced(LOG_LEVEL_NOTICE, "  FD type    device inode mode links uid gid flags");
	for (int i = 0; i < 2; i++) {
		if (flows[i].from != NULL)
			describe_one(flows[i].from->rfd);
		if (flows[i].to != NULL)
			describe_one(flows[i].to->wfd);
	}
}
