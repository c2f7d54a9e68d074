/*
 * A capture file as Wireshark reads it (pcapng): one section, an interface for each address, then packets. Processes
 * that have forked from each other write to one file: each hands over whole blocks in one call, so that what is there
 * is whole at any moment, whoever is ended how.
 */
#ifndef FILTER_PCAPNG_H
#define FILTER_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>

#include "filter/frame.h"

struct pcapng;

/* What is told of a packet besides its bytes. */
struct pcapng_note {
	unsigned interface;
	bool inbound;	     /* it was read */
	const char *comment; /* or NULL */
};

struct pcapng *pcapng_create(int fd);
unsigned pcapng_interface(struct pcapng *file, const char *name);
size_t pcapng_most(const struct pcapng *file);
void pcapng_add(struct pcapng *file, const struct pcapng_note *note, const struct frame *frame);
void pcapng_flush(struct pcapng *file);
bool pcapng_failed(const struct pcapng *file);
void pcapng_free(struct pcapng *file);

#endif
