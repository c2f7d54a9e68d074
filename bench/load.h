/*
 * load.h - what the load generators and reference relays of the benchmark share
 *
 * An address here is a TCP port on 127.0.0.1 (digits), a UNIX socket (has a
 * slash) or, where a program says so, "-" for standard output.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of a transfer repeat after this many, so that any of them can be checked. */
#define PATTERN_SIZE ((size_t)16 << 20)

_Noreturn void load_die(const char *what);
_Noreturn void load_fail(const char *why);
void load_limit(unsigned int seconds);
uint64_t load_number(const char *text, uint64_t max);
double load_seconds(void);
int load_listen(const char *address);
int load_accept(int fd);
int load_connect(const char *address);
void load_nonblock(int fd);
int load_pattern(unsigned char **map);

#endif
