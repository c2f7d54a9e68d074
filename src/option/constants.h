/*
 * The constants of the tables: those of this system's headers, and OPTION_MISSING for what it doesn't have.
 * An option whose constant is missing is refused as not built in, before anything is opened.
 */
#ifndef OPTION_CONSTANTS_H
#define OPTION_CONSTANTS_H

#include <sys/types.h>

#include <arpa/nameser.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <resolv.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "option/option.h"

/* The same thing under another name. */
#if !defined TCP_CORK && defined TCP_NOPUSH
#define TCP_CORK TCP_NOPUSH
#endif
#if !defined TCP_KEEPIDLE && defined TCP_KEEPALIVE
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif
#ifndef O_LARGEFILE
#define O_LARGEFILE 0 /* files are always allowed to be large */
#endif
#if !defined IPV6_FLOWINFO && defined __linux__
#define IPV6_FLOWINFO 11 /* of <linux/in6.h>, which libcs leave out */
#endif

/* Attributes of inodes, which apply_inode.c sets. */
#if HAVE_LINUX_FS_H
#include <linux/fs.h>
#define INODE_FLAG(flag) \
	{ \
		.apply = apply_inode_flag, .number = flag, .symbol = #flag \
	}
#else
#define INODE_FLAG(flag) \
	{ \
		.apply = apply_nothing, .number = OPTION_MISSING, .symbol = #flag \
	}
#endif

/* Multicast groups, which apply_multicast.c joins where both kinds of requests are there. */
#if HAVE_STRUCT_IP_MREQN && HAVE_STRUCT_GROUP_SOURCE_REQ
#define MULTICAST(function, constant) \
	{ \
		.apply = function, .number = constant, .symbol = #constant \
	}
#else
#define MULTICAST(function, constant) \
	{ \
		.apply = apply_nothing, .number = OPTION_MISSING, .symbol = "struct ip_mreqn" \
	}
#endif

/* Files and processes. */
#ifndef O_ASYNC
#define O_ASYNC OPTION_MISSING
#endif
#ifndef O_DIRECT
#define O_DIRECT OPTION_MISSING
#endif
#ifndef O_DSYNC
#define O_DSYNC OPTION_MISSING
#endif
#ifndef O_NOATIME
#define O_NOATIME OPTION_MISSING
#endif
#ifndef O_RSYNC
#define O_RSYNC OPTION_MISSING
#endif
#ifndef F_SETPIPE_SZ
#define F_SETPIPE_SZ OPTION_MISSING
#endif
#ifndef CLONE_NEWNET
#define CLONE_NEWNET OPTION_MISSING
#endif

/* Sockets. */
#ifndef FIOSETOWN
#define FIOSETOWN OPTION_MISSING
#endif
#ifndef SIOCSPGRP
#define SIOCSPGRP OPTION_MISSING
#endif
#ifndef SO_ATTACH_FILTER
#define SO_ATTACH_FILTER OPTION_MISSING
#endif
#ifndef SO_BINDTODEVICE
#define SO_BINDTODEVICE OPTION_MISSING
#endif
#ifndef SO_BSDCOMPAT
#define SO_BSDCOMPAT OPTION_MISSING
#endif
#ifndef SO_DETACH_FILTER
#define SO_DETACH_FILTER OPTION_MISSING
#endif
#ifndef SO_NO_CHECK
#define SO_NO_CHECK OPTION_MISSING
#endif
#ifndef SO_PASSCRED
#define SO_PASSCRED OPTION_MISSING
#endif
#ifndef SO_PEERCRED
#define SO_PEERCRED OPTION_MISSING
#endif
#ifndef SO_PRIORITY
#define SO_PRIORITY OPTION_MISSING
#endif
#ifndef SO_REUSEPORT
#define SO_REUSEPORT OPTION_MISSING
#endif
#ifndef SO_SECURITY_AUTHENTICATION
#define SO_SECURITY_AUTHENTICATION OPTION_MISSING
#endif
#ifndef SO_SECURITY_ENCRYPTION_NETWORK
#define SO_SECURITY_ENCRYPTION_NETWORK OPTION_MISSING
#endif
#ifndef SO_SECURITY_ENCRYPTION_TRANSPORT
#define SO_SECURITY_ENCRYPTION_TRANSPORT OPTION_MISSING
#endif
#ifndef SO_TIMESTAMP
#define SO_TIMESTAMP OPTION_MISSING
#endif

