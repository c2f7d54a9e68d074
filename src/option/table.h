/* The tables of options and the functions that apply what a constant alone can't say. */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include "option/check.h"
#include "option/option.h"

extern const struct option option_table_every[], option_table_process[], option_table_file[],
	option_table_socket[], option_table_ip[], option_table_tcp[], option_table_unix[],
	option_table_listen[], option_table_program[], option_table_terminal[], option_table_chat[],
	option_table_tls[];

/* apply_socket.c */
option_apply apply_sockopt;	    /* as many ints as the kind has */
option_apply apply_sockopt_seconds; /* struct timeval */
option_apply apply_sockopt_linger;
option_apply apply_sockopt_string;
option_apply apply_sockopt_byte;
option_apply apply_sockopt_data;  /* OPTION_DATA to level and number of the row */
option_apply apply_sockopt_given; /* level and name from the value: setsockopt= and its kin */
option_apply apply_socket_owner;  /* fiosetown, siocspgrp: ioctl with a pointer to an int */
option_apply apply_ip_options;	  /* data, appended to what is there */

/* apply_multicast.c */
option_apply apply_ip_membership;
option_apply apply_ip_source_membership;
option_apply apply_ipv6_join;
option_apply apply_ipv6_source_join;
option_apply apply_multicast_interface;

/* multicast.c */
int check_membership(const char *value, char **reason);
int check_ipv6_join(const char *value, char **reason);
int check_source_membership(const char *value, char **reason);

/* apply_inode.c */
option_apply apply_inode_flag; /* number: FS_*_FL */

/* apply_file.c */
option_apply apply_open_flag; /* fcntl F_SETFL for descriptors that nobody opened here */
option_apply apply_cloexec;
option_apply apply_flock;	/* number: LOCK_EX | LOCK_NB ... */
option_apply apply_record_lock; /* number: F_SETLK or F_SETLKW; level: F_RDLCK or F_WRLCK */
option_apply apply_pipe_size;
option_apply apply_truncate;
option_apply apply_seek;	  /* number: SEEK_* */
option_apply apply_ioctl;	  /* by the option's kind */
option_apply apply_ioctl_pointer; /* a pointer to a number */
option_apply apply_nothing;	  /* words of other systems: options_create warns */

/* apply_terminal.c. Levels of bits are words of struct termios, in setflags' numbers. */
enum terminal_word {
	TERMINAL_INPUT,
	TERMINAL_OUTPUT,
	TERMINAL_CONTROL,
	TERMINAL_LOCAL,
	TERMINAL_WORD_COUNT,
};
enum terminal_speed {
	TERMINAL_SPEED_INPUT = 1,
	TERMINAL_SPEED_OUTPUT = 2,
	TERMINAL_SPEED_BOTH = 3,
};
option_apply apply_terminal_bits;      /* level, mask; number of a constant, or given */
option_apply apply_terminal_word;      /* word and bits from the value: setflags= */
option_apply apply_terminal_character; /* number: index of c_cc */
option_apply apply_terminal_speed;     /* level: direction; number: B* of a constant */
option_apply apply_terminal_raw;
option_apply apply_terminal_rawer;
option_apply apply_terminal_cfmakeraw;
option_apply apply_terminal_sane;
option_apply apply_terminal_size;
option_apply apply_terminal_control;
int check_terminal_speed(const char *value, char **reason);
int check_terminal_word(const char *value, char **reason);

#endif
