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
#include <termios.h>
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
#if !defined VSWTC && defined VSWTCH
#define VSWTC VSWTCH
#endif
#if !defined XTABS && defined TAB3
#define XTABS TAB3
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

/* Terminals. */
#ifndef CRTSCTS
#define CRTSCTS OPTION_MISSING
#endif
#ifndef ECHOCTL
#define ECHOCTL OPTION_MISSING
#endif
#ifndef ECHOKE
#define ECHOKE OPTION_MISSING
#endif
#ifndef ECHOPRT
#define ECHOPRT OPTION_MISSING
#endif
#ifndef FLUSHO
#define FLUSHO OPTION_MISSING
#endif
#ifndef IMAXBEL
#define IMAXBEL OPTION_MISSING
#endif
#ifndef IUCLC
#define IUCLC OPTION_MISSING
#endif
#ifndef OCRNL
#define OCRNL OPTION_MISSING
#endif
#ifndef OFDEL
#define OFDEL OPTION_MISSING
#endif
#ifndef OFILL
#define OFILL OPTION_MISSING
#endif
#ifndef OLCUC
#define OLCUC OPTION_MISSING
#endif
#ifndef ONLCR
#define ONLCR OPTION_MISSING
#endif
#ifndef ONLRET
#define ONLRET OPTION_MISSING
#endif
#ifndef ONOCR
#define ONOCR OPTION_MISSING
#endif
#ifndef PENDIN
#define PENDIN OPTION_MISSING
#endif
#ifndef TIOCSCTTY
#define TIOCSCTTY OPTION_MISSING
#endif
#ifndef TIOCSWINSZ
#define TIOCSWINSZ OPTION_MISSING
#endif
#ifndef VDISCARD
#define VDISCARD OPTION_MISSING
#endif
#ifndef VDSUSP
#define VDSUSP OPTION_MISSING
#endif
#ifndef VEOL2
#define VEOL2 OPTION_MISSING
#endif
#ifndef VLNEXT
#define VLNEXT OPTION_MISSING
#endif
#ifndef VREPRINT
#define VREPRINT OPTION_MISSING
#endif
#ifndef VSWTC
#define VSWTC OPTION_MISSING
#endif
#ifndef VWERASE
#define VWERASE OPTION_MISSING
#endif
#ifndef XCASE
#define XCASE OPTION_MISSING
#endif
#ifndef XTABS
#define XTABS OPTION_MISSING
#endif

/* Delays of terminals: the field, and its values. */
#ifndef BSDLY
#define BSDLY OPTION_MISSING
#endif
#ifndef BS0
#define BS0 OPTION_MISSING
#endif
#ifndef BS1
#define BS1 OPTION_MISSING
#endif
#ifndef CRDLY
#define CRDLY OPTION_MISSING
#endif
#ifndef CR0
#define CR0 OPTION_MISSING
#endif
#ifndef CR1
#define CR1 OPTION_MISSING
#endif
#ifndef CR2
#define CR2 OPTION_MISSING
#endif
#ifndef CR3
#define CR3 OPTION_MISSING
#endif
#ifndef FFDLY
#define FFDLY OPTION_MISSING
#endif
#ifndef FF0
#define FF0 OPTION_MISSING
#endif
#ifndef FF1
#define FF1 OPTION_MISSING
#endif
#ifndef NLDLY
#define NLDLY OPTION_MISSING
#endif
#ifndef NL0
#define NL0 OPTION_MISSING
#endif
#ifndef NL1
#define NL1 OPTION_MISSING
#endif
#ifndef TABDLY
#define TABDLY OPTION_MISSING
#endif
#ifndef TAB0
#define TAB0 OPTION_MISSING
#endif
#ifndef TAB1
#define TAB1 OPTION_MISSING
#endif
#ifndef TAB2
#define TAB2 OPTION_MISSING
#endif
#ifndef TAB3
#define TAB3 OPTION_MISSING
#endif
#ifndef VTDLY
#define VTDLY OPTION_MISSING
#endif
#ifndef VT0
#define VT0 OPTION_MISSING
#endif
#ifndef VT1
#define VT1 OPTION_MISSING
#endif

/* Speeds of terminals beyond those that POSIX has. */
#ifndef B900
#define B900 OPTION_MISSING
#endif
#ifndef B3600
#define B3600 OPTION_MISSING
#endif
#ifndef B7200
#define B7200 OPTION_MISSING
#endif
#ifndef B57600
#define B57600 OPTION_MISSING
#endif
#ifndef B115200
#define B115200 OPTION_MISSING
#endif
#ifndef B230400
#define B230400 OPTION_MISSING
#endif
#ifndef B460800
#define B460800 OPTION_MISSING
#endif
#ifndef B500000
#define B500000 OPTION_MISSING
#endif
#ifndef B576000
#define B576000 OPTION_MISSING
#endif
#ifndef B921600
#define B921600 OPTION_MISSING
#endif
#ifndef B1000000
#define B1000000 OPTION_MISSING
#endif
#ifndef B1152000
#define B1152000 OPTION_MISSING
#endif
#ifndef B1500000
#define B1500000 OPTION_MISSING
#endif
#ifndef B2000000
#define B2000000 OPTION_MISSING
#endif
#ifndef B2500000
#define B2500000 OPTION_MISSING
#endif
#ifndef B3000000
#define B3000000 OPTION_MISSING
#endif
#ifndef B3500000
#define B3500000 OPTION_MISSING
#endif
#ifndef B4000000
#define B4000000 OPTION_MISSING
#endif

#endif
