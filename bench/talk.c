/*
 * talk.c - members of a room: what each says is to reach all others
 *
 *	talk PORT MEMBERS SPEAKERS LINES
 *
 * Connects MEMBERS sockets; the first SPEAKERS of them say LINES lines each, all
 * read what the others say. Lines have 32 bytes, "speaker number". Every line
 * is compared: whole, and in the order of its speaker. Prints "deliveries
 * seconds", from the first word to the last one heard.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE 32
#define BUFFER (LINE * 2048)
#define AHEAD 64 /* lines that a speaker says at once */

struct member {
	int fd;
	uint64_t said;	 /* bytes written */
	uint32_t *heard; /* lines, by speaker */
	unsigned char held[LINE];
	size_t holds;
};

static struct member *members;
static uint64_t member_count, speaker_count, line_count;

/* Writes the line of a speaker. */
static void line_make(char *line, uint64_t speaker, uint64_t number)
{
	char text[64];

	snprintf(text, sizeof(text), "%06llu %010llu .............\n", (unsigned long long)speaker,
		(unsigned long long)number);
	memcpy(line, text, LINE);
}

/* Says what the socket takes. Returns whether there is more to say. */
static int speak(struct member *m)
{
	uint64_t index = (uint64_t)(m - members), total = line_count * LINE;
	char block[LINE * AHEAD];

	while (m->said < total) {
		uint64_t first = m->said / LINE, count = line_count - first;
		size_t skip = m->said % LINE;
		ssize_t n;

		if (count > AHEAD)
			count = AHEAD;
		for (uint64_t i = 0; i < count; i++)
			line_make(block + i * LINE, index, first + i);
		n = send(m->fd, block + skip, count * LINE - skip, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n < 0)
			load_die("send");
		m->said += (uint64_t)n;
	}
	return 0;
}

/* Compares one line with what its speaker says next. */
static void check(struct member *m, const unsigned char *line)
{
	uint64_t speaker = 0;
	char expected[LINE];

	for (int i = 0; i < 6; i++)
		speaker = speaker * 10 + (uint64_t)(line[i] - '0');
	if (speaker >= speaker_count)
		load_fail("a line was mixed up");
	line_make(expected, speaker, m->heard[speaker]);
	if (memcmp(line, expected, LINE) != 0)
		load_fail("a line is missing, mixed up or out of order");
	m->heard[speaker]++;
}

/* Hears what has come. Returns how many lines. */
static uint64_t hear(struct member *m)
{
	static unsigned char buffer[LINE + BUFFER];
	ssize_t n = recv(m->fd, buffer + m->holds, BUFFER, MSG_DONTWAIT);
	size_t length, at = 0;
	uint64_t lines = 0;

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		load_fail("a member was thrown out");
	memcpy(buffer, m->held, m->holds);
	length = m->holds + (size_t)n;
	for (; at + LINE <= length; at += LINE, lines++)
		check(m, buffer + at);
	m->holds = length - at;
	memcpy(m->held, buffer + at, m->holds);
	return lines;
}

int main(int argc, char **argv)
{
	struct epoll_event events[256];
	struct rlimit files;
	uint64_t expected, heard = 0;
	double start;
	int ep;

	if (argc != 5)
		load_fail("usage: talk PORT MEMBERS SPEAKERS LINES");
	load_limit(300);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	member_count = load_number(argv[2], 10000);
	speaker_count = load_number(argv[3], member_count);
	line_count = load_number(argv[4], 100000000);
	members = calloc(member_count, sizeof(*members));
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (members == NULL || ep < 0)
		load_die("cannot start");
	for (uint64_t i = 0; i < member_count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &members[i] };

		members[i].fd = load_connect(argv[1]);
		members[i].heard = calloc(speaker_count, sizeof(*members[i].heard));
		if (members[i].heard == NULL ||
			epoll_ctl(ep, EPOLL_CTL_ADD, members[i].fd, &event) < 0)
			load_die("epoll_ctl");
	}
	usleep(300000); /* all of them are in the room */
	expected = speaker_count * line_count * (member_count - 1);
	start = load_seconds();
	for (uint64_t i = 0; i < speaker_count; i++) {
		struct epoll_event event = { .events = EPOLLIN | EPOLLOUT,
			.data.ptr = &members[i] };

		epoll_ctl(ep, EPOLL_CTL_MOD, members[i].fd, &event);
	}
	while (heard < expected) {
		int n = epoll_wait(ep, events, 256, 10000);

		if (n == 0)
			load_fail("nobody has said anything for ten seconds");
		for (int i = 0; i < n; i++) {
			struct member *m = events[i].data.ptr;
			struct epoll_event event = { .events = EPOLLIN, .data.ptr = m };

			if ((events[i].events & EPOLLOUT) && !speak(m))
				epoll_ctl(ep, EPOLL_CTL_MOD, m->fd, &event);
			if (events[i].events & ~(unsigned)EPOLLOUT)
				heard += hear(m);
		}
	}
	printf("%llu %.9f\n", (unsigned long long)heard, load_seconds() - start);
	return 0;
}
