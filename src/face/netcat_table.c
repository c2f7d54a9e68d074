/* The options of the three netcats, a row each. A letter that means different things has a row for each meaning. */
#include <string.h>

#include "base/intl.h"
#include "face/netcat_request.h"

#define OPENBSD NETCAT_OPENBSD
#define TRADITIONAL NETCAT_TRADITIONAL
#define NCAT NETCAT_NCAT
#define NC (NETCAT_OPENBSD | NETCAT_TRADITIONAL)
#define ALL (NETCAT_OPENBSD | NETCAT_TRADITIONAL | NETCAT_NCAT)
#define NO_LETTER '\0'
#define DAY (INT64_C(86400) * 1000000000)
#define LONG (DAY * 365 * 100)

#define AT(member) offsetof(struct netcat_request, member)
#define FLAG(member) NETCAT_FLAG, AT(member), 0, 0
#define TEXT(member) NETCAT_TEXT, AT(member), 0, 0
#define LIST(member) NETCAT_LIST, AT(member), 0, 0
#define NUMBER(member, low, high) NETCAT_NUMBER, AT(member), low, high
#define SECONDS(member, low) NETCAT_SECONDS, AT(member), low, LONG
#define UNITS(member) NETCAT_UNITS, AT(member), 1, LONG
#define SET(member, value) NETCAT_SET, AT(member), value, 0
#define CHOICE(member, value) NETCAT_CHOICE, AT(member), value, 0
#define ABSENT NETCAT_ABSENT, 0, 0, 0

