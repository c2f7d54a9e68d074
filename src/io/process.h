/* Child processes. This is the only place that forks. */
#ifndef IO_PROCESS_H
#define IO_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

pid_t process_fork(void);
pid_t process_fork_program(void);
int process_wait(pid_t pid);
pid_t process_reap(int *status);
int process_exit_status(int status);

#endif
