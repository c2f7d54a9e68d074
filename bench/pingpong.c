/*
 * pingpong.c - one-byte round trips over one connection, one after the other
 *
 *	pingpong ADDRESS COUNT
 *
 * Prints "median p90 p99" in nanoseconds, after COUNT / 10 trips that are not
 * counted.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One byte there and back; returns the seconds it took. */
static double round_trip(int fd, char byte)
{
	double start = load_seconds();
	char back;

	if (write(fd, &byte, 1) != 1)
		load_die("write");
	if (read(fd, &back, 1) != 1)
		load_die("read");
	if (back != byte)
		load_fail("another byte came back");
	return load_seconds() - start;
}

int main(int argc, char **argv)
{
	size_t count;
	double *took;
	int fd;

	if (argc != 3)
		load_fail("usage: pingpong ADDRESS COUNT");
	load_limit(300);
	count = (size_t)load_number(argv[2], 100000000);
	took = calloc(count + 1, sizeof(*took));
	if (!took)
		load_die("calloc");
	fd = load_connect(argv[1]);
	for (size_t i = 0; i < count / 10; i++)
		round_trip(fd, (char)i);
	for (size_t i = 0; i < count; i++)
		took[i] = round_trip(fd, (char)i);
	qsort(took, count, sizeof(*took), compare);
	printf("%.0f %.0f %.0f\n", took[count / 2] * 1e9, took[count * 9 / 10] * 1e9,
		took[count * 99 / 100] * 1e9);
	free(took);
	return 0;
}