const struct netcat_option netcat_options[] = {
	{ '4', NULL, NULL, ALL, SET(ip, 4), N_("use IPv4 alone") },
	{ '6', NULL, NULL, ALL, SET(ip, 6), N_("use IPv6 alone") },
	{ 'b', NULL, NULL, NC, FLAG(broadcast), N_("allow broadcast") },
	{ 'C', "crlf", NULL, ALL, FLAG(crlf), N_("send lines that end with CR LF") },
	{ 'c', "sh-exec", "<command>", TRADITIONAL | NCAT, TEXT(shell_command),
		N_("have /bin/sh run a command for the other side") },
	{ 'D', NULL, NULL, OPENBSD, FLAG(debug), N_("have the kernel debug the socket") },
	{ 'd', NULL, NULL, OPENBSD, FLAG(no_input), N_("don't read standard input") },
	{ 'd', "delay", "<time>", NCAT, UNITS(pause), N_("wait so long after each line") },
	{ 'e', "exec", "<program>", TRADITIONAL | NCAT, TEXT(program),
		N_("run a program for the other side") },
	{ 'F', NULL, NULL, OPENBSD, FLAG(pass_fd), N_("pass the connected socket over standard output, end") },
	{ 'G', NULL, "<number>", TRADITIONAL | NCAT, NUMBER(hop_pointer, 4, 28),
		N_("pointer of the source route: 4, 8, ..., 28") },
	{ 'g', NULL, "<hops>", TRADITIONAL | NCAT, LIST(hops), N_("route by these hosts") },
	{ 'h', "help", NULL, ALL, FLAG(help), N_("print this help") },
	{ 'I', NULL, "<bytes>", OPENBSD, NUMBER(receive_buffer, 1, INT32_MAX), N_("size of the receive buffer") },
	{ 'i', NULL, "<seconds>", NC, SECONDS(pause, 0),
		N_("wait so long after each line, and between ports") },
	{ 'i', "idle-timeout", "<time>", NCAT, UNITS(idle), N_("end when nothing has passed for so long") },
	{ 'k', "keep-open", NULL, OPENBSD | NCAT, FLAG(keeps), N_("with -l: go on listening") },
	{ 'k', NULL, NULL, TRADITIONAL, FLAG(keepalive), N_("set keepalive") },
	{ 'l', "listen", NULL, ALL, FLAG(listens), N_("listen for connections") },
	{ 'M', NULL, "<ttl>", OPENBSD, NUMBER(ttl, 0, 255), N_("time to live of what is sent") },
	{ 'm', NULL, "<ttl>", OPENBSD, NUMBER(min_ttl, 0, 255), N_("least time to live of what is received") },
	{ 'm', "max-conns", "<number>", NCAT, NUMBER(max_connections, 1, INT32_MAX),
		N_("serve so many at once") },
	{ 'N', NULL, NULL, OPENBSD, FLAG(shut),
		N_("tell the peer that standard input has ended, even if it was empty") },
	{ 'n', "nodns", NULL, ALL, FLAG(numeric), N_("take numbers for hosts, look no name up") },
	{ 'O', NULL, "<bytes>", OPENBSD, NUMBER(send_buffer, 1, INT32_MAX), N_("size of the send buffer") },
	{ 'o', NULL, "<file>", TRADITIONAL, TEXT(hex_file), N_("write the data to a file in hexadecimal") },
	{ 'o', "output", "<file>", NCAT, TEXT(raw_file), N_("write the data to a file") },
	{ 'P', NULL, "<user[:password]>", OPENBSD, TEXT(proxy_user), N_("user:password for the proxy of -x") },
	{ 'p', "source-port", "<port>", ALL, TEXT(source_port), N_("our own port") },
	{ 'q', NULL, "<seconds>", NC, SECONDS(quit, -LONG),
		N_("end so long after standard input has; negative: never") },
	{ 'r', NULL, NULL, NC, FLAG(random), N_("take the ports in random order") },
	{ 'S', NULL, NULL, OPENBSD, ABSENT, N_("TCP MD5 signatures need a key, which nobody is asked for") },
	{ 's', "source", "<address>", ALL, TEXT(source), N_("our own address") },
	{ 'T', NULL, "<word>", NC, TEXT(tos), N_("type of service, by word or number") },
	{ 't', "telnet", NULL, ALL, FLAG(telnet), N_("refuse what a telnet peer wants to negotiate") },
	{ 'U', "unixsock", NULL, OPENBSD | NCAT, FLAG(unix_sockets), N_("use UNIX sockets") },
	{ 'u', "udp", NULL, ALL, CHOICE(protocol, NETCAT_UDP), N_("use UDP; with -U datagrams") },
	{ 'V', NULL, "<rtable>", OPENBSD, ABSENT,
		N_("routing tables are chosen by socket only on OpenBSD; the option netns of nettool comes near") },
	{ 'v', "verbose", NULL, ALL, NETCAT_COUNT, AT(verbose), 0, 0, N_("tell more") },
	{ 'W', NULL, "<packets>", OPENBSD, NUMBER(packets, 1, INT32_MAX),
		N_("end after so many packets from the network") },
	{ 'w', NULL, "<seconds>", NC, SECONDS(wait, 0), N_("wait so long for a connection, and for data") },
	{ 'w', "wait", "<time>", NCAT, UNITS(connect_wait), N_("wait so long for a connection") },
	{ 'X', NULL, "4|5|connect", OPENBSD, TEXT(proxy_protocol),
		N_("what -x speaks: 4, 5 (SOCKS) or connect") },
	{ 'x', NULL, "<proxy>", OPENBSD, TEXT(proxy), N_("go by this proxy, host[:port]") },
	{ 'x', "hex-dump", "<file>", NCAT, TEXT(hex_file), N_("write the data to a file in hexadecimal") },
	{ 'Z', NULL, NULL, OPENBSD, CHOICE(protocol, NETCAT_DCCP), N_("use DCCP") },
	{ 'z', NULL, NULL, ALL, FLAG(scans), N_("tell which ports are open, send nothing") },

	{ NO_LETTER, "sctp", NULL, 0, CHOICE(protocol, NETCAT_SCTP), N_("use SCTP") },
	{ NO_LETTER, "vsock", NULL, 0, CHOICE(protocol, NETCAT_VSOCK), N_("use sockets of virtual machines") },
	{ NO_LETTER, "send-only", NULL, 0, FLAG(send_only), N_("send and don't receive; end with standard input") },
	{ NO_LETTER, "recv-only", NULL, 0, FLAG(receive_only), N_("receive and don't send") },
	{ NO_LETTER, "no-shutdown", NULL, 0, FLAG(no_shutdown),
		N_("don't tell the peer that standard input has ended") },
	{ NO_LETTER, "append-output", NULL, 0, FLAG(append), N_("append to the file of --output") },
	{ NO_LETTER, "broker", NULL, 0, FLAG(broker), N_("with -l: what one peer says all others hear") },
	{ NO_LETTER, "chat", NULL, 0, FLAG(chat), N_("with -l: the same line by line, with names") },
	{ NO_LETTER, "allow", "<hosts>", 0, LIST(allow), N_("with -l: serve these hosts alone") },
	{ NO_LETTER, "allowfile", "<file>", 0, LIST(allow_files), N_("with -l: serve the hosts in a file alone") },
	{ NO_LETTER, "deny", "<hosts>", 0, LIST(deny), N_("with -l: don't serve these hosts") },
	{ NO_LETTER, "denyfile", "<file>", 0, LIST(deny_files), N_("with -l: don't serve the hosts in a file") },
	{ NO_LETTER, "lua-exec", "<file>", 0, ABSENT, N_("there is no Lua here; -e runs a program in any language") },
	{ NO_LETTER, "ssl", NULL, 0, FLAG(ssl), N_("use TLS; with -u DTLS") },
	{ NO_LETTER, "ssl-verify", NULL, 0, FLAG(ssl_verify), N_("TLS: check the peer's certificate") },
	{ NO_LETTER, "ssl-cert", "<file>", 0, TEXT(ssl_certificate), N_("TLS: our certificate") },
	{ NO_LETTER, "ssl-key", "<file>", 0, TEXT(ssl_key), N_("TLS: its private key") },
	{ NO_LETTER, "ssl-trustfile", "<file>", 0, TEXT(ssl_trust), N_("TLS: whom to trust; checks certificates") },
	{ NO_LETTER, "ssl-ciphers", "<list>", 0, TEXT(ssl_ciphers), N_("TLS: ciphers") },
	{ NO_LETTER, "ssl-servername", "<name>", 0, TEXT(ssl_name), N_("TLS: the name to ask for") },
	{ NO_LETTER, "ssl-alpn", "<list>", 0, TEXT(ssl_alpn), N_("TLS: protocols to offer") },
	{ NO_LETTER, "proxy", "<proxy>", 0, TEXT(http_proxy), N_("go by this proxy, host[:port]") },
	{ NO_LETTER, "proxy-type", "http|socks4|socks5", 0, TEXT(proxy_type),
		N_("what --proxy speaks: http, socks4 or socks5") },
	{ NO_LETTER, "proxy-auth", "<user[:password]>", 0, TEXT(proxy_auth), N_("who we are for the proxy") },
	{ NO_LETTER, "proxy-dns", "local|remote", 0, TEXT(proxy_dns), N_("who looks names up: local or remote") },
	{ NO_LETTER, "version", NULL, 0, FLAG(version), N_("print the version") },
	{ NO_LETTER, "translate", NULL, 0, FLAG(translate), N_("print the command line for nettool, run nothing") },
	{ NO_LETTER, "ready-fd", "<fd>", 0, TEXT(ready_fd), N_("write a line there when a listener is bound") },
	{ NO_LETTER, NULL, NULL, 0, ABSENT, NULL },
};
