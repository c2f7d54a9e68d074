/* What options store and openers read. Every block has defaults in settings.c. */
#ifndef OPTION_SETTINGS_H
#define OPTION_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/transfer.h"
#include "option/option.h"

/* How data passes, whatever the address. */
struct transfer_settings {
	bool ignore_eof;
	int64_t read_bytes;   /* -1: no limit */
	int64_t read_packets; /* 0: no limit */
	int64_t pause;	      /* behind each line; 0: none */
	int escape;	      /* -1: none */
	int line_ends;	      /* enum line_ends */
	bool crlf_out;	      /* what is written has CR LF, what is read stays as it is */
	bool telnet;	      /* what the peer negotiates is answered, and is no data */
	int null_eof;	      /* -1: what suits the address */
	int half_close;	      /* enum half_close */
	bool end_close;
	bool ends_all;	/* its end is that of the transfer */
	bool ends_soon; /* so is the silence that follows its end */
	bool cool_write;
	const char *lock_file;
	const char *wait_lock;
};

/* What the process is while an address opens, and what it becomes afterwards. */
struct process_settings {
	const char *directory;
	int umask; /* -1: unchanged */
	const char *net_namespace;
	const char *chroot_early;
	const char *chroot;
	int64_t setgid_early; /* -1: unchanged; so for all that follow */
	int64_t setgid;
	int64_t setuid_early;
	int64_t setuid;
	const char *substuser_early;
	const char *substuser;
	const char *substuser_delayed;
	bool setsid;
};

/* An entry in the file system. */
struct name_settings {
	bool unlink_early;
	bool unlink;
	bool unlink_late;
	int unlink_close; /* -1: what suits the address */
	int mode;	  /* -1: not given; so for all that follow */
	int mode_early;
	int mode_late;
	int64_t user;
	int64_t user_early;
	int64_t user_late;
	int64_t group;
	int64_t group_early;
	int64_t group_late;
};

struct socket_settings {
	const char *family; /* ip4, ip6, unix or a number */
	int type;	    /* -1: the address's own */
	int protocol;	    /* -1: the address's own */
	int reuse_address;  /* -1: not given, OPTION_EMPTY: don't touch */
	const char *bind;
	int64_t connect_timeout; /* -1: the system's */
};

struct ip_settings {
	bool numeric;	 /* no names, of hosts or services */
	int source_port; /* -1: any */
	bool low_port;
	int address_config; /* resolver hints: -1 default, 0 off, 1 on */
	int passive;
	int v4_mapped;
	int all;
	const char *name_server;
	int resolver_retrans; /* -1: unchanged */
	int resolver_retry;
	unsigned resolver_set;	 /* RES_* bits switched on */
	unsigned resolver_clear; /* and off */
};

struct unix_settings {
	bool tight_length;
	const char *bind_temporary; /* "" for the default template */
};

struct listen_settings {
	int backlog;
	int64_t accept_timeout; /* -1: none */
};

/* Who may connect. */
struct range_settings {
	const char *range;
	const char *allow; /* the last of them; admit_hosts.c asks for all */
	const char *deny;
	const char *allow_file;
	const char *deny_file;
	const char *wrap_daemon; /* "" for the program's name */
	const char *wrap_allow;
	const char *wrap_deny;
	const char *wrap_directory;
};

struct child_settings {
	bool fork;
	bool poll;	      /* all connections in one process */
	const char *children; /* what happens to them when the listener is ended: keep or term */
	int max_children;     /* 0: no limit */
	int shutup;
};

/* One conversation of all who connect. */
struct hub_settings {
	const char *hub; /* NULL: none, "" or "lines", "bytes", "star" */
	bool names;
	bool echo;	  /* who says something hears it too */
	int64_t queue;	  /* bytes that may wait for one member */
	const char *slow; /* what then: NULL or "close", "drop", "block" */
};

struct retry_settings {
	int64_t retry;
	bool forever;
	int64_t interval; /* nanoseconds */
};

/* A program at the other end, and how we are joined to it. */
struct program_settings {
	bool pipes; /* instead of a socket pair */
	bool pty;
	bool openpty;
	bool ptmx;
	bool nofork;
	bool login;
	bool standard_error; /* goes where its output goes */
	int input;	     /* the number of its descriptor to read from, -1: 0 */
	int output;	     /* and to write to, -1: 1 */
	int process_group;   /* -1: ours, 0: one of its own */
	const char *path;    /* PATH */
	const char *shell;
	bool interrupt; /* signals that are passed on to it */
	bool hangup;
	bool quit;
};

/* A person at the keyboard. */
struct chat_settings {
	const char *history; /* NULL: the usual place */
	const char *prompt;
	const char *no_echo;
	bool no_prompt;
	const char *nick;
	const char *transcript;
	bool timestamps;
	int color; /* -1: as the terminal has it */
	bool bell;
	const char *turns; /* NULL: none; "": the connecting side begins */
};

/* TLS and DTLS. */
struct tls_settings {
	bool verify;
	const char *certificate; /* paths, all three */
	const char *key;
	const char *authorities;
	const char *authority_folder;
	const char *common_name; /* NULL: the host; "": any */
	const char *server_name; /* NULL: the common name, or the host */
	bool no_server_name;
	const char *protocols;
	int64_t handshake_timeout;
	const char *min_version;
	const char *max_version;
	const char *method;
	const char *ciphers;
	const char *dh_parameters;
	const char *compress;
	int max_fragment; /* 0: the library's; so is the next */
	int max_sent;
	bool fips;
	const char *random_daemon;
	bool pseudo_random;
};

/* A pseudo terminal. */
struct pty_settings {
	const char *link;
	bool wait;
	int64_t interval;
	int64_t patience; /* how long it may be without anybody at the other end */
	int follow;	  /* our terminal's size; -1: unless one was given */
};

extern const struct settings_block transfer_block, weather_block, process_block, name_block,
	socket_block, ip_block, unix_block, listen_block, range_block, child_block, hub_block,
	retry_block, program_block, pty_block, chat_block, tls_block;

#endif
