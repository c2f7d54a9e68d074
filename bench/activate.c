/*
 * activate.c - listens on a port and runs a program as systemd would
 *
 *	activate PORT PROGRAM [ARGUMENT]...
 *
 * The listening socket becomes descriptor 3, LISTEN_FDS and LISTEN_PID tell so.
 */
#define _GNU_SOURCE
#include "load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char pid[24];
	int fd;

	if (argc < 3)
		load_fail("usage: activate PORT PROGRAM [ARGUMENT]...");
	fd = load_listen(argv[1]);
	if (fd == 3) {
		if (fcntl(fd, F_SETFD, 0) < 0)
			load_die("fcntl");
	} else if (dup2(fd, 3) < 0) {
		load_die("dup2");
	}
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (setenv("LISTEN_FDS", "1", 1) < 0 || setenv("LISTEN_PID", pid, 1) < 0)
		load_die("setenv");
	execv(argv[2], argv + 2);
	load_die(argv[2]);
}
