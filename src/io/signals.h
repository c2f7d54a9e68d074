/*
 * Signals as one more readable descriptor. The handler writes one byte; what has arrived is asked for between
 * two turns of a loop, so nothing needs to be safe against interruption.
 */
#ifndef IO_SIGNALS_H
#define IO_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

int signals_open(uint64_t ending);
void signals_add(uint64_t ending);
int signals_reopen(void);
int signals_default(void);
int signals_fd(void);
int signals_ending(void);
void signals_remind(void);
bool signals_take_child(void);
bool signals_take_window(void);
void signals_take_ending(int number);
bool signals_take_statistics(void);

#endif