/* IPv4. */
#ifndef IP_FREEBIND
#define IP_FREEBIND OPTION_MISSING
#endif
#ifndef IP_MTU
#define IP_MTU OPTION_MISSING
#endif
#ifndef IP_MTU_DISCOVER
#define IP_MTU_DISCOVER OPTION_MISSING
#endif
#ifndef IP_PKTINFO
#define IP_PKTINFO OPTION_MISSING
#endif
#ifndef IP_PKTOPTIONS
#define IP_PKTOPTIONS OPTION_MISSING
#endif
#ifndef IP_RECVERR
#define IP_RECVERR OPTION_MISSING
#endif
#ifndef IP_RECVOPTS
#define IP_RECVOPTS OPTION_MISSING
#endif
#ifndef IP_RECVTOS
#define IP_RECVTOS OPTION_MISSING
#endif
#ifndef IP_RECVTTL
#define IP_RECVTTL OPTION_MISSING
#endif
#ifndef IP_RETOPTS
#define IP_RETOPTS OPTION_MISSING
#endif
#ifndef IP_ROUTER_ALERT
#define IP_ROUTER_ALERT OPTION_MISSING
#endif
#ifndef IP_TRANSPARENT
#define IP_TRANSPARENT OPTION_MISSING
#endif

/* IPv6. */
#ifndef IPV6_AUTHHDR
#define IPV6_AUTHHDR OPTION_MISSING
#endif
#ifndef IPV6_DSTOPTS
#define IPV6_DSTOPTS OPTION_MISSING
#endif
#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO OPTION_MISSING
#endif
#ifndef IPV6_HOPLIMIT
#define IPV6_HOPLIMIT OPTION_MISSING
#endif
#ifndef IPV6_HOPOPTS
#define IPV6_HOPOPTS OPTION_MISSING
#endif
#ifndef IPV6_MTU_DISCOVER
#define IPV6_MTU_DISCOVER OPTION_MISSING
#endif
#ifndef IPV6_PKTINFO
#define IPV6_PKTINFO OPTION_MISSING
#endif
#ifndef IPV6_RECVDSTOPTS
#define IPV6_RECVDSTOPTS OPTION_MISSING
#endif
#ifndef IPV6_RECVERR
#define IPV6_RECVERR OPTION_MISSING
#endif
#ifndef IPV6_RECVHOPLIMIT
#define IPV6_RECVHOPLIMIT OPTION_MISSING
#endif
#ifndef IPV6_RECVHOPOPTS
#define IPV6_RECVHOPOPTS OPTION_MISSING
#endif
#ifndef IPV6_RECVPATHMTU
#define IPV6_RECVPATHMTU OPTION_MISSING
#endif
#ifndef IPV6_RECVPKTINFO
#define IPV6_RECVPKTINFO OPTION_MISSING
#endif
#ifndef IPV6_RECVRTHDR
#define IPV6_RECVRTHDR OPTION_MISSING
#endif
#ifndef IPV6_RECVTCLASS
#define IPV6_RECVTCLASS OPTION_MISSING
#endif
#ifndef IPV6_RTHDR
#define IPV6_RTHDR OPTION_MISSING
#endif
#ifndef IPV6_TCLASS
#define IPV6_TCLASS OPTION_MISSING
#endif

/* TCP. */
#ifndef TCP_CORK
#define TCP_CORK OPTION_MISSING
#endif
#ifndef TCP_DEFER_ACCEPT
#define TCP_DEFER_ACCEPT OPTION_MISSING
#endif
#ifndef TCP_INFO
#define TCP_INFO OPTION_MISSING
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT OPTION_MISSING
#endif
#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE OPTION_MISSING
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL OPTION_MISSING
#endif
#ifndef TCP_LINGER2
#define TCP_LINGER2 OPTION_MISSING
#endif
#ifndef TCP_MD5SIG
#define TCP_MD5SIG OPTION_MISSING
#endif
#ifndef TCP_QUICKACK
#define TCP_QUICKACK OPTION_MISSING
#endif
#ifndef TCP_SYNCNT
#define TCP_SYNCNT OPTION_MISSING
#endif
#ifndef TCP_USER_TIMEOUT
#define TCP_USER_TIMEOUT OPTION_MISSING
#endif
#ifndef TCP_WINDOW_CLAMP
#define TCP_WINDOW_CLAMP OPTION_MISSING
#endif

#endif
