#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>

int fd_pipe(int ends[2]);
int fd_set_cloexec(int fd, bool on);
int fd_set_nonblocking(int fd, bool on);
int fd_above_standard(int fd);
void fd_close(int *fd);
int fd_allow_many(void);
void fd_limit_restore(void);
int fd_write_all(int fd, const void *data, size_t length);

#endif
